// Which workers there are and what each does. A worker is idle, works on a batch, or is stuck: its
// handler ignored the deadline, its attempt was given up, and another worker may do its share.
// Belongs to the DISPATCHER's thread.
#pragma once

#include "actors/messages.hpp"

#include <cstddef>
#include <functional>
#include <list>

namespace errand {

/// Starts worker number `worker_number` for this dispatcher.
using worker_factory = std::function<worker_actor(const dispatcher_actor&, worker_number)>;

class worker_table {
public:
  struct worker {
    worker_number number = 0; ///< Never used again for another.
    pool_number pool = 0;
    worker_factory make; ///< Of it, and of who takes its place.
    worker_actor actor;
    steady_time started_at{};
    unsigned quick_deaths = 0; ///< So many before it, one after the other, lived shortly.
    attempt_batch_ptr batch;   ///< What it works on; null while idle.
    const attempt_batch::slot* stuck = nullptr; ///< In `batch`: the attempt that was given up.

    bool idle() const { return !batch; }
    bool busy() const { return batch && !stuck; }
  };

  /// A new idle worker; all but its number and pool is up to the caller. References stay valid
  /// until erase().
  worker& add(pool_number pool);
  void erase(const worker& gone);

  /// Null if there is none, or none any more.
  worker* find(worker_number number);
  worker* find(const caf::actor_addr& address);

  size_t size() const { return workers_.size(); }
  size_t busy() const;
  size_t stuck() const;
  size_t usable(pool_number pool) const; ///< Idle or busy, of that pool.

  auto begin() { return workers_.begin(); }
  auto end() { return workers_.end(); }
  auto begin() const { return workers_.begin(); }
  auto end() const { return workers_.end(); }

private:
  std::list<worker> workers_; ///< By number.
  worker_number last_ = 0;
};

} // namespace errand
