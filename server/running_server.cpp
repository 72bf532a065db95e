// Builds all parts in order and stops them in reverse.
#include "server/running_server.hpp"

#include "actors/dispatcher.hpp"
#include "actors/events.hpp"
#include "actors/lessor.hpp"
#include "actors/reader.hpp"
#include "actors/scheduler.hpp"
#include "actors/statistics.hpp"
#include "actors/store_actor.hpp"
#include "actors/worker.hpp"
#include "handlers/http_handler.hpp"
#include "http/front.hpp"
#include "server/access_setup.hpp"
#include "server/actor_errors.hpp"
#include "server/configured_handlers.hpp"
#include "server/exec_options.hpp"
#include "server/lookups.hpp"
#include "server/pools.hpp"
#include "server/printable.hpp"
#include "server/program_worker.hpp"
#include "server/resources.hpp"
#include "server/routes.hpp"
#include "server/settings.hpp"
#include "server/spdlog_logger.hpp"
#include "server/store_setup.hpp"
#include "server/version.hpp"

#include <errand/server.hpp>

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/intrusive_ptr.hpp>
#include <caf/io/middleman.hpp>
#include <caf/logger.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace errand {

namespace {

/// How long the program's actors get to exit once the server's have.
constexpr std::chrono::seconds actors_patience{2};

struct caf_config : caf::actor_system_config {
  caf_config() {
    load<caf::io::middleman>();
    // Few cooperative actors, and none of them computes; the other policy polls when idle.
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", size_t{2});
    set("middleman.workers", size_t{0}); // they would serve node-to-node messages
    // A second read per event would mostly find nothing, and lets a pipeliner pile up input.
    set("middleman.max-consecutive-reads", size_t{1});
    add_error_categories(*this);
  }
};

durability to_store(Durability value) {
  return value == Durability::commit ? durability::commit : durability::relaxed;
}

/// What was running when the store was last closed has lost its worker. How many those are.
status_or<size_t> put_back_running(store& db) {
  if (auto begun = db.begin(); !begun.ok())
    return begun;
  const auto facts = db.recover(system_now());
  if (auto done = db.commit(); !done.ok())
    return done;
  return facts.size();
}

/// Names of the server's own, which metrics always tell apart.
known_labels known_labels_of(const Options& options, std::vector<std::string> kinds) {
  known_labels known{{task_spec{}.queue}, std::move(kinds)};
  for (const auto& [name, queue] : options.queues)
    known.queues.push_back(name);
  return known;
}

template <class T>
T or_throw(status_or<T> value) {
  if (!value.ok())
    throw StartError{value.why().message()};
  return std::move(*value);
}

/// The end of CAF's system waits until nobody holds its logger, and a thread of ours that has
/// spawned an actor would.
void let_go_of_logger() {
  caf::logger::set_current_actor_system(nullptr);
}

/// Looks again and again: CAF tells of none of this without blocking for as long as it takes.
template <class Predicate>
bool is_true_in_time(std::chrono::steady_clock::time_point until, Predicate is_true) {
  while (!is_true()) {
    if (std::chrono::steady_clock::now() >= until)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

/// Keeps it for the rest of the process, where a leak checker finds it.
template <class T>
void leave_behind(T what) {
  static std::mutex mutex;
  static auto& all = *new std::vector<T>; // outlives whatever still uses them at the exit
  const std::lock_guard lock{mutex};
  all.push_back(std::move(what));
}

status stopped_status() {
  return {ec::draining, "The server is stopped, or about to be."};
}

} // namespace

running_server::running_server(server_parts parts) : parts_(std::move(parts)) {
  const auto& options = parts_.options;
  if (const auto wrong = wrong_options(options); !wrong.empty())
    throw StartError{joined(wrong)};
  const auto sender =
      std::make_shared<http_sender>(sender_options(options.http_task, version_text));
  // Opened below. What the workers run owns it: with the last of them its reader is closed.
  const auto lookups = std::make_shared<std::unique_ptr<handler_lookups>>();
  if (const auto wrong = unusable_commands(options); !wrong.empty())
    throw StartError{joined(wrong)};
  add_server_handlers(*parts_.handlers, options, sender,
                      [weak = std::weak_ptr(lookups)](const task_id& id) {
                        return (*weak.lock())->final_task(id);
                      });
  const auto kinds = parts_.handlers->kinds();
  if (const auto wrong = kinds_without_handler(options, kinds); !wrong.empty())
    throw StartError{joined(wrong)};
  log_ = make_logger(options.log_level, options.log_format);
  auto db = or_throw(open_store({options.store, to_store(options.durability)}));
  auto reading = or_throw(db->open_reader());
  *lookups = std::make_unique<handler_lookups>(or_throw(db->open_reader()),
                                               redaction(options.redact_args));
  const upstream_lookup look_up = [lookups](const task_id& downstream) {
    return (*lookups)->upstream_results(downstream);
  };
  if (const auto preset = preset_queues(*db, options.queues); !preset.ok())
    throw StartError{preset.message()};
  const auto lost = or_throw(put_back_running(*db));
  listening_ = or_throw(open_listener(options.http.listen, options.http.port));
  log_->info("listening", {{"address", listening_.url()},
                           {"store", options.store},
                           {"workers", std::to_string(worker_count(options.workers))},
                           {"version", version_text}});
  warn_of_access(options, listening_, *log_);
  for (const auto& line : routes_without_handler(options.routes, kinds))
    log_->warn(line);
  if (lost > 0)
    log_->warn("attempts were lost with the server that ran them",
               {{"attempts", std::to_string(lost)}});
  spawn_actors(std::move(db), std::move(reading), look_up);
  let_go_of_logger();
}

void running_server::spawn_actors(std::unique_ptr<store> db, std::unique_ptr<store_reader> reading,
                                  upstream_lookup look_up) {
  const auto& options = parts_.options;
  config_ = std::make_unique<caf_config>();
  system_ = std::make_unique<caf::actor_system>(*config_);
  auto& sys = *system_;
  const wall_clock now = system_now;

  actors_.events = sys.spawn(events, options.events_buffer, now, log_);
  actors_.statistics =
      sys.spawn(statistics, known_labels_of(options, parts_.handlers->kinds()), now);
  actors_.store = sys.spawn<caf::detached>(store_writer,
                                           std::make_shared<std::unique_ptr<store>>(std::move(db)),
                                           actors_.events, actors_.statistics, now, log_);
  actors_.reader = sys.spawn<caf::detached>(
      reader, std::make_shared<std::unique_ptr<store_reader>>(std::move(reading)));
  actors_.scheduler = sys.spawn(scheduler, actors_.store, to_store(options.retention), now);

  actors_.lessor = sys.spawn(lessor, actors_.store, now);

  around_ = {std::move(look_up), log_, [to = actors_.store](attempt_note note) {
               caf::anon_send(to, note_atom_v, std::move(note));
             }};
  const auto runner = make_runner(parts_.handlers, around_.look_up, log_, around_.send);
  const worker_factory make_worker =
      [&sys, runner, now, to = actors_.store](const dispatcher_actor& from, worker_number number) {
        return sys.spawn<caf::detached>(worker, number, from, to, runner, now);
      };
  const auto pools = worker_pools(options, parts_.handlers->kinds());
  for (const auto& each : pools)
    pools_.push_back(each.name);
  const dispatcher_options dispatching{
      pools, options.claim_ahead,
      std::chrono::ceil<std::chrono::milliseconds>(options.timeout_grace),
      options.max_stuck_workers};
  actors_.dispatcher = sys.spawn(dispatcher, actors_.store, make_worker, dispatching, now, log_);
  clerk_ = sys.spawn(errand::clerk, parts_.desk);
  tasks_ = sys.spawn(errand::tasks, actors_.store, actors_.reader, actors_.events);
  deferred_ = std::make_shared<deferred_queue>(options.max_deferred);
  deferred_threads_ =
      std::make_unique<deferred_threads>(deferred_, worker_count(options.defer_workers), log_);
}

void running_server::serve() {
  const auto& options = parts_.options;
  front_setup setup;
  setup.options = options.http;
  setup.options.max_connections = affordable_connections(options.http.max_connections, *log_);
  setup.listening = listening_.sockets;
  setup.peers = {actors_.store,
                 actors_.reader,
                 actors_.events,
                 actors_.dispatcher,
                 actors_.scheduler,
                 actors_.statistics,
                 actors_.lessor,
                 clerk_,
                 tasks_};
  setup.access = make_access_setup(options);
  setup.redact = std::make_shared<const redaction>(options.redact_args);
  setup.ingress = check_routes(options.routes).routes;
  setup.program_routes = parts_.routes;
  setup.known_kinds = parts_.handlers->kinds();
  for (const auto& [name, pool] : options.pools) // those that workers of the program run
    setup.known_kinds.insert(setup.known_kinds.end(), pool.kinds.begin(), pool.kinds.end());
  setup.version = version_text;
  setup.log = log_;
  setup.now = system_now;
  actors_.front = system_->middleman().spawn_broker(front, std::move(setup));
  // Not only for who asks at once: a stop in the very turn of CAF's loop that opens the acceptor
  // would leak it.
  if (!is_answered(listening_, front_patience))
    log_->warn("no answer yet", {{"address", listening_.url()}});
  let_go_of_logger();
}

deferred_queue* running_server::deferred() const {
  return deferred_threads_->start() ? deferred_.get() : nullptr;
}

bool running_server::add_worker(const std::string& pool, ActorAccess::Spawn spawn) const {
  const auto found = std::find(pools_.begin(), pools_.end(), pool);
  if (found == pools_.end())
    return false;
  worker_order order;
  order.pool = static_cast<pool_number>(found - pools_.begin());
  order.make = [&sys = *system_, store = actors_.store, around = around_,
                spawn = std::move(spawn)](const dispatcher_actor& from, worker_number number) {
    return sys.spawn(program_worker, number, from, store, spawn(sys), around, system_now);
  };
  caf::anon_send(actors_.dispatcher, start_atom_v,
                 std::make_shared<const worker_order>(std::move(order)));
  return true;
}

size_t running_server::end() {
  log_->info("stopping");
  parts_.desk->stop_waiting(stopped_status());
  caf::anon_send(tasks_, drain_atom_v);
  const auto patience = std::chrono::ceil<std::chrono::milliseconds>(parts_.options.drain_timeout);
  const auto until = std::chrono::steady_clock::now() + patience;
  if (const auto dropped = deferred_->close(); dropped > 0)
    log_->warn("deferred closures were cancelled", {{"closures", std::to_string(dropped)}});
  uint64_t handlers = 0;
  {
    caf::scoped_actor self{*system_};
    auto terminating = system_->spawn(terminator, actors_, log_);
    const auto deadline = patience + front_patience + store_patience + std::chrono::seconds{15};
    self->request(terminating, deadline, drain_atom_v, static_cast<uint64_t>(patience.count()))
        .receive(
            [&](done_atom, uint64_t handlers_left) { handlers = handlers_left; },
            [&](const caf::error& why) {
              log_->error("the server did not stop in order", {{"reason", system_->render(why)}});
              handlers = 1;
            });
  }
  const auto closures = deferred_->wait_for_running(until);
  parts_.desk->shut(stopped_status());
  log_->info("stopped", {{"handlers_left", std::to_string(handlers)},
                         {"closures_left", std::to_string(closures)}});
  left_behind_ = handlers + closures;
  return left_behind_;
}

/// Destroys CAF's system, if that takes no longer. False if it does: then it never ends, and is not
/// to be touched by its owner any more.
bool running_server::end_system(std::chrono::steady_clock::time_point until) {
  // Last of all CAF's destructor waits until nobody holds its logger. As long as this does, all
  // that the program may still use of the system is there.
  caf::intrusive_ptr<caf::logger> hold{&system_->logger()};
  std::thread ending;
  try {
    ending = std::thread{[system = system_.release(), config = config_.release()] {
      delete system;
      delete config;
    }};
  } catch (const std::system_error&) { // no thread can be had
    return false;
  }
  if (!is_true_in_time(until, [&] { return hold->unique(); })) {
    ending.detach();
    leave_behind(std::move(hold));
    return false;
  }
  hold.reset();
  ending.join();
  return true;
}

bool running_server::let_go() {
  caf::anon_send_exit(clerk_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(tasks_, caf::exit_reason::user_shutdown);
  clerk_ = clerk_actor{};
  tasks_ = inner_tasks_actor{};
  actors_ = {};
  around_ = {};
  let_go_of_logger();
  const auto until = std::chrono::steady_clock::now() + actors_patience;
  const bool has_ended = left_behind_ == 0;
  if (has_ended)
    deferred_threads_->join();
  // The system's destructor would wait for handlers and actors that may never end. Nor may it be
  // left to run when they have: nothing tells when the last of them, which still uses the system
  // after it was counted out, is done with it.
  const bool is_idle =
      has_ended && is_true_in_time(until, [&] { return system_->registry().running() == 0; });
  if (!is_idle) {
    leave_behind(std::move(system_));
    leave_behind(std::move(config_));
  }
  const bool is_gone = is_idle && end_system(until);
  if (has_ended && !is_gone)
    log_->warn("actors of the program did not exit, or are still held; they are left behind");
  return is_gone;
}

running_server::~running_server() = default;

} // namespace errand
