// Doubles of the actors behind the FRONT: they keep tasks in memory, answer submits in batches as
// the STORE does, and can be told to keep silent. Their state is shared with the test's thread.
#pragma once

#include "http/front_actor.hpp"
#include "http/route.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <vector>

namespace errand::test {

/// All members may be called by any thread.
class peer_doubles {
public:
  explicit peer_doubles(caf::actor_system& system);
  ~peer_doubles();

  front_peers handles() const { return peers_; }

  /// From now on submits wait for release_submits().
  void hold_submits();
  void release_submits();
  size_t held_submits() const;

  /// Submits are answered with this status (if it is not ok), and nothing is kept.
  void fail_submits(status why);

  /// Replies that come with `keep` are not kept.
  void refuse_replies();
  size_t replies_kept_later() const;

  /// That peer does not answer probes.
  void silence(peer who);

  /// The STORE's answer to probes.
  void fail_store_probe(status why);

  /// Tasks that were accepted. A submit whose unique key is "taken" is answered as a duplicate.
  size_t accepted() const;
  std::vector<task> tasks() const;
  list_request last_list() const;
  search_request last_search() const;

  /// What queues were told, and what EVENTS was told beside facts.
  std::vector<queue_order> queue_orders() const;
  std::vector<notice> notices() const;

  /// Who waits for leases; all that asked; and what nobody heard of and was put back.
  size_t waiting_workers() const;
  std::vector<lease_request> lease_requests() const;
  size_t leases_put_back() const;
  int dismissals(const std::string& worker) const; ///< Steps.

  /// Leases the task to who waits longest.
  void lease_out(const task& row);
  void show_lease_worker(worker_view worker, lease_view leased);
  std::vector<lease_sign> signs() const; ///< All that were told.
  std::vector<lease_end> ends() const;

  /// Ends the task and tells whoever watches it.
  void finish(const task_id& id);
  size_t watchers() const;

  /// Adds a line to the task's log and tells whoever follows it.
  void log(const task_id& id, std::string text);

  /// Sends the slice to every live subscriber, whatever its filter.
  void publish(event_slice slice);

  /// The answers to the next subscriptions, one each; an empty slice after them.
  void answer_subscriptions_by(std::vector<event_slice> slices);

  std::vector<subscription> subscriptions() const; ///< All that came.
  size_t subscribers() const;                      ///< That are live.

  /// Shared with the actors.
  struct shared_state;

private:
  std::shared_ptr<shared_state> state_;
  front_peers peers_;
};

} // namespace errand::test
