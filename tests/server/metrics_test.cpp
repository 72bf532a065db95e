// Metrics and actors of whole servers: what they count is what they did.
#include "tests/server/embedding.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temp_folder.hpp"

#include <set>

using namespace errand;
using namespace errand::test;
using nlohmann::json;

namespace {

std::string metrics(const TaskServer& server) {
  const auto answer = client_of(server).Get("/metrics");
  REQUIRE(answer);
  REQUIRE(answer->status == 200);
  return answer->body;
}

bool has(const std::string& text, const std::string& line) {
  return text.find('\n' + line + '\n') != std::string::npos;
}

/// What metrics say of the queue default and the kind echo.
std::string of_echo(const std::string& name, int n, const std::string& more = "") {
  return name + R"({queue="default",kind="echo")" + more + "} " + std::to_string(n);
}

} // namespace

TEST_CASE("what a server did and holds is in its metrics, and not in another's") {
  TaskServer busy{quiet_options()};
  TaskServer idle{quiet_options()};
  busy.handle("fail", [](TaskContext&) -> json { throw PermanentError("no"); });
  busy.start();
  idle.start();
  std::vector<TaskId> ids;
  for (int i = 0; i < 3; ++i)
    ids.push_back(busy.submit({.kind = "echo"}));
  ids.push_back(busy.submit({.kind = "fail"}));
  for (const auto& id : ids)
    busy.wait(id, Seconds{20});
  busy.submit({.kind = "nobody", .queue = "later"});

  REQUIRE(eventually([&] {
    return has(metrics(busy), of_echo("errand_tasks_ended_total", 3, R"(,outcome="succeeded")"));
  }));
  const auto text = metrics(busy);
  INFO(text);
  CHECK(has(text, of_echo("errand_tasks_submitted_total", 3)));
  CHECK(has(text, of_echo("errand_attempts_started_total", 3)));
  CHECK(has(text, R"(errand_tasks_ended_total{queue="default",kind="fail",outcome="failed"} 1)"));
  CHECK(has(text, R"(errand_task_wait_seconds_count{queue="default"} 4)"));
  CHECK(has(text, R"(errand_task_run_seconds_count{kind="echo"} 3)"));
  CHECK(has(text, R"(errand_tasks{queue="default",state="succeeded"} 3)"));
  CHECK(has(text, R"(errand_tasks{queue="later",state="queued"} 1)"));
  CHECK(has(text, R"(errand_workers{pool="default",state="idle"} 2)"));
  CHECK(has(text, R"(errand_actor_up{actor="clerk"} 1)"));
  CHECK(metrics(idle).find("\nerrand_tasks_submitted_total{") == std::string::npos);
  CHECK(busy.stop());
  CHECK(idle.stop());
}

TEST_CASE("after a restart counters begin at zero, and the depth is that of the store") {
  const temp_folder folder;
  auto options = quiet_options();
  options.store = "sqlite:" + folder.file("errand.db");
  {
    TaskServer first{options};
    first.start();
    first.wait(first.submit({.kind = "echo"}), Seconds{20});
    first.submit({.kind = "nobody"});
    REQUIRE(eventually([&] {
      return has(metrics(first), of_echo("errand_tasks_ended_total", 1, R"(,outcome="succeeded")"));
    }));
    CHECK(first.stop());
  }
  TaskServer second{options};
  second.start();
  const auto text = metrics(second);
  CHECK(text.find("\nerrand_tasks_submitted_total{") == std::string::npos);
  CHECK(has(text, R"(errand_tasks{queue="default",state="succeeded"} 1)"));
  CHECK(has(text, R"(errand_tasks{queue="default",state="queued"} 1)"));
  CHECK(second.stop());
}

TEST_CASE("the actors of a server are shown with its workers") {
  TaskServer server{quiet_options()};
  server.start();
  const auto answer = client_of(server).Get("/v1/actors");
  REQUIRE(answer);
  std::set<std::string> names;
  const auto told = json::parse(answer->body);
  for (const auto& actor : told["actors"]) {
    INFO(actor.dump());
    const auto name = actor["name"].get<std::string>();
    names.insert(name);
    CHECK(actor["state"] == (name.starts_with("worker-") ? "idle" : "answers"));
  }
  CHECK(names
        == std::set<std::string>{"front", "store", "reader", "events", "dispatcher", "scheduler",
                                 "statistics", "lessor", "clerk", "tasks", "worker-1", "worker-2"});
  CHECK(server.stop());
}
