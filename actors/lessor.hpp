// LESSOR: lets workers outside of the process wait for attempts. To the STORE those who want the
// same tasks are one claim, however many they are, so a waiting worker costs an entry here and
// nothing else. Cooperative: it never blocks.
//
// Who waited longest is served first, with all that it takes. What was leased for somebody who has
// gone meanwhile is put back at once. What a worker waited for when it let a lease pass is over: it
// may be frozen. If it is well, it asks again.
#pragma once

#include "actors/messages.hpp"
#include "task/time.hpp"

#include <caf/actor_addr.hpp>

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace errand {

/// A worker that asked for nothing for so long is not shown any more, unless it waits.
inline constexpr std::chrono::seconds worker_remembered{60};

/// So many are shown.
inline constexpr size_t lease_workers_max = 10'000;

/// Everything the LESSOR remembers.
struct lessor_state {
  // Not an aggregate: CAF would else find that C++20 lets it start from a self pointer, and do it.
  lessor_state() = default;

  struct waiting_worker {
    client_actor client;
    request_number request;
    lease_wish wish;
    bool waits; ///< Else it is answered whatever there is.
  };

  /// Workers that want the same.
  struct crew {
    pool_number number;
    work_filter_ptr filter;
    std::map<uint64_t, waiting_worker> waiting; ///< By ticket, so by age.
    uint64_t claim = 0;                         ///< Number of the newest.
    std::vector<uint64_t> claimed_for;          ///< Its tickets; empty: none is open.
  };
  using crews = std::map<std::pair<std::vector<std::string>, std::vector<std::string>>, crew>;

  struct known_worker {
    work_filter_ptr filter; ///< As it asked last.
    timestamp seen{};
    size_t waits = 0; ///< So many of its requests.
  };

  store_actor store;
  wall_clock now;

  crews all; ///< By queues and kinds, each in order. Only those in which somebody waits.
  std::map<pool_number, crews::iterator> by_number;
  std::map<std::pair<caf::actor_id, request_number>, std::pair<crews::iterator, uint64_t>>
      by_request;
  std::map<std::string, known_worker> workers;
  pool_number last_crew = first_crew;
  uint64_t last_ticket = 0;
  uint64_t last_claim = 0;

  static inline const char* name = "lessor";
};

lessor_actor::behavior_type lessor(lessor_actor::stateful_pointer<lessor_state> self,
                                   store_actor store, wall_clock now);

} // namespace errand
