// The STORE's part in leases: what workers outside get, and what they tell. Its own.
#pragma once

#include "actors/store_transaction.hpp"

#include <string>
#include <vector>

namespace errand {

/// What a claim got.
struct served_claim {
  pool_number pool = 0; ///< Whose it was.
  std::vector<attempt_spec> attempts;
  std::vector<lease_share> shares; ///< The same attempts, if they are leased.
  uint64_t claim = 0;              ///< lease_claim::number, if they are.
};

/// Claims for those who wait, and leases each its share; store_state::unheard gets none.
served_claim serve_leases(store_state& state, const lease_claim& claim);

/// After the commit in which workers let leases pass: none of them is served any more for what it
/// waited for before. Such a worker may be frozen while its requests wait on, and each would take
/// the task that was just queued again, and lose it.
void stop_serving_unheard(store_pointer self);

// In the open transaction, and noting what is to be told after the commit. False: the store
// failed.
std::optional<std::vector<lease_state>> keep_leases(store_state& state,
                                                    const std::vector<lease_sign>& signs);
std::vector<std::optional<task_state>> end_leases(store_state& state,
                                                  const std::vector<lease_end>& ends);

/// How many were put back.
size_t release_leases(store_state& state, const std::string& worker);
void release_leases(store_state& state, const std::vector<lease_token>& tokens);

} // namespace errand
