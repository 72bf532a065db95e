// The public face: what a program says before its server runs, and what it asks of it then.
#include "handlers/registry.hpp"
#include "http/task_values.hpp"
#include "server/inline_server.hpp"
#include "server/printable.hpp"
#include "server/routes.hpp"
#include "server/running_server.hpp"
#include "server/settings.hpp"
#include "server/signals.hpp"
#include "task/spec_rules.hpp"

#include <errand/actors.hpp>
#include <errand/server.hpp>

#include <caf/send.hpp>

#include <algorithm>
#include <cstdlib>
#include <shared_mutex>
#include <thread>

namespace errand {

namespace {

/// How long an actor gets to answer.
constexpr std::chrono::seconds answer_patience{30};

constexpr auto patient = answer_desk::kind::patient;
constexpr auto quick = answer_desk::kind::quick;

RequestError not_running() {
  return {RequestError::Fault::stopped,
          "the server does not run: it was not started, or is stopped"};
}

void throw_if_failed(const answer_content& what) {
  if (const auto* why = std::get_if<status>(&what); why && !why->ok())
    throw to_outside(*why);
}

template <class Content>
Content content_of(const answer_content& what) {
  throw_if_failed(what);
  return std::get<Content>(what);
}

scope_set scopes_of(RouteScope scope) {
  switch (scope) {
  case RouteScope::submit:
    return {scope::submit};
  case RouteScope::read:
    return {scope::read};
  case RouteScope::work:
    return {scope::work};
  case RouteScope::admin:
    return {scope::admin};
  case RouteScope::everybody:
    return open_to_all;
  }
  return {scope::admin};
}

} // namespace

Options load_options(const std::string& file) {
  settings_sources sources;
  sources.variables = errand_variables();
  if (!file.empty())
    sources.config_file = file;
  auto loaded = load_settings(sources);
  if (loaded.errors.empty())
    return std::move(loaded.options);
  throw StartError{joined(loaded.errors)};
}

struct TaskServer::Impl {
  explicit Impl(Options options) {
    parts.options = std::move(options);
    parts.handlers = std::make_shared<handler_registry>();
    parts.desk = std::make_shared<answer_desk>();
    add_builtin_handlers(*parts.handlers);
  }

  /// Sends a question in the CLERK's name: `send(actors, clerk, number)`.
  template <class Send>
  answer_desk::question ask(answer_desk::kind how, Send send) {
    const std::shared_lock lock{using_it};
    if (!running)
      throw not_running();
    auto asked = parts.desk->open(how);
    send(running->actors(), running->clerk(), asked.number);
    return asked;
  }

  template <class Use>
  decltype(auto) with_running(Use use) {
    const std::shared_lock lock{using_it};
    if (!running)
      throw not_running();
    return use(std::as_const(*running));
  }

  /// Blocks for what becomes of that.
  answer_content answer_to(answer_desk::question asked) {
    if (asked.answer.wait_for(answer_patience) == std::future_status::ready)
      return asked.answer.get();
    parts.desk->close(asked.number);
    throw RequestError(RequestError::Fault::timed_out,
                       "no answer in 30 s; whether it was carried out is not known");
  }

  task_ptr fetch(const task_id& id) {
    return content_of<task_ptr>(
        answer_to(ask(quick, [&](const auto& actors, const auto& me, request_number number) {
          caf::anon_send(actors.reader, fetch_atom_v, me, number, id);
        })));
  }

  void unwatch(answer_desk::question& watched, const task_id& id) {
    parts.desk->close(watched.number);
    const std::shared_lock lock{using_it};
    if (running)
      caf::anon_send(running->actors().events, unwatch_atom_v, running->clerk(), watched.number,
                     id);
  }

  void require_not_inline() const {
    if (in_line)
      throw std::logic_error("The server is in inline mode, which has neither threads nor HTTP, and"
                             " can't be started; make another TaskServer to start that.");
  }

  void require_not_started() const {
    if (was_started)
      throw std::logic_error("The server has started: handlers and routes are to be told before.");
  }

  std::mutex beginning;               ///< Held to start and to stop.
  mutable std::shared_mutex using_it; ///< Of `running`.
  std::unique_ptr<running_server> running;
  std::unique_ptr<inline_server> in_line; ///< In inline mode: asked instead.
  server_parts parts;                     ///< Not to be changed once it was started.
  bool was_started = false;
  bool all_ended = true; ///< No handler, closure or actor was left behind.
  std::atomic<uint16_t> port = 0;
  wake_event stop_requested; ///< For run().
};

TaskServer::TaskServer(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}

TaskServer::~TaskServer() {
  stop();
}

// -- Before it starts -----------------------------------------------------------------------------

void TaskServer::handle(std::string kind, Handler handler) {
  if (!is_name(kind))
    throw std::invalid_argument("'" + kind + "' can't be a kind: " + std::string{name_rule});
  if (const auto fault = kind_fault(kind))
    throw std::invalid_argument("The kind " + *fault);
  if (!handler)
    throw std::invalid_argument("The handler of the kind '" + kind + "' is empty");
  const std::lock_guard lock{impl_->beginning};
  impl_->require_not_started();
  if (auto* here = impl_->in_line.get())
    return here->handle(std::move(kind), std::move(handler));
  impl_->parts.handlers->add(std::move(kind), std::move(handler));
}

void TaskServer::route(std::string method, std::string path, RouteFunction function,
                       RouteScope scope) {
  const auto parsed = parse_route_method(method);
  if (!parsed)
    throw std::invalid_argument("The method is " + string_literal(method)
                                + ", but must be GET, POST, PUT, PATCH or DELETE");
  if (const auto fault = path_fault(path))
    throw std::invalid_argument("The path " + *fault);
  if (!function)
    throw std::invalid_argument("The function of the route " + string_literal(path) + " is empty");
  const std::lock_guard lock{impl_->beginning};
  impl_->require_not_started();
  std::erase_if(impl_->parts.options.routes, [&](const RouteOptions& each) {
    return each.method == method && each.path == path;
  });
  auto& routes = impl_->parts.routes;
  std::erase_if(routes, [&](const program_route& each) {
    return each.method == *parsed && each.path == path;
  });
  routes.push_back({*parsed, std::move(path), scopes_of(scope), std::move(function)});
}

// -- Life -----------------------------------------------------------------------------------------

void TaskServer::start() {
  const std::lock_guard lock{impl_->beginning};
  impl_->require_not_inline();
  if (impl_->was_started)
    throw StartError{"The server was started already; make another one."};
  ignore_failed_writes();
  {
    // Handlers of tasks that were left over may begin at once; what they ask waits for this.
    const std::unique_lock alone{impl_->using_it};
    impl_->running = std::make_unique<running_server>(impl_->parts);
  }
  impl_->was_started = true;
  impl_->port = impl_->running->port();
  impl_->running->serve();
}

bool TaskServer::run() {
  impl_->require_not_inline(); // before signals are touched
  stop_signals signals;        // before the threads, so that they inherit the mask
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
  const std::lock_guard lock{impl_->beginning};
  if (impl_->in_line)
    impl_->in_line->stop();
  if (!impl_->running)
    return impl_->all_ended;
  impl_->all_ended = impl_->running->end() == 0;
  std::unique_ptr<running_server> ended;
  {
    const std::unique_lock alone{impl_->using_it};
    ended = std::move(impl_->running);
  }
  impl_->all_ended &= ended->let_go();
  return impl_->all_ended;
}

void TaskServer::request_stop() {
  impl_->stop_requested.set();
}

uint16_t TaskServer::port() const {
  return impl_->port;
}

// -- Tasks ----------------------------------------------------------------------------------------

TaskId TaskServer::submit(const TaskSpec& spec) {
  const auto wanted = std::make_shared<const task_spec>(to_inside(spec));
  if (auto* here = impl_->in_line.get())
    return here->submit(*wanted).to_string();
  const auto added = content_of<insertion_ptr>(impl_->answer_to(
      impl_->ask(quick, [&](const auto& actors, const auto& me, request_number number) {
        caf::anon_send(actors.store, submit_atom_v, me, number, wanted, request_key_ptr{});
      })));
  return added->task.id.to_string();
}

std::vector<TaskId> TaskServer::submit_batch(const std::vector<TaskSpec>& specs) {
  const auto wanted = std::make_shared<const task_batch>(to_inside(specs));
  std::vector<TaskId> ids;
  if (auto* here = impl_->in_line.get()) {
    for (const auto& id : here->submit_batch(*wanted))
      ids.push_back(id.to_string());
    return ids;
  }
  const auto added = content_of<accepted_batch_ptr>(impl_->answer_to(
      impl_->ask(quick, [&](const auto& actors, const auto& me, request_number number) {
        caf::anon_send(actors.store, submit_atom_v, me, number, wanted, request_key_ptr{});
      })));
  for (const auto& row : added->tasks)
    ids.push_back(row.id.to_string());
  return ids;
}

Task TaskServer::get(const TaskId& id) {
  if (auto* here = impl_->in_line.get())
    return to_outside(here->get(to_inside(id)));
  return to_outside(*impl_->fetch(to_inside(id)));
}

Task TaskServer::wait(const TaskId& id, Seconds patience) {
  if (auto* here = impl_->in_line.get())
    return to_outside(here->wait(to_inside(id), patience));
  constexpr Seconds longest{365 * 24 * 3600.0};
  const auto until =
      std::chrono::steady_clock::now()
      + std::chrono::ceil<std::chrono::milliseconds>(std::clamp(patience, Seconds{0}, longest));
  const auto wanted = to_inside(id);
  // Watched before it is looked at: else it could end in between, and nobody would tell.
  auto watched =
      impl_->ask(patient, [&](const auto& actors, const auto& me, request_number number) {
        caf::anon_send(actors.events, watch_atom_v, me, number, wanted);
      });
  try {
    auto row = impl_->fetch(wanted);
    if (!is_final(row->state) && watched.answer.wait_until(until) == std::future_status::ready)
      throw_if_failed(watched.answer.get());
    impl_->unwatch(watched, wanted);
    return to_outside(is_final(row->state) ? *row : *impl_->fetch(wanted));
  } catch (...) {
    impl_->unwatch(watched, wanted);
    throw;
  }
}

Task TaskServer::cancel(const TaskId& id) {
  const auto wanted = to_inside(id);
  if (auto* here = impl_->in_line.get())
    return to_outside(here->cancel(wanted));
  return to_outside(*content_of<task_ptr>(impl_->answer_to(
      impl_->ask(quick, [&](const auto& actors, const auto& me, request_number number) {
        caf::anon_send(actors.store, order_atom_v, me, number, wanted, task_order::cancel,
                       request_key_ptr{});
      }))));
}

void TaskServer::schedule(const std::string& name, const Schedule& what) {
  if (!is_name(name))
    throw RequestError(RequestError::Fault::invalid, "the schedule's name is "
                                                         + string_literal(name) + "; it must be "
                                                         + std::string(name_rule));
  const auto wanted = std::make_shared<const schedule_put>(schedule_put{name, to_inside(what)});
  if (auto* here = impl_->in_line.get())
    return here->schedule(*wanted);
  content_of<schedule_change_ptr>(impl_->answer_to(
      impl_->ask(quick, [&](const auto& actors, const auto& me, request_number number) {
        caf::anon_send(actors.store, schedule_atom_v, me, number, wanted);
      })));
}

// -- Closures -------------------------------------------------------------------------------------

Deferred TaskServer::defer(std::function<void()> closure) {
  if (auto* here = impl_->in_line.get())
    return here->defer(std::move(closure));
  auto job = std::make_shared<Deferred::Job>(std::move(closure));
  const std::shared_lock lock{impl_->using_it};
  if (!impl_->running)
    throw not_running();
  auto* queue = impl_->running->deferred();
  if (queue == nullptr)
    throw RequestError(RequestError::Fault::full,
                       "the system has no thread to run closures; what limits the threads of this"
                       " process (ulimit -u, a container's limit of processes) leaves no room");
  switch (queue->add(job)) {
  case deferred_queue::outcome::full:
    throw RequestError(RequestError::Fault::full,
                       "so many closures wait already: "
                           + std::to_string(impl_->parts.options.max_deferred) + " (max_deferred)");
  case deferred_queue::outcome::closed:
    throw not_running();
  case deferred_queue::outcome::taken:
    break;
  }
  return Deferred(std::move(job));
}

// -- Actors ---------------------------------------------------------------------------------------

caf::actor_system& TaskServer::system() {
  return impl_->with_running([](const running_server& server) -> auto& { return server.system(); });
}

TasksActor ActorAccess::tasks(TaskServer& server) {
  return server.impl_->with_running([](const running_server& each) { return each.tasks(); });
}

void ActorAccess::add_worker(TaskServer& server, const std::string& pool, Spawn spawn) {
  const bool found = server.impl_->with_running(
      [&](const running_server& each) { return each.add_worker(pool, std::move(spawn)); });
  if (!found)
    throw std::invalid_argument("There is no pool of workers " + string_literal(pool)
                                + "; name it in Options::pools, or use \"default\"");
}

// -- Inline mode ----------------------------------------------------------------------------------

InlineClock& TaskServer::inline_mode(Time start) {
  const std::lock_guard lock{impl_->beginning};
  if (impl_->was_started)
    throw std::logic_error("The server has started; inline_mode() takes the place of start().");
  if (impl_->in_line)
    throw std::logic_error("The server is in inline mode already.");
  impl_->in_line =
      std::make_unique<inline_server>(impl_->parts.options, impl_->parts.handlers, start);
  return impl_->in_line->clock();
}

size_t TaskServer::drain(size_t at_most) {
  if (!impl_->in_line)
    throw std::logic_error("drain() is for a server in inline mode: call inline_mode() before.");
  return impl_->in_line->drain(at_most);
}

} // namespace errand
