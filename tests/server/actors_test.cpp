// Actors of a program beside the server's.

#include "tests/server/embedding.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

#include <errand/actors.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;
using nlohmann::json;
using fault = RequestError::Fault;

namespace {

/// Asks TASKS from a thread that is no actor.
class asker {
public:
  explicit asker(TaskServer& server) : self_(server.system()), tasks_(server.tasks()) {}

  template <class Answer, class... Words>
  Answer ask(const Words&... words) {
    Answer got{};
    self_->request(tasks_, 30s, words...)
        .receive([&](const Answer& answer) { got = answer; },
                 [](const caf::error& why) { throw request_error(why); });
    return got;
  }

  TaskId submit(const TaskSpec& spec) { return ask<TaskId>(submit_atom_v, spec); }
  Task get(const TaskId& id) { return ask<Task>(get_atom_v, id); }
  Task wait(const TaskId& id) { return ask<Task>(wait_atom_v, id); }
  Task cancel(const TaskId& id) { return ask<Task>(cancel_atom_v, id); }

private:
  caf::scoped_actor self_;
  TasksActor tasks_;
};

/// Keeps what it is told.
class event_log {
public:
  EventListener listen(TaskServer& server) {
    return server.system().spawn([this](EventListener::pointer) -> EventListener::behavior_type {
      return {[this](event_atom, const Event& event) {
        const std::lock_guard lock{mutex_};
        events_.push_back(event);
      }};
    });
  }

  std::vector<Event> events() const {
    const std::lock_guard lock{mutex_};
    return events_;
  }

  std::vector<std::string> types() const {
    std::vector<std::string> all;
    for (const auto& each : events())
      all.push_back(each.type);
    return all;
  }

private:
  mutable std::mutex mutex_;
  std::vector<Event> events_;
};

void stop_listening(EventListener& who) {
  caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  who = EventListener{};
}

/// Options with a pool "desk" of a program's workers, for tasks of the kind "count".
Options options_with_desk() {
  auto options = quiet_options();
  options.pools["desk"] = {.count = 0, .queues = {}, .kinds = {"count"}};
  return options;
}

WorkerActor::behavior_type counting(WorkerActor::pointer) {
  return {[](run_atom, const Attempt& attempt) -> caf::result<TaskResult> {
    return TaskResult{attempt->args().size()};
  }};
}

} // namespace

TEST_CASE("TASKS answers what the server's calls return") {
  TaskServer server{quiet_options()};
  server.start();
  {
    asker me{server};
    const auto id = me.submit({.kind = "echo", .args = {1, 2}});
    const auto done = me.wait(id);
    CHECK(done.id == id);
    CHECK(done.state == TaskState::succeeded);
    CHECK(done.result == json{1, 2});
    CHECK(me.get(id).args == json{1, 2});
    CHECK(server.get(id).result == json{1, 2});
    CHECK(me.wait(id).result == json{1, 2});

    const auto later = me.submit({.kind = "noop", .delay = Seconds{3600}});
    CHECK(me.get(later).state == TaskState::scheduled);
    CHECK(me.cancel(later).state == TaskState::cancelled);
    CHECK(me.wait(later).cancel_reason == "requested");
  }
  CHECK(server.stop());
}

TEST_CASE("what TASKS refuses is answered with the fault and the text of the server's calls") {
  TaskServer server{quiet_options()};
  server.start();
  {
    asker me{server};
    const auto done = me.submit({.kind = "noop"});
    me.wait(done);
    CHECK(fault_of([&] { me.submit({.kind = "no blanks"}); }) == fault::invalid);
    CHECK(fault_of([&] { me.get("nothing"); }) == fault::not_found);
    CHECK(fault_of([&] { me.wait("01890a5d-ac96-774b-bcce-b302099a8057"); }) == fault::not_found);
    CHECK(fault_of([&] { me.cancel(done); }) == fault::wrong_state);
    std::string by_message, by_call;
    try {
      me.submit({.kind = "no blanks"});
    } catch (const RequestError& refused) {
      by_message = refused.what();
    }
    try {
      server.submit({.kind = "no blanks"});
    } catch (const RequestError& refused) {
      by_call = refused.what();
    }
    CHECK(by_message == by_call);
    CHECK(by_message.find("/kind") != std::string::npos);
  }
  CHECK(server.stop());
}

TEST_CASE("a LISTENER is told of the events that it subscribed to, in order, until it leaves") {
  TaskServer server{quiet_options()};
  server.start();
  event_log log;
  {
    asker me{server};
    auto listener = log.listen(server);
    EventFilter echoes{.kind = "echo"};
    const auto subscription = me.ask<uint64_t>(subscribe_atom_v, echoes, listener);
    me.wait(me.submit({.kind = "noop"}));
    const auto id = me.submit({.kind = "echo", .args = 1, .queue = "mail"});
    me.wait(id);
    REQUIRE(eventually([&] { return log.events().size() >= 3; }));
    CHECK(log.types() == std::vector<std::string>{"task.queued", "task.running", "task.succeeded"});
    const auto last = log.events().back();
    CHECK(last.task == id);
    CHECK(last.kind == "echo");
    CHECK(last.queue == "mail");
    CHECK(last.state == TaskState::succeeded);
    CHECK(last.attempt == 1);
    CHECK(last.id > log.events().front().id);
    CHECK(last.at - server.get(id).created_at < 1min);

    caf::anon_send(server.tasks(), leave_atom_v, subscription);
    event_log others;
    auto other = others.listen(server);
    me.ask<uint64_t>(subscribe_atom_v, EventFilter{.types = {"task.succeeded"}}, other);
    me.wait(me.submit({.kind = "echo"}));
    REQUIRE(eventually([&] { return others.events().size() == 1; }));
    CHECK(log.events().size() == 3);
    CHECK(fault_of([&] {
            me.ask<uint64_t>(subscribe_atom_v, EventFilter{.types = {"task.done"}}, listener);
          })
          == fault::invalid);
    stop_listening(listener);
    stop_listening(other);
  }
  CHECK(server.stop());
}

TEST_CASE("a program's worker runs the tasks of its pool, and no handler's worker does") {
  TaskServer server{options_with_desk()};
  server.start();
  const auto id = server.submit({.kind = "count", .args = {1, 2, 3}});
  CHECK(server.wait(id, 0s).state == TaskState::queued);
  server.spawn_worker("desk", counting);
  CHECK(server.wait(id, 30s).result == 3);
  server.spawn_worker("desk", counting);
  const auto shown = client_of(server).Get("/v1/workers");
  REQUIRE(shown);
  int at_desk = 0;
  for (const auto answer = json::parse(shown->body); const auto& worker : answer.at("workers"))
    at_desk += worker.at("pool") == "desk";
  CHECK(at_desk == 2);
  CHECK_THROWS_AS(server.spawn_worker("floor", counting), std::invalid_argument);
  CHECK(server.stop());
}

TEST_CASE("a program's worker answers later and its attempt hears of a cancel meanwhile") {
  using patient_worker = WorkerActor::extend<caf::reacts_to<get_atom>>;
  TaskServer server{options_with_desk()};
  server.start();
  server.spawn_worker("desk", [](patient_worker::pointer self) -> patient_worker::behavior_type {
    auto promise = std::make_shared<caf::typed_response_promise<TaskResult>>();
    auto attempt = std::make_shared<Attempt>();
    return {[=](run_atom, const Attempt& given) -> caf::result<TaskResult> {
              *promise = self->make_response_promise<TaskResult>();
              *attempt = given;
              given->log("begun");
              self->send(self, get_atom_v);
              return *promise;
            },
            [=](get_atom) {
              if (!(*attempt)->cancelled())
                return self->delayed_send(self, 5ms, get_atom_v);
              attempt->reset();
              promise->deliver(attempt_error(std::runtime_error{"told to end"}));
            }};
  });
  const auto id = server.submit({.kind = "count"});
  REQUIRE(eventually([&] { return server.get(id).state == TaskState::running; }));
  CHECK(server.cancel(id).cancel_requested);
  CHECK(server.wait(id, 30s).state == TaskState::cancelled);
  const auto log = client_of(server).Get("/v1/tasks/" + id + "/log");
  CHECK(log->body.find("begun") != std::string::npos);
  CHECK(server.stop());
}

TEST_CASE("an error that a program's worker answers ends the attempt as a handler's throw does") {
  TaskServer server{options_with_desk()};
  server.start();
  server.spawn_worker("desk", [](WorkerActor::pointer) -> WorkerActor::behavior_type {
    return {[](run_atom, const Attempt& attempt) -> caf::result<TaskResult> {
      const auto how = attempt->args().get<std::string>();
      if (how == "permanent")
        return attempt_error(PermanentError{"never"});
      if (how == "cancel")
        return attempt_error(CancelTask{"gone"});
      if (how == "later" && attempt->attempt() == 1)
        return attempt_error(RetryLater{0s, "not now"});
      if (how == "fails" && attempt->attempt() == 1)
        return attempt_error(std::runtime_error{"once"});
      if (how == "not text")
        return TaskResult{"\xff"};
      return TaskResult{attempt->attempt()};
    }};
  });
  const auto end_of = [&](const std::string& how, int max_attempts = 2) {
    return server.wait(server.submit({.kind = "count",
                                      .args = how,
                                      .max_attempts = max_attempts,
                                      .retry = {.min_backoff = Seconds{0.01}}}),
                       30s);
  };
  const auto permanent = end_of("permanent");
  CHECK(permanent.state == TaskState::failed);
  CHECK(permanent.attempt == 1);
  CHECK(permanent.error->type == "permanent");
  CHECK(permanent.error->message == "never");
  CHECK(end_of("cancel").state == TaskState::cancelled);
  CHECK(end_of("later").result == 2);
  const auto failed = end_of("fails");
  CHECK(failed.result == 2);
  CHECK(failed.error->message == "once");
  CHECK(end_of("not text", 1).state == TaskState::failed);
  CHECK(server.stop());
}

TEST_CASE("any other error that a program's worker answers makes the attempt failed at once") {
  TaskServer server{options_with_desk()};
  server.start();
  // Dies of whatever it is asked, so that who asks it is answered an error of CAF.
  const auto frail = server.system().spawn([](caf::event_based_actor* self) -> caf::behavior {
    self->set_exception_handler([](const std::exception_ptr&) -> caf::error {
      return caf::exit_reason::unhandled_exception;
    });
    return {[](get_atom) -> int { throw std::runtime_error("frail"); }};
  });
  server.spawn_worker("desk", [frail](WorkerActor::pointer self) -> WorkerActor::behavior_type {
    return {[self, frail](run_atom, const Attempt& attempt) -> caf::result<TaskResult> {
      if (attempt->attempt() == 2)
        return TaskResult{"done"};
      const auto how = attempt->args().get<std::string>();
      if (how == "plain")
        return caf::make_error(caf::sec::runtime_error, "no luck");
      if (how == "as of the dead")
        return caf::make_error(caf::sec::request_receiver_down);
      auto promise = self->make_response_promise<TaskResult>();
      self->request(frail, caf::infinite, get_atom_v)
          .then([](int) {}, [promise](caf::error& why) mutable { promise.deliver(why); });
      return promise;
    }};
  });
  const auto* how = GENERATE("plain", "as of the dead", "forwarded");
  const auto done = server.wait(server.submit({.kind = "count",
                                               .args = how,
                                               .max_crashes = 1,
                                               .retry = {.min_backoff = Seconds{0.01}}}),
                                30s);
  CHECK(done.state == TaskState::succeeded);
  CHECK(done.result == "done");
  CHECK(done.attempt == 2);
  REQUIRE(done.error);
  CHECK(done.error->type == "exception");
  CHECK_FALSE(done.error->message.empty());
  if (how == std::string("plain"))
    CHECK(done.error->message.find("no luck") != std::string::npos);
  caf::anon_send_exit(frail, caf::exit_reason::user_shutdown);
  CHECK(server.stop());
}

TEST_CASE("a discarded value that a program's worker answers makes the attempt failed") {
  TaskServer server{options_with_desk()};
  server.start();
  server.spawn_worker("desk", [](WorkerActor::pointer) -> WorkerActor::behavior_type {
    return {[](run_atom, const Attempt&) -> caf::result<TaskResult> {
      return TaskResult{json::parse("{", nullptr, false)};
    }};
  });
  const auto done = server.wait(server.submit({.kind = "count", .max_attempts = 1}), 30s);
  CHECK(done.state == TaskState::failed);
  CHECK(server.stop());
}

TEST_CASE("a program's worker that dies is replaced, and its attempt counts as a crash") {
  auto options = options_with_desk();
  TaskServer server{options};
  server.start();
  server.spawn_worker("desk", [](WorkerActor::pointer self) -> WorkerActor::behavior_type {
    return {[self](run_atom, const Attempt& attempt) -> caf::result<TaskResult> {
      if (attempt->attempt() == 1)
        throw std::runtime_error("dies");
      if (attempt->attempt() == 2) {
        self->quit(caf::exit_reason::user_shutdown);
        return self->make_response_promise<TaskResult>();
      }
      return TaskResult{attempt->attempt()};
    }};
  });
  const auto done = server.wait(
      server.submit({.kind = "count", .max_crashes = 3, .retry = {.min_backoff = Seconds{0.01}}}),
      30s);
  CHECK(done.state == TaskState::succeeded);
  CHECK(done.result == 3);
  // It died twice shortly after its start, so the third one began a little later.
  CHECK(server.stop());
}

TEST_CASE("a task waits for a worker that keeps dying, without a loop that eats the machine") {
  std::atomic<int> born = 0;
  TaskServer server{options_with_desk()};
  server.start();
  server.spawn_worker("desk", [&](WorkerActor::pointer self) -> WorkerActor::behavior_type {
    if (++born < 4)
      self->quit(caf::exit_reason::user_shutdown);
    return {[](run_atom, const Attempt&) -> caf::result<TaskResult> { return TaskResult{1}; }};
  });
  const auto begun = std::chrono::steady_clock::now();
  CHECK(server.wait(server.submit({.kind = "count"}), 30s).result == 1);
  CHECK(born == 4);
  CHECK(std::chrono::steady_clock::now() - begun >= 300ms); // 100 ms and 200 ms
  CHECK(server.stop());
}

TEST_CASE("an actor that is linked to TASKS exits when the server stops, and stop() is in order") {
  TaskServer server{quiet_options()};
  server.start();
  std::promise<void> gone;
  struct farewell {
    explicit farewell(std::promise<void>& to) : promise(to) {}
    ~farewell() { promise.set_value(); }
    std::promise<void>& promise;
  };
  server.system().spawn([&](caf::event_based_actor* self) -> caf::behavior {
    self->link_to(server.tasks());
    auto told = std::make_shared<farewell>(gone);
    return {[told](get_atom) {}};
  });
  CHECK(server.stop());
  CHECK(gone.get_future().wait_for(10s) == std::future_status::ready);
}

TEST_CASE("stop() waits two seconds for a program's actor that stays, and does not hang") {
  TaskServer server{quiet_options()};
  server.start();
  auto stays = server.system().spawn<caf::detached>(
      [](caf::event_based_actor*) -> caf::behavior { return {[](get_atom) { return 1; }}; });
  const auto begun = std::chrono::steady_clock::now();
  CHECK_FALSE(server.stop());
  CHECK(std::chrono::steady_clock::now() - begun >= 2s);
  CHECK(fault_of([&] { server.tasks(); }) == fault::stopped);
  CHECK(fault_of([&] { server.system(); }) == fault::stopped);
  // The system that was left behind still works, for the rest of the process.
  caf::anon_send_exit(stays, caf::exit_reason::user_shutdown);
}

// The system was once destroyed by a thread of its own as soon as the last actor was gone, while
// that actor was still in its own end: one process of four crashed.
TEST_CASE("a scoped_actor that outlives stop() ends without harm, in any number of servers") {
  constexpr int threads = 16, rounds = 2; // beside each other, since each stop() takes its patience
  std::atomic<int> left_behind = 0;
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i)
    all.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        TaskServer server{quiet_options()};
        server.start();
        caf::scoped_actor self{server.system()};
        left_behind += !server.stop();
      }
    });
  for (auto& each : all)
    each.join();
  CHECK(left_behind == threads * rounds);
}

TEST_CASE("a detached actor that is still held when the server stops can be let go afterwards") {
  TaskServer server{quiet_options()};
  server.start();
  auto held =
      server.system().spawn<caf::detached>([](caf::event_based_actor* self) -> caf::behavior {
        self->quit();
        return {[](get_atom) { return 1; }};
      });
  CHECK_FALSE(server.stop());
  held = nullptr;
}

TEST_CASE("an actor that exits while stop() waits keeps nothing behind") {
  TaskServer server{quiet_options()};
  server.start();
  server.system().spawn([](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, 200ms, get_atom_v);
    return {[self](get_atom) { self->quit(); }};
  });
  CHECK(server.stop());
}

TEST_CASE("whoever waits by message when the server stops is answered that it stops") {
  TaskServer server{quiet_options()};
  server.start();
  std::promise<fault> refused;
  const auto id = server.submit({.kind = "noop", .delay = Seconds{3600}});
  server.system().spawn([&, id](caf::event_based_actor* self) {
    self->request(server.tasks(), caf::infinite, wait_atom_v, id)
        .then([](const Task&) {},
              [&](const caf::error& why) { refused.set_value(request_error(why).fault()); });
  });
  CHECK(server.stop());
  auto answer = refused.get_future();
  REQUIRE(answer.wait_for(10s) == std::future_status::ready);
  CHECK(answer.get() == fault::stopped);
}
