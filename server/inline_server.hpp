// A server for tests of programs that embed one: it does what is asked in the thread that asks, by
// a clock that the test moves, on a store of its own in memory. No actors, threads, sockets or
// files. It drives the same store by the same verbs as STORE, SCHEDULER and one WORKER would, in
// order.
//
// Time. The clock may be far ahead of what was done. The next call goes back to where the last one
// left off, and from one due time to the next up to where it found the clock; each thing is done at
// its own time. While a handler runs the clock is at that handler's time, and its sleep lets other
// things fall due, but not run: there is one worker.
#pragma once

#include "actors/retention.hpp"
#include "handlers/attempt_time.hpp"
#include "handlers/registry.hpp"
#include "store/store.hpp"
#include "task/logger.hpp"

#include <errand/deferred.hpp>
#include <errand/inline_clock.hpp>
#include <errand/options.hpp>
#include <errand/task.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace errand {

/// Any thread; calls from several take turns. A call from within a handler, so by the thread that
/// has the turn, is carried out at once, save that what it makes ready runs when the handler has
/// returned.
class inline_server final : private attempt_time {
public:
  /// `handlers` has the program's and the built-in ones. Throws StartError.
  inline_server(const Options& options, std::shared_ptr<handler_registry> handlers, Time start);

  InlineClock& clock() { return clock_; }

  /// Throws std::logic_error while a handler runs.
  void handle(std::string kind, Handler handler);

  // As TaskServer has them; each throws RequestError.
  task_id submit(const task_spec& spec);
  std::vector<task_id> submit_batch(const task_batch& batch);
  task get(const task_id& id);
  task wait(const task_id& id, Seconds patience);
  task cancel(const task_id& id);
  void schedule(const schedule_put& wanted);
  Deferred defer(std::function<void()> closure);
  size_t drain(size_t at_most);

  /// From now on the calls above are refused.
  void stop() { is_stopped_ = true; }

private:
  // -- attempt_time, for the handler that runs --
  steady_time now() const override;
  timestamp wall() const override;
  bool wait_cancelled(attempt_batch& batch, const attempt_batch::slot& mine,
                      steady_time until) override;

  std::unique_lock<std::recursive_timed_mutex> take_turn();
  bool in_handler() const { return !running_.empty(); }
  void set_clock(timestamp time);

  template <class Change>
  status try_change(Change change);
  template <class Change>
  auto change(Change change);
  template <class Change>
  auto carry_out(Change change);

  void tell(const std::vector<attempt_ref>& to_cancel);
  bool move_due(store& db);
  bool run_one();
  void run(attempt_spec spec);
  void run_due(size_t at_most);
  void prune();
  duration wait_after_failure(const task_id& id);
  RequestError cannot_end(const task& row);

  const duration timeout_grace_;
  const retention keep_;
  std::shared_ptr<handler_registry> handlers_;
  work_filter_ptr runs_; ///< What they are for.
  InlineClock clock_;
  logger_ptr log_;
  std::unique_ptr<store> db_;
  std::unique_ptr<store_reader> reader_;
  attempt_runner runner_;

  std::recursive_timed_mutex turn_; ///< For all below.
  std::atomic<bool> is_stopped_ = false;
  timestamp reached_;                   ///< What was due by then is done.
  std::vector<attempt_batch*> running_; ///< One attempt each; the last one's handler is at it.
  std::optional<timestamp> more_at_; ///< When a rate lets through more, as the last claim saw it.
  size_t ran_ = 0;                   ///< Attempts of the outermost call.
  size_t at_most_ = 0;               ///< So many may be.
};

/// Handlers that wait for tasks whose handlers wait, and so on; and deferred closures that defer.
/// Each costs some of the thread's stack.
inline constexpr int inline_depth_max = 100;

} // namespace errand
