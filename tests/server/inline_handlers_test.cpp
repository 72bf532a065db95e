// What handlers see of a server in inline mode, and what it refuses.

#include "tests/server/inline_fixture.hpp"
#include "tests/support/catch.hpp"

#include <atomic>
#include <thread>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;
using nlohmann::json;
using fault = RequestError::Fault;

// -- Handlers -------------------------------------------------------------------------------------

TEST_CASE_METHOD(inline_fixture, "a handler's sleep moves the clock and takes no time",
                 "[inline]") {
  const auto began = std::chrono::steady_clock::now();
  const auto id = server.submit({.kind = "sleep", .args = {{"seconds", 3000}}});
  CHECK(state(id) == TaskState::succeeded);
  CHECK(server.get(id).started_at == inline_start);
  CHECK(server.get(id).finished_at == inline_start + 3000s);
  CHECK(clock.now() == inline_start + 3000s);
  CHECK(std::chrono::steady_clock::now() - began < 60s);
}

TEST_CASE_METHOD(inline_fixture,
                 "a handler that sleeps longer than its timeout_s is cut short "
                 "and fails as timeout",
                 "[inline]") {
  const auto id = server.submit(
      {.kind = "sleep", .args = {{"seconds", 3000}}, .timeout = Seconds{60}, .max_attempts = 1});
  const auto task = server.get(id);
  CHECK(task.state == TaskState::failed);
  CHECK(task.error->type == "timeout");
  CHECK(task.finished_at == inline_start + 60s);
}

TEST_CASE_METHOD(inline_fixture,
                 "what a handler returns counts within the grace after its "
                 "timeout_s, and not beyond",
                 "[inline]") {
  server.handle("stubborn", [&](TaskContext& task) -> json {
    CHECK_FALSE(task.cancelled());
    clock.advance(Seconds{task.args().get<double>()});
    CHECK(task.cancelled());
    CHECK_FALSE(task.sleep_for(1s));
    return 5;
  });
  const auto run = [&](double seconds) {
    return server.get(server.submit(
        {.kind = "stubborn", .args = seconds, .timeout = Seconds{60}, .max_attempts = 1}));
  };
  CHECK(run(69).result == 5);
  const auto beyond = run(71);
  CHECK(beyond.state == TaskState::failed);
  CHECK(beyond.error->type == "timeout");
}

TEST_CASE_METHOD(inline_fixture, "what falls due while a handler sleeps runs after it",
                 "[inline]") {
  std::vector<std::pair<std::string, Time>> seen;
  const auto see = [&](const std::string& what) { seen.emplace_back(what, clock.now()); };
  server.handle("sleeper", [&](TaskContext& task) -> json {
    see("begins");
    CHECK(task.sleep_for(10min));
    see("wakes");
    return nullptr;
  });
  server.handle("tick", [&](TaskContext&) -> json {
    see("tick");
    return nullptr;
  });
  // Its fires are not missed, though each is made minutes before it can run.
  server.schedule(
      "ticks", {.every = Seconds{300}, .task = {.kind = "tick"}, .missed = Schedule::Missed::skip});
  const auto expiring =
      note("a", {.kind = "note", .delay = Seconds{450}, .expires_in = Seconds{500}});
  server.submit({.kind = "sleeper", .delay = Seconds{1}});
  clock.advance(1s);
  CHECK(server.drain() == 3);
  const auto wakes = inline_start + 10min + 1s;
  CHECK(seen
        == decltype(seen){
            {"begins", inline_start + 1s}, {"wakes", wakes}, {"tick", wakes}, {"tick", wakes}});
  CHECK(server.get(expiring).finished_at == inline_start + 500s);
  CHECK(server.get(expiring).cancel_reason == "expired");
}

TEST_CASE_METHOD(inline_fixture,
                 "a schedule that cancels its previous task cuts that one's sleep "
                 "short",
                 "[inline]") {
  std::vector<bool> slept;
  server.handle("long", [&](TaskContext& task) -> json {
    slept.push_back(task.sleep_for(slept.empty() ? 50min : 1min));
    if (!slept.back())
      throw std::runtime_error("told to end");
    return nullptr;
  });
  server.schedule("halfhourly", {.cron = "*/30 * * * *",
                                 .task = {.kind = "long"},
                                 .overlap = Schedule::Overlap::cancel_previous});
  clock.advance(45min);
  CHECK(server.drain() == 2);
  CHECK(slept == std::vector<bool>{false, true});
  CHECK(clock.now() == inline_start + 61min);
}

TEST_CASE_METHOD(inline_fixture, "what a handler submits runs once it has returned", "[inline]") {
  std::vector<std::string> order;
  server.handle("outer", [&](TaskContext& task) -> json {
    const auto n = task.args().get<int>();
    order.push_back("begins " + std::to_string(n));
    if (n > 0)
      server.submit({.kind = "outer", .args = n - 1});
    order.push_back("ends " + std::to_string(n));
    return nullptr;
  });
  server.submit({.kind = "outer", .args = 1});
  CHECK(order == strings{"begins 1", "ends 1", "begins 0", "ends 0"});
}

TEST_CASE_METHOD(inline_fixture, "a chain of ten thousand submits does not nest", "[inline]") {
  server.handle("chain", [&](TaskContext& task) -> json {
    if (const auto left = task.args().get<int>(); left > 0)
      server.submit({.kind = "chain", .args = left - 1});
    return nullptr;
  });
  server.submit({.kind = "chain", .args = 10'000});
  CHECK(server.drain() == 0);
}

TEST_CASE_METHOD(inline_fixture, "a handler waits for another task by running it", "[inline]") {
  server.handle("outer", [&](TaskContext&) -> json {
    return server.wait(server.submit({.kind = "echo", .args = "inner"}), 10s).result;
  });
  CHECK(server.get(server.submit({.kind = "outer"})).result == "inner");
}

TEST_CASE_METHOD(inline_fixture, "a handler that waits for what can't run now is told why",
                 "[inline]") {
  std::string told;
  const auto wait_in_handler = [&](const std::function<TaskId(TaskContext&)>& make) {
    server.handle("waiter", [&, make](TaskContext& task) -> json {
      const auto id = make(task);
      CHECK(server.wait(id, Seconds{0}).id == id); // a look
      told = what_of([&] { server.wait(id, 10s); });
      return fault_of([&] { server.wait(id, 10s); }) == fault::wrong_state;
    });
    CHECK(server.get(server.submit({.kind = "waiter"})).result == true);
  };
  wait_in_handler([&](TaskContext&) { return note("a", {.kind = "note", .delay = Seconds{60}}); });
  CHECK(contains(told, "is scheduled and can't end while this handler waits"));
  CHECK(contains(told, "not to run before its run_at, at 2024-01-01T00:01:00.000Z"));
  wait_in_handler([&](TaskContext& task) { return task.id(); });
  CHECK(contains(told, "is running and can't end"));
  wait_in_handler(
      [&](TaskContext& task) { return note("a", {.kind = "note", .after = {task.id()}}); });
  CHECK(contains(told, "waits for 1 task"));
  wait_in_handler([&](TaskContext&) { return server.submit({.kind = "nobodys"}); });
  CHECK(contains(told, "No handler of this server is for the kind nobodys"));
}

TEST_CASE_METHOD(inline_fixture,
                 "handlers that wait for each other's tasks without end are told "
                 "so",
                 "[inline]") {
  int deepest = 0;
  server.handle("deep", [&](TaskContext& task) -> json {
    const auto level = task.args().get<int>();
    if (deepest > 0)
      return nullptr;
    try {
      server.wait(server.submit({.kind = "deep", .args = level + 1}), 10s);
    } catch (const RequestError& error) {
      deepest = level;
      CHECK(contains(error.what(), "100 handlers wait"));
    }
    return nullptr;
  });
  server.submit({.kind = "deep", .args = 1});
  CHECK(deepest == 100);
}

TEST_CASE_METHOD(inline_fixture, "a wait outside of handlers tells how the task stands",
                 "[inline]") {
  const auto id = note("a", {.kind = "note", .delay = Seconds{60}});
  CHECK(server.wait(id, 1h).state == TaskState::scheduled);
  CHECK(clock.now() == inline_start);
  clock.advance(60s);
  CHECK(server.wait(id, 1h).state == TaskState::succeeded);
}

TEST_CASE_METHOD(inline_fixture, "a handler that cancels its own task is told at once",
                 "[inline]") {
  server.handle("self", [&](TaskContext& task) -> json {
    CHECK_FALSE(task.cancelled());
    CHECK(server.cancel(task.id()).cancel_requested);
    CHECK(task.cancelled());
    CHECK_FALSE(task.sleep_for(1h));
    throw std::runtime_error("told to end");
  });
  const auto id = server.submit({.kind = "self"});
  CHECK(state(id) == TaskState::cancelled);
  CHECK(clock.now() == inline_start);
}

TEST_CASE_METHOD(inline_fixture, "progress and results are kept", "[inline]") {
  server.handle("steps", [](TaskContext& task) -> json {
    for (int i = 1; i <= 100; ++i)
      task.progress(i / 100.0, std::to_string(i));
    task.log("one\ntwo");
    return "done";
  });
  const auto task = server.get(server.submit({.kind = "steps"}));
  REQUIRE(task.progress);
  CHECK(task.progress->fraction == 1);
  CHECK(task.progress->message == "100");
}

TEST_CASE_METHOD(inline_fixture, "a limit counts the handler that waits", "[inline]") {
  auto options = silent_options();
  options.queues["one"].concurrency = 1;
  inline_fixture f{options};
  std::string told;
  f.server.handle("outer", [&](TaskContext&) -> json {
    told = what_of([&] { f.server.wait(f.note("inner", {.kind = "note", .queue = "one"}), 1s); });
    return nullptr;
  });
  f.server.submit({.kind = "outer", .queue = "one"});
  CHECK(contains(told, "The queue one may run 1 attempt at a time, and 1 runs"));
  CHECK(f.notes == strings{"inner"});
}

// -- What would never end -------------------------------------------------------------------------

TEST_CASE_METHOD(inline_fixture,
                 "a task that submits itself for ever ends the drain with an "
                 "error that names its kind",
                 "[inline]") {
  bool goes_on = true;
  server.handle("again", [&](TaskContext& task) -> json {
    if (goes_on)
      server.submit({.kind = "again", .args = task.args()});
    task.sleep_for(Seconds{task.args().value("sleep", 0.0)});
    return nullptr;
  });
  const auto sleep = GENERATE(0.0, 1.0);
  server.submit({.kind = "again", .args = {{"sleep", sleep}}, .delay = Seconds{1}});
  clock.advance(1s);
  const auto told = what_of([&] { server.drain(50); });
  CHECK(contains(told, "50 attempts have run in one call"));
  CHECK(contains(told, "of the kind 'again'"));
  goes_on = false;
  CHECK(server.drain() == 1);
}

TEST_CASE_METHOD(inline_fixture, "exactly as many attempts as are allowed may run", "[inline]") {
  for (int i = 0; i < 5; ++i)
    note("a", {.kind = "note", .delay = Seconds{1}});
  clock.advance(1s);
  CHECK(server.drain(5) == 5);
}

// -- Closures -------------------------------------------------------------------------------------

TEST_CASE_METHOD(inline_fixture, "a deferred closure has run when defer returns", "[inline]") {
  bool ran = false;
  const auto deferred = server.defer([&] {
    ran = true;
    note("from a closure");
    CHECK(notes.size() == 1);
  });
  CHECK(ran);
  CHECK(deferred.state() == Deferred::State::done);
  CHECK(deferred.wait() == Deferred::State::done);
  const auto failed = server.defer([] { throw std::runtime_error("no"); });
  CHECK(failed.state() == Deferred::State::failed);
  CHECK_THROWS_WITH(failed.wait(), "no");
}

TEST_CASE_METHOD(inline_fixture, "closures that defer each other without end are told so",
                 "[inline]") {
  int deepest = 0;
  std::function<void()> again = [&] {
    ++deepest;
    server.defer(again);
  };
  CHECK(server.defer(again).state() == Deferred::State::done);
  CHECK(deepest == 100);
  CHECK(server.defer([] {}).state() == Deferred::State::done);
}

// -- What it has not ------------------------------------------------------------------------------

TEST_CASE_METHOD(inline_fixture,
                 "what would reach the world outside stays queued unless the test "
                 "says what runs it",
                 "[inline]") {
  const auto mail = server.submit({.kind = "email", .args = {{"to", "a@example.org"}}});
  const auto request = server.submit({.kind = "http", .args = {{"url", "http://127.0.0.1:1/"}}});
  const auto command = server.submit({.kind = "exec"});
  note("a", {.kind = "note", .callback_url = "http://127.0.0.1:1/"});
  CHECK(server.drain() == 0);
  for (const auto& id : {mail, request, command})
    CHECK(server.get(id).attempt == 0);
  server.handle("email", [&](TaskContext& task) -> json {
    notes.push_back(task.args().at("to"));
    return nullptr;
  });
  CHECK(server.drain() == 1);
  CHECK(notes == strings{"a", "a@example.org"});
}

TEST_CASE_METHOD(inline_fixture, "a server in inline mode can't be started, and says why",
                 "[inline]") {
  CHECK_THROWS_AS(server.start(), std::logic_error);
  CHECK_THROWS_AS(server.run(), std::logic_error);
  CHECK_THROWS_AS(server.inline_mode(), std::logic_error);
  CHECK(contains(what_of([&] { server.start(); }), "inline mode, which has neither threads nor"));
  CHECK(server.port() == 0);
  CHECK(state(note("it goes on")) == TaskState::succeeded);
}

TEST_CASE("inline mode comes in place of a start, and drain with it", "[inline]") {
  TaskServer server{quiet_options()};
  CHECK_THROWS_AS(server.drain(), std::logic_error);
  server.start();
  CHECK_THROWS_AS(server.inline_mode(), std::logic_error);
  CHECK_THROWS_AS(server.drain(), std::logic_error);
  CHECK(server.wait(server.submit({.kind = "noop"}), 10s).state == TaskState::succeeded);
}

TEST_CASE("options that are wrong are told of", "[inline]") {
  auto options = silent_options();
  options.queues["q"].weight = -1;
  TaskServer server{options};
  CHECK_THROWS_AS(server.inline_mode(), StartError);
}

TEST_CASE_METHOD(inline_fixture, "after a stop its calls are refused", "[inline]") {
  const auto id = note("a");
  CHECK(server.stop());
  CHECK(fault_of([&] { note("b"); }) == fault::stopped);
  CHECK(fault_of([&] { server.get(id); }) == fault::stopped);
  CHECK(fault_of([&] { server.drain(); }) == fault::stopped);
  CHECK(fault_of([&] { server.defer([] {}); }) == fault::stopped);
  CHECK(notes == strings{"a"});
}

TEST_CASE_METHOD(inline_fixture, "a handler can't drain or tell of handlers", "[inline]") {
  server.handle("bold", [&](TaskContext&) -> json {
    CHECK_THROWS_AS(server.drain(), std::logic_error);
    CHECK_THROWS_AS(server.handle("x", [](TaskContext&) -> json { return 1; }), std::logic_error);
    return nullptr;
  });
  CHECK(state(server.submit({.kind = "bold"})) == TaskState::succeeded);
}

TEST_CASE_METHOD(inline_fixture, "routes are taken and not served", "[inline]") {
  server.route("GET", "/mine", [](const RouteRequest&) -> RouteReply { return {}; });
  CHECK(server.port() == 0);
}

// -- The clock ------------------------------------------------------------------------------------

TEST_CASE_METHOD(inline_fixture, "the clock goes forward only, and not beyond what times can say",
                 "[inline]") {
  clock.advance(0s);
  CHECK(clock.now() == inline_start);
  for (const auto by : {Seconds{-1}, Seconds{NAN}, Seconds{INFINITY}, Seconds{1e12}})
    CHECK_THROWS_AS(clock.advance(by), std::invalid_argument);
  CHECK_THROWS_AS(clock.advance_to(inline_start - 1s), std::invalid_argument);
  clock.advance_to(inline_start + 1h);
  clock.advance_to(inline_start + 1h);
  clock.advance(Seconds{0.5});
  CHECK(clock.now() == inline_start + 1h + 500ms);
  TaskServer other{silent_options()};
  CHECK(other.inline_mode(inline_start + 24h).now() == inline_start + 24h);
  TaskServer early{silent_options()};
  CHECK_THROWS_AS(early.inline_mode(Time{} - 1s), std::invalid_argument);
}

// -- Threads --------------------------------------------------------------------------------------

TEST_CASE_METHOD(inline_fixture, "calls of several threads take turns, and each has run its task",
                 "[inline]") {
  std::atomic<int> at_once = 0;
  std::atomic<int> wrong = 0;
  int runs = 0; // not atomic: handlers never run at the same time
  server.handle("count", [&](TaskContext&) -> json {
    if (++at_once != 1)
      ++wrong;
    ++runs;
    --at_once;
    return nullptr;
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n)
        if (server.get(server.submit({.kind = "count"})).state != TaskState::succeeded)
          ++wrong;
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(wrong == 0);
  CHECK(runs == 200);
}
