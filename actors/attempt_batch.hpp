// Attempts claimed together, shared by the workers that run them. The first few slots are pinned:
// each was claimed for one worker, in order. The others were claimed ahead: whoever is free takes
// the next, so a slow attempt delays no other while any worker is free.
#pragma once

#include "task/task.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace errand {

/// The number of a worker within its server, from 1; names in rows and logs end in it.
using worker_number = uint32_t;

/// All members may be called by any thread.
class attempt_batch {
public:
  struct slot {
    attempt_spec spec;
    std::atomic<worker_number> taken_by{0};
    std::atomic<steady_time> begun_at{steady_time{}}; ///< Set right after `taken_by`.
    std::atomic<bool> cancelled{false};               ///< Its handler should end early.
    std::atomic<bool> reported{false};                ///< Its outcome is on the way to the store.
    std::atomic<bool> given_up{false}; ///< Reported by the DISPATCHER; the handler may still run.

    /// When its timeout is over. Only for slots that were begun.
    steady_time deadline() const { return begun_at.load() + spec.timeout; }
  };

  /// Precondition: pinned <= specs.size().
  attempt_batch(std::vector<attempt_spec> specs, size_t pinned);

  size_t size() const { return slots_.size(); }
  const slot& at(size_t index) const { return slots_[index]; }

  /// Takes pinned slot `index` for its worker, which begins it `now`; nothing if it was withdrawn.
  slot* take_pinned(size_t index, worker_number who, steady_time now);

  /// Takes the next slot that was claimed ahead; nothing if none is left.
  slot* take_next(worker_number who, steady_time now);

  /// Whether take_next() has nothing left to give.
  bool exhausted() const { return next_.load(std::memory_order_acquire) >= slots_.size(); }

  /// Takes back whatever no worker has taken, for good, and tells which attempts those are.
  std::vector<attempt_ref> withdraw();

  /// What `who` took and did not report.
  std::vector<attempt_ref> unreported_by(worker_number who) const;

  /// The slot that `who` took, began and did not report; null if there is none.
  slot* running_of(worker_number who);

  /// Tells the handlers of what `who` took and did not report to end early.
  void cancel(worker_number who);

  /// What cancel(ref) found.
  enum class found { nothing, running, unclaimed };

  /// Tells that attempt's handler to end early; if no worker has taken it, none will any more.
  found cancel(const attempt_ref& ref);

  /// Blocks until `mine` (of this batch) is cancelled or `until` is past; whether it is cancelled.
  bool wait_cancelled(const slot& mine, steady_time until);

private:
  bool take(slot& wanted, worker_number who);

  std::vector<slot> slots_;
  std::atomic<size_t> next_; ///< The first slot that take_next() has not looked at.
  std::mutex mutex_;         ///< For `cancelled_changed_` alone.
  std::condition_variable cancelled_changed_;
};

using attempt_batch_ptr = std::shared_ptr<attempt_batch>;

} // namespace errand
