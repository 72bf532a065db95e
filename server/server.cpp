// Builds all parts in order and stops them in reverse.

#include "actors/dispatcher.hpp"
#include "actors/events.hpp"
#include "actors/lessor.hpp"
#include "actors/reader.hpp"
#include "actors/scheduler.hpp"
#include "actors/statistics.hpp"
#include "actors/store_actor.hpp"
#include "actors/terminator.hpp"
#include "actors/worker.hpp"
#include "handlers/callback_handler.hpp"
#include "handlers/http_handler.hpp"
#include "handlers/registry.hpp"
#include "http/front.hpp"
#include "http/listener.hpp"
#include "server/access_setup.hpp"
#include "server/configured_handlers.hpp"
#include "server/exec_options.hpp"
#include "server/lookups.hpp"
#include "server/pools.hpp"
#include "server/resources.hpp"
#include "server/routes.hpp"
#include "server/settings.hpp"
#include "server/signals.hpp"
#include "server/spdlog_logger.hpp"
#include "server/version.hpp"
#include "task/spec_rules.hpp"

#include <errand/server.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/logger.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <cstdlib>
#include <thread>

namespace errand {

namespace {

struct caf_config : caf::actor_system_config {
  caf_config() {
    load<caf::io::middleman>();
    // Few cooperative actors, and none of them computes; the other policy polls when idle.
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", size_t{2});
    set("middleman.workers", size_t{0}); // they would serve node-to-node messages
    // A second read per event would mostly find nothing, and lets a pipeliner pile up input.
    set("middleman.max-consecutive-reads", size_t{1});
  }
};

durability to_store(Durability value) {
  return value == Durability::commit ? durability::commit : durability::relaxed;
}

/// What lies beyond three centuries, infinity too, is for ever, and no matter for a 64-bit time.
std::optional<duration> kept_for(Seconds age) {
  constexpr Seconds for_ever{1e10};
  if (age >= for_ever)
    return std::nullopt;
  return std::chrono::round<duration>(age);
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

queue_settings to_store(const QueueOptions& options) {
  queue_settings settings;
  settings.concurrency = options.concurrency;
  settings.group_concurrency = options.group_concurrency;
  if (options.rate)
    settings.rate = rate_limit{options.rate->limit, duration_of(options.rate->per.count())};
  settings.weight = options.weight;
  settings.paused = options.paused;
  return settings;
}

status preset_queues(store& db, const std::map<std::string, QueueOptions>& options) {
  std::map<std::string, queue_settings> presets;
  for (const auto& [name, queue] : options)
    presets.emplace(name, to_store(queue));
  if (auto begun = db.begin(); !begun.ok())
    return begun;
  db.preset_queues(presets);
  return db.commit();
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines)
    text += (text.empty() ? "" : "\n") + line;
  return text;
}

template <class T>
T or_throw(status_or<T> value) {
  if (!value.ok())
    throw StartError{value.why().message()};
  return std::move(*value);
}

} // namespace

struct TaskServer::Impl {
  explicit Impl(Options chosen) : options(std::move(chosen)) { add_builtin_handlers(*handlers); }

  void start();
  bool stop();
  void spawn_actors(std::unique_ptr<store> db, std::unique_ptr<store_reader> reading,
                    upstream_lookup look_up, const listener& listening);

  Options options;
  std::shared_ptr<http_sender> sender =
      std::make_shared<http_sender>(sender_options(options.http_task, version_text));
  std::shared_ptr<handler_registry> handlers = std::make_shared<handler_registry>();
  wake_event stop_requested; ///< For run().
  bool all_ended = true;     ///< No handler was left behind.
  logger_ptr log;
  uint16_t port = 0;

  // Handles must go before the system: it waits for detached actors that somebody still holds.
  std::unique_ptr<caf_config> config;
  std::unique_ptr<caf::actor_system> system;
  running_actors actors;
};

void TaskServer::Impl::spawn_actors(std::unique_ptr<store> db,
                                    std::unique_ptr<store_reader> reading, upstream_lookup look_up,
                                    const listener& listening) {
  config = std::make_unique<caf_config>();
  system = std::make_unique<caf::actor_system>(*config);
  auto& sys = *system;
  const wall_clock now = system_now;

  actors.events = sys.spawn(events, options.events_buffer, now, log);
  actors.statistics = sys.spawn(statistics, now);
  actors.store = sys.spawn<caf::detached>(store_writer,
                                          std::make_shared<std::unique_ptr<store>>(std::move(db)),
                                          actors.events, actors.statistics, now, log);
  actors.reader = sys.spawn<caf::detached>(
      reader, std::make_shared<std::unique_ptr<store_reader>>(std::move(reading)));
  const retention keep{kept_for(options.retention.succeeded), kept_for(options.retention.failed)};
  actors.scheduler = sys.spawn(scheduler, actors.store, keep, now);

  actors.lessor = sys.spawn(lessor, actors.store, now);

  const auto runner =
      make_runner(handlers, std::move(look_up), log, [to = actors.store](attempt_note note) {
        caf::anon_send(to, note_atom_v, std::move(note));
      });
  const worker_factory make_worker =
      [&sys, runner, now, to = actors.store](const dispatcher_actor& from, worker_number number) {
        return sys.spawn<caf::detached>(worker, number, from, to, runner, now);
      };
  const dispatcher_options dispatching{
      worker_pools(options, handlers->kinds()), options.claim_ahead,
      std::chrono::ceil<std::chrono::milliseconds>(options.timeout_grace),
      options.max_stuck_workers};
  actors.dispatcher = sys.spawn(dispatcher, actors.store, make_worker, dispatching, now, log);

  front_setup setup;
  setup.options = options.http;
  setup.options.max_connections = affordable_connections(options.http.max_connections, *log);
  setup.listening = listening.sockets;
  setup.peers = {actors.store,     actors.reader,     actors.events, actors.dispatcher,
                 actors.scheduler, actors.statistics, actors.lessor};
  setup.access = make_access_setup(options);
  setup.redact = std::make_shared<const redaction>(options.redact_args);
  setup.ingress = check_routes(options.routes).routes;
  setup.known_kinds = handlers->kinds();
  setup.version = version_text;
  setup.log = log;
  setup.now = now;
  const auto listening_front = sys.middleman().spawn_broker(front, std::move(setup));
  actors.front = listening_front;

  // Wait until it listens: a stop() in the very turn of CAF's loop that opens the acceptor leaks
  // it.
  caf::scoped_actor self{sys};
  self->request(listening_front, front_patience, sweep_atom_v)
      .receive([] {}, [](const caf::error&) {});
}

void TaskServer::Impl::start() {
  if (const auto wrong = wrong_options(options); !wrong.empty())
    throw StartError{joined(wrong)};
  // Opened below. What the workers run owns it: with the last of them its reader is closed.
  const auto lookups = std::make_shared<std::unique_ptr<handler_lookups>>();
  add_callback_handler(*handlers, sender, [weak = std::weak_ptr(lookups)](const task_id& id) {
    return (*weak.lock())->final_task(id);
  });
  if (const auto wrong = unusable_commands(options); !wrong.empty())
    throw StartError{joined(wrong)};
  add_configured_handlers(*handlers, options, sender);
  if (const auto wrong = kinds_without_handler(options, handlers->kinds()); !wrong.empty())
    throw StartError{joined(wrong)};
  log = make_logger(options.log_level, options.log_format);
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
  const auto listening = or_throw(open_listener(options.http.listen, options.http.port));
  port = listening.port;
  log->info("listening", {{"address", listening.url()},
                          {"store", options.store},
                          {"workers", std::to_string(worker_count(options.workers))},
                          {"version", version_text}});
  warn_of_access(options, listening, *log);
  for (const auto& line : routes_without_handler(options.routes, handlers->kinds()))
    log->warn(line);
  if (lost > 0)
    log->warn("attempts were lost with the server that ran them",
              {{"attempts", std::to_string(lost)}});
  spawn_actors(std::move(db), std::move(reading), look_up, listening);
  // The system's end waits until nobody holds its logger, and this thread, which made it, would.
  caf::logger::set_current_actor_system(nullptr);
}

bool TaskServer::Impl::stop() {
  if (!system)
    return all_ended;
  log->info("stopping");
  const auto patience = std::chrono::ceil<std::chrono::milliseconds>(options.drain_timeout);
  uint64_t left_behind = 0;
  {
    caf::scoped_actor self{*system};
    auto terminating = system->spawn(terminator, actors, log);
    const auto deadline = patience + front_patience + store_patience + std::chrono::seconds{15};
    self->request(terminating, deadline, drain_atom_v, static_cast<uint64_t>(patience.count()))
        .receive(
            [&](done_atom, uint64_t handlers_left) { left_behind = handlers_left; },
            [&](const caf::error& why) {
              log->error("the server did not stop in order", {{"reason", system->render(why)}});
              left_behind = 1;
            });
  }
  actors = {};
  if (left_behind > 0) {
    // Its destructor would wait for handlers that may never return.
    system.release();
    config.release();
  }
  system.reset();
  config.reset();
  log->info("stopped", {{"handlers_left", std::to_string(left_behind)}});
  all_ended = left_behind == 0;
  return all_ended;
}

TaskServer::TaskServer(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}

TaskServer::~TaskServer() {
  stop();
}

void TaskServer::handle(std::string kind, Handler handler) {
  if (!is_name(kind))
    throw std::invalid_argument("'" + kind + "' can't be a kind: " + std::string{name_rule});
  if (const auto fault = kind_fault(kind))
    throw std::invalid_argument("The kind " + *fault);
  impl_->handlers->add(std::move(kind), std::move(handler));
}

void TaskServer::start() {
  impl_->start();
}

bool TaskServer::run() {
  stop_signals signals; // before the threads, so that they inherit the mask
  start();
  signals.wait(impl_->stop_requested.fd());
  wake_event stopped;
  bool all_ended = false;
  std::thread stopping{[&] {
    all_ended = stop();
    stopped.set();
  }};
  if (const auto again = signals.wait(stopped.fd()))
    std::_Exit(128 + *again);
  stopping.join();
  return all_ended;
}

bool TaskServer::stop() {
  return impl_->stop();
}

void TaskServer::request_stop() {
  impl_->stop_requested.set();
}

uint16_t TaskServer::port() const {
  return impl_->port;
}

} // namespace errand
