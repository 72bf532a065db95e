// The task server as an object.
#pragma once

#include <errand/deferred.hpp>
#include <errand/handler.hpp>
#include <errand/inline_clock.hpp>
#include <errand/options.hpp>
#include <errand/route.hpp>
#include <errand/task.hpp>
#include <errand/typed_handler.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace caf {
class actor_system;
}

#pragma GCC visibility push(default)
namespace errand {

/// Thrown by load_options(), start() and run(): the store, the port or an option does not allow it.
/// what() says which, with the value, and what to do.
class StartError : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Options as `errand serve` without flags has them: out of that file of settings, or without a
/// name the one that the variable ERRAND_CONFIG names, or errand.toml if there is one in this
/// directory; and over it the ERRAND_* variables. Throws StartError with all that is wrong, a line
/// for each.
Options load_options(const std::string& file = {});

/// So many attempts run in one call of a server in inline mode, unless drain() says otherwise. More
/// is taken for a task that makes itself due again and again.
inline constexpr size_t inline_attempts_max = 100'000;

/// One server: store, workers and HTTP. Several may live in one process, each with its own store
/// and port; nothing is global but what start() does to the process. Every call may come from any
/// thread, several at a time, save that the object must have been made before and be destroyed
/// after. A handler, a closure and a function of route() must not call stop(): request_stop() is
/// for them.
class TaskServer {
public:
  explicit TaskServer(Options options);

  /// stop(), if it runs.
  ~TaskServer();

  TaskServer(const TaskServer&) = delete;
  TaskServer& operator=(const TaskServer&) = delete;

  // -- Before it starts; std::logic_error afterwards -------------------------------------------

  /// Says what runs tasks of `kind` (1..128 of [A-Za-z0-9._:/-]); replaces an earlier handler, also
  /// a built-in one. Throws std::invalid_argument for a kind that is not so, or that begins
  /// with "errand.", and for an empty handler.
  void handle(std::string kind, Handler handler);

  /// The same with values of your own in place of JSON; see typed_handler().
  template <class Args, class Result, class Function>
  void handle(std::string kind, Function function) {
    handle(std::move(kind), typed_handler<Args, Result>(std::move(function)));
  }

  /// Adds a path to HTTP; replaces an earlier route, also one of Options::routes. `method` is GET,
  /// POST, PUT, PATCH or DELETE (GET brings HEAD), `path` the decoded path as a whole, none of the
  /// server's own. Throws std::invalid_argument if they are not so, or `function` is empty.
  void route(std::string method, std::string path, RouteFunction function,
             RouteScope scope = RouteScope::submit);

  // -- Life -------------------------------------------------------------------------------------

  /// Opens the store, puts back what was running when it was last closed, listens. Returns when
  /// requests are answered. Throws StartError, and then nothing was started. A server that was
  /// stopped can't be started again. In the whole process, and for as long as that lives, it
  /// ignores SIGPIPE and SIGXFSZ, leaving other signals alone, and raises the soft limit of open
  /// files (RLIMIT_NOFILE) to the hard one.
  void start();

  /// start(), then blocks until SIGINT or SIGTERM (or request_stop()), then stop(). A second signal
  /// ends the process at once with exit status 128 + its number. True if stop() is. To be called
  /// before the program starts threads of its own, or with both signals blocked in those: a signal
  /// that another thread takes does what it does by default.
  bool run();

  /// Stops accepting, answers what is in flight, waits up to drain_timeout for running handlers and
  /// closures, tells the handlers that still run through TaskContext::cancelled() and puts their
  /// tasks back. Closures that have not begun are cancelled. Whoever waits in one of the calls
  /// below gets RequestError. False if a handler or closure still ran when it returned, or an actor
  /// of the program was there (see system()): it is left behind with what it needs of the server,
  /// for the rest of the process, and a main() should then leave by std::_Exit. A second call waits
  /// for the first and does nothing.
  bool stop();

  /// Makes run() go on to stop(). Also for handlers; returns at once.
  void request_stop();

  /// The port that it listens on; 0 before start().
  uint16_t port() const;

  // -- Tasks, while it runs ---------------------------------------------------------------------

  // Each blocks until it is answered, mostly for milliseconds and at most for 30 s (wait() for its
  // patience besides), and throws RequestError: `stopped`, `timed_out`, `store_full`,
  // `store_failed`, and what stands with it. Also for handlers; not for functions of route(), whose
  // thread must not block.

  /// The task's id, once it is durable; of the task that stands for it, if `unique` says so.
  /// `invalid`, `not_unique`.
  TaskId submit(const TaskSpec& spec);

  /// All or none of them, in order; one commit. At most 10,000; of none there are no ids.
  /// `invalid`, `not_unique`.
  std::vector<TaskId> submit_batch(const std::vector<TaskSpec>& specs);

  /// The task as it is. `not_found`.
  Task get(const TaskId& id);

  /// The task once it has ended, or as it is when `patience` (at most a year) is over. `not_found`,
  /// also if it is deleted meanwhile; `stopped` as soon as stop() begins.
  Task wait(const TaskId& id, Seconds patience);

  /// The task as it is then: cancelled at once unless it runs; then its handler is told.
  /// `not_found`; `wrong_state` if it has ended.
  Task cancel(const TaskId& id);

  /// Makes or changes the schedule of that name (1..128 of [A-Za-z0-9._:/-]). `invalid`.
  void schedule(const std::string& name, const Schedule& what);

  // -- Closures that need no durability ---------------------------------------------------------

  /// Runs it soon on one of Options::defer_workers' threads, in the order of the calls. It is in
  /// memory only: it is gone with the process, and not tried again. What it throws is logged, and
  /// rethrown by Deferred::wait(). Does not block. Throws RequestError: `full` if there are
  /// max_deferred already, or the system has not one thread for them; `stopped` if the server does
  /// not run. Also for handlers and functions of route().
  Deferred defer(std::function<void()> closure);

  // -- With CAF actors of your own, while it runs; include <errand/actors.hpp> ------------------

  // Each throws RequestError (`stopped`) if the server does not run.

  /// Where the server's actors live, and where yours may. Valid until stop(), which waits two
  /// seconds for the program's actors to exit, a caf::scoped_actor among them; link them to
  /// tasks(), which exits then. If some have not, or a handle of a detached one is still held,
  /// stop() leaves the system behind for the rest of the process: they may go on, and may end at
  /// any time. A thread that spawned one (or has had a caf::scoped_actor) must call stop() itself,
  /// or caf::logger::set_current_actor_system(nullptr) when it has: CAF waits for it.
  caf::actor_system& system();

  /// A TasksActor: these calls by message.
  auto tasks();

  /// One more worker for that pool (a name in Options::pools, or "default"): an actor that speaks
  /// WorkerActor, made by `behavior` (what CAF's spawn() takes), with a thread of its own. It may
  /// block, and may answer later. If it exits, the attempt in hand counts as crashed, and another
  /// takes its place: at once, or if it keeps exiting, after a wait that grows to ten seconds.
  /// Throws std::invalid_argument if there is no such pool.
  template <class Behavior>
  void spawn_worker(const std::string& pool, Behavior behavior);

  // -- Inline mode, for tests -------------------------------------------------------------------

  /// In place of start(): from now on the calls above do their work in the thread that calls, on a
  /// store of its own in memory (whatever Options::store says), by a clock that stands still until
  /// it is moved. There are no threads, no HTTP, no leases and no files; nothing takes real time
  /// but what handlers do.
  ///
  /// submit() and submit_batch() run the tasks before they return, and so what these make ready:
  /// tasks that come after them, retries without a wait. What is due later runs by drain() once the
  /// clock was moved. All times are those of the clock: created_at, delay, run_at, expiry,
  /// schedules, rates, retention, and a run's timeout_s; sleep_for() moves the clock on instead of
  /// blocking. Limits, pauses, unique keys and all other rules hold. Waits of retries are without
  /// jitter.
  ///
  /// In a handler, submit() and its like only add: what they make ready runs when the handler has
  /// returned. wait() in a handler runs what is due now until the task has ended, and throws
  /// RequestError (wrong_state) that says why if it can't end by that; elsewhere it returns the
  /// task as it is then, without regard to its patience. defer() runs the closure before it
  /// returns. handle() and route() may still be called, not by handlers; routes are not served. The
  /// kinds `http`, `exec` and `email` have no handler but one that is told by handle(), and
  /// callbacks are not sent: their tasks stay queued, so no test reaches the world outside unless
  /// it says so.
  ///
  /// Calls from several threads take turns. A call that runs handlers must not be made with a lock
  /// that a handler takes.
  ///
  /// The clock lives as long as this. Throws StartError if an option is wrong, std::logic_error if
  /// the server was started or is in inline mode already. To be called before other threads use the
  /// server. start() and run() throw std::logic_error from then on; stop() ends it.
  InlineClock& inline_mode(Time start = inline_start);

  /// Runs all that is due by where the clock stands, in the order of time: the clock goes back to
  /// where the last call left off, and from one due time to the next, so that each task, retry and
  /// fire of a schedule has its own time. Then deletes what retention gives away. How many attempts
  /// ran. Every other call but get() begins with the same, save for retention. Throws
  /// std::runtime_error once `at_most` attempts have run and more is due, such as a task that
  /// submits itself again at once (so do the other calls, with inline_attempts_max);
  /// std::logic_error from a handler, or if the server is not in inline mode.
  size_t drain(size_t at_most = inline_attempts_max);

private:
  friend struct ActorAccess;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace errand
#pragma GCC visibility pop
