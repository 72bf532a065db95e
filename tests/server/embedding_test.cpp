// What a program does with the tasks of a server inside it, without HTTP.

#include "tests/server/embedding.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temp_folder.hpp"

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <mutex>
#include <thread>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;
using nlohmann::json;
using fault = RequestError::Fault;

TEST_CASE("a program submits a task, waits for it, and has its result") {
  TaskServer server{quiet_options()};
  server.handle("five", [](TaskContext&) -> json { return 5; });
  server.start();
  const auto id = server.submit({.kind = "five", .args = {{"n", 1}}});
  const auto done = server.wait(id, 10s);
  CHECK(done.id == id);
  CHECK(done.state == TaskState::succeeded);
  CHECK(done.is_final());
  CHECK(done.result == 5);
  CHECK(done.args == json{{"n", 1}});
  CHECK(done.attempt == 1);
  CHECK(to_string(done.state) == "succeeded");
  CHECK(server.get(id).result == 5);
}

namespace {

/// Of the environment, as long as this lives.
struct variable {
  variable(const char* called, const std::string& value) : name(called) {
    ::setenv(name, value.c_str(), 1);
  }
  ~variable() { ::unsetenv(name); }
  const char* name;
};

nlohmann::json result_in_readme() {
  // As README.md has it.
  errand::TaskServer server{errand::load_options()};
  server.handle("five", [](errand::TaskContext&) -> nlohmann::json { return 5; });
  server.start();
  const auto id = server.submit({.kind = "five"});
  const auto task = server.wait(id, std::chrono::seconds(10)); // task.result is 5
  return task.result;
}

} // namespace

TEST_CASE("options are read from a file and the environment, and what is wrong is told") {
  const temp_folder folder;
  const auto file = folder.file("errand.toml");
  std::ofstream(file) << "store = \"sqlite::memory:\"\n[log]\nlevel = \"off\"\n[http]\nport = 0\n";
  CHECK(load_options(file).store == "sqlite::memory:");
  const variable config("ERRAND_CONFIG", file);
  {
    const variable workers("ERRAND_WORKERS", "3");
    CHECK(load_options().workers == 3);
    CHECK(result_in_readme() == 5);
  }
  const variable workers("ERRAND_WORKERS", "many");
  CHECK_THROWS_AS(load_options(), StartError);
}

TEST_CASE("each field of a spec reaches the task") {
  TaskServer server{quiet_options()};
  server.start();
  const auto first = server.submit({.kind = "noop", .delay = Seconds{3600}});
  const auto now = std::chrono::system_clock::now();
  const auto id = server.submit({.kind = "noop",
                                 .args = {1, 2},
                                 .queue = "q",
                                 .priority = -7,
                                 .run_at = now + 1h,
                                 .expires_at = now + 2h,
                                 .timeout = Seconds{1.5},
                                 .max_attempts = 7,
                                 .max_crashes = 4,
                                 .retry = {.min_backoff = Seconds{2}, .factor = 3},
                                 .unique = Unique{.key = "k"},
                                 .group = "g",
                                 .after = {first},
                                 .run_after_failure = true,
                                 .tags = {{"a", "b"}},
                                 .callback_url = "http://example.org/"});
  const auto task = server.get(id);
  CHECK(task.state == TaskState::waiting);
  CHECK(task.queue == "q");
  CHECK(task.priority == -7);
  CHECK(task.args == json::array({1, 2}));
  CHECK(task.tags.at("a") == "b");
  auto client = client_of(server);
  const auto shown = get_task(client, id);
  CHECK(shown.at("timeout_s") == 1.5);
  CHECK(shown.at("max_attempts") == 7);
  CHECK(shown.at("max_crashes") == 4);
  CHECK(shown.at("retry").at("min_backoff_s") == 2);
  CHECK(shown.at("retry").at("factor") == 3);
  CHECK(shown.at("group") == "g");
  CHECK(shown.at("after") == json::array({first}));
  CHECK(shown.at("on_dependency_failure") == "run");
  CHECK(shown.at("callback_url") == "http://example.org/");
  CHECK(shown.contains("expires_at"));
  CHECK(std::chrono::abs(task.run_at - (now + 1h)) < 2ms);
  CHECK(server.submit({.kind = "noop", .unique = Unique{.key = "k"}}) == id);
  CHECK(fault_of([&] {
          server.submit({.kind = "noop",
                         .unique = Unique{.key = "k", .on_conflict = Unique::OnConflict::reject}});
        })
        == fault::not_unique);
}

TEST_CASE("a spec that breaks rules is refused with all that is wrong") {
  TaskServer server{quiet_options()};
  server.start();
  try {
    server.submit({.kind = "no blanks", .priority = 101, .timeout = Seconds{-1}});
    FAIL("it was taken");
  } catch (const RequestError& error) {
    CHECK(error.fault() == fault::invalid);
    const std::string what = error.what();
    for (const auto* part : {"/kind", "/priority", "/timeout_s"})
      CHECK(what.find(part) != what.npos);
  }
  CHECK(fault_of([&] { server.submit({.kind = "noop", .group = "\xff"}); }) == fault::invalid);
  CHECK(fault_of([&] { server.submit({.kind = "noop", .delay = Seconds{NAN}}); })
        == fault::invalid);
  CHECK(fault_of([&] { server.get("nonsense"); }) == fault::not_found);
  CHECK(fault_of([&] { server.get("01890a5d-ac96-774b-bcce-b302099a8057"); }) == fault::not_found);
}

TEST_CASE("a batch is added whole or not at all, and its tasks may come after each other") {
  TaskServer server{quiet_options()};
  server.start();
  const auto ids = server.submit_batch(
      {{.kind = "echo", .args = 1}, {.kind = "echo", .args = 2, .after = {"#0"}}});
  REQUIRE(ids.size() == 2);
  CHECK(server.wait(ids[1], 10s).result == 2);
  CHECK(server.get(ids[0]).finished_at <= server.get(ids[1]).started_at);
  CHECK(fault_of([&] {
          server.submit_batch({{.kind = "noop"}, {.kind = "no blanks"}});
        })
        == fault::invalid);
  CHECK(fault_of([&] { server.submit_batch({{.kind = "noop", .after = {"#7"}}}); })
        == fault::invalid);
  auto client = client_of(server);
  CHECK(list_all(client, "").size() == 2);
}

TEST_CASE("wait ends with its patience, and tells how the task stands then") {
  TaskServer server{quiet_options()};
  server.start();
  const auto id = server.submit({.kind = "noop", .delay = Seconds{3600}});
  CHECK(server.wait(id, 10ms).state == TaskState::scheduled);
  CHECK(server.wait(id, Seconds{-1}).state == TaskState::scheduled);
}

TEST_CASE("a waiting task is cancelled at once, a running one when its handler heeds it") {
  std::atomic<bool> runs = false;
  TaskServer server{quiet_options()};
  server.handle("heedful", [&](TaskContext& task) -> json {
    runs = true;
    task.sleep_for(Seconds{60});
    throw std::runtime_error("told to end");
  });
  server.start();
  const auto later = server.submit({.kind = "heedful", .delay = Seconds{3600}});
  CHECK(server.cancel(later).state == TaskState::cancelled);
  CHECK(server.get(later).cancel_reason == "requested");
  CHECK(fault_of([&] { server.cancel(later); }) == fault::wrong_state);
  const auto now = server.submit({.kind = "heedful"});
  REQUIRE(eventually([&] { return runs.load(); }));
  CHECK(server.cancel(now).cancel_requested);
  CHECK(server.wait(now, 10s).state == TaskState::cancelled);
}

TEST_CASE("a handler submits and waits for other tasks") {
  TaskServer server{quiet_options()};
  server.handle("outer", [&](TaskContext&) -> json {
    return server.wait(server.submit({.kind = "echo", .args = "inner"}), 10s).result;
  });
  server.start();
  CHECK(server.wait(server.submit({.kind = "outer"}), 10s).result == "inner");
}

TEST_CASE("a schedule makes tasks") {
  std::atomic<int> runs = 0;
  TaskServer server{quiet_options()};
  server.handle("count", [&](TaskContext&) -> json { return ++runs; });
  server.start();
  server.schedule("often", {.every = Seconds{0.1}, .task = {.kind = "count"}});
  CHECK(eventually([&] { return runs >= 2; }));
  CHECK(fault_of([&] { server.schedule("never", {.cron = "99 * * * *", .task = {.kind = "x"}}); })
        == fault::invalid);
  CHECK(fault_of([&] { server.schedule("bad name", {.cron = "@daily", .task = {.kind = "x"}}); })
        == fault::invalid);
}

TEST_CASE("calls before the start and after the stop say that the server does not run") {
  TaskServer server{quiet_options()};
  CHECK(fault_of([&] { server.submit({.kind = "noop"}); }) == fault::stopped);
  CHECK(fault_of([&] { server.defer([] {}); }) == fault::stopped);
  server.start();
  CHECK_THROWS_AS(server.handle("late", [](TaskContext&) -> json { return 1; }), std::logic_error);
  CHECK(server.stop());
  CHECK(fault_of([&] { server.submit({.kind = "noop"}); }) == fault::stopped);
  CHECK(fault_of([&] { server.get("01890a5d-ac96-774b-bcce-b302099a8057"); }) == fault::stopped);
  CHECK_THROWS_AS(server.start(), StartError);
}

TEST_CASE("the first request that is answered finds a server that runs") {
  auto options = quiet_options();
  {
    TaskServer earlier{options};
    earlier.start();
    options.http.port = earlier.port();
  }
  TaskServer server{options};
  server.route("GET", "/defer", [&](const RouteRequest&) -> RouteReply {
    server.defer([] {});
    return {};
  });
  auto status = std::async(std::launch::async, [&] {
    httplib::Client client{"127.0.0.1", options.http.port};
    int got = 0;
    eventually([&] {
      const auto answer = client.Get("/defer");
      got = answer ? answer->status : 0;
      return got != 0;
    });
    return got;
  });
  server.start();
  CHECK(status.get() == 200);
}

TEST_CASE("the handler of a task that was left over finds a server that runs") {
  const temp_folder folder;
  auto options = quiet_options();
  options.store = "sqlite:" + folder.file("tasks.db");
  options.workers = 1;
  options.drain_timeout = Seconds{0};
  std::string id;
  {
    TaskServer earlier{options};
    std::promise<void> busy;
    earlier.handle("busy", [&](TaskContext& context) -> json {
      busy.set_value();
      eventually([&] { return context.cancelled(); });
      return nullptr;
    });
    earlier.handle("chain", [](TaskContext&) -> json { return "too early"; });
    earlier.start();
    earlier.submit({.kind = "busy"});
    busy.get_future().wait();
    id = earlier.submit({.kind = "chain"});
  }
  TaskServer server{options};
  server.handle("busy", [](TaskContext&) -> json { return nullptr; });
  server.handle("chain", [&](TaskContext&) -> json { return server.submit({.kind = "noop"}); });
  server.start();
  const std::string submitted = server.wait(id, 30s).result;
  CHECK(server.get(submitted).kind == "noop");
}

TEST_CASE("a stop wakes whoever waits for a task") {
  TaskServer server{quiet_options()};
  server.start();
  const auto id = server.submit({.kind = "noop", .delay = Seconds{3600}});
  std::optional<fault> told;
  std::atomic<bool> begins = false;
  std::thread waiting{[&] {
    begins = true;
    told = fault_of([&] { server.wait(id, 1h); });
  }};
  CHECK(eventually([&] { return begins.load(); }));
  CHECK(server.stop());
  waiting.join();
  CHECK(told == fault::stopped);
}

TEST_CASE("a stop while eight threads submit loses no task that was acknowledged") {
  const temp_folder folder;
  auto options = quiet_options();
  options.store = "sqlite:" + folder.file("tasks.db");
  std::mutex mutex;
  std::vector<TaskId> acknowledged;
  std::vector<fault> refusals;
  {
    TaskServer server{options};
    server.start();
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        for (;;) {
          try {
            const auto id = server.submit({.kind = "noop", .delay = Seconds{3600}});
            const std::lock_guard lock{mutex};
            acknowledged.push_back(id);
          } catch (const RequestError& error) {
            const std::lock_guard lock{mutex};
            return refusals.push_back(error.fault());
          }
        }
      });
    CHECK(eventually([&] {
      const std::lock_guard lock{mutex};
      return acknowledged.size() > 100;
    }));
    CHECK(server.stop());
    for (auto& thread : threads)
      thread.join();
  }
  CHECK(refusals == std::vector<fault>(8, fault::stopped));
  TaskServer again{options};
  again.start();
  for (const auto& id : acknowledged)
    CHECK(again.get(id).state == TaskState::scheduled);
}

TEST_CASE("two servers in one process do not know of each other") {
  TaskServer one{quiet_options()}, other{quiet_options()};
  one.handle("who", [](TaskContext&) -> json { return "one"; });
  other.handle("who", [](TaskContext&) -> json { return "other"; });
  one.start();
  other.start();
  CHECK(one.wait(one.submit({.kind = "who"}), 10s).result == "one");
  const auto id = other.submit({.kind = "who"});
  CHECK(other.wait(id, 10s).result == "other");
  CHECK(fault_of([&] { one.get(id); }) == fault::not_found);
  CHECK(one.stop());
  CHECK(other.wait(other.submit({.kind = "who"}), 10s).result == "other");
}

namespace {

size_t count_in(const char* folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator{folder}, {}));
}

} // namespace

TEST_CASE("a server starts and stops two hundred times in one process, and leaves nothing open") {
  const auto run_round = [](bool defers) {
    TaskServer server{quiet_options()};
    server.start();
    if (defers)
      server.defer([] {});
    CHECK(server.stop());
  };
  run_round(true); // what stays for the rest of the process comes with the first
  const auto files = count_in("/proc/self/fd");
  const auto threads = count_in("/proc/self/task");
  for (int i = 0; i < 200; ++i)
    run_round(i % 10 == 0);
  CHECK(count_in("/proc/self/fd") <= files);
  // A thread that has been waited for may stand there a little longer.
  CHECK(eventually([&] { return count_in("/proc/self/task") <= threads; }));
}

TEST_CASE("a batch of no tasks is accepted and has no ids, as over HTTP") {
  TaskServer server{quiet_options()};
  server.start();
  CHECK(server.submit_batch({}).empty());
  const auto answer =
      client_of(server).Post("/v1/tasks/batch", R"({"tasks":[]})", "application/json");
  REQUIRE(answer);
  CHECK(answer->status == 202);
  CHECK(json::parse(answer->body).at("tasks").empty());
}

TEST_CASE("a program's args may be larger than what HTTP takes, and are checked as HTTP's are") {
  TaskServer server{quiet_options()};
  server.start();
  const auto id =
      server.submit({.kind = "noop", .args = std::string(2 * HttpOptions{}.max_body_bytes, 'x')});
  CHECK(server.wait(id, 30s).state == TaskState::succeeded);
  const auto discarded = json::parse("{", nullptr, false);
  CHECK(fault_of([&] { server.submit({.kind = "noop", .args = discarded}); }) == fault::invalid);
  CHECK(fault_of([&] { server.submit({.kind = "noop", .args = json::array({discarded})}); })
        == fault::invalid);
}
