// SIGKILL while schedules fire: every nominal time between the first and the last has one task,
// however often the server died between a fire's two halves.

#include "tests/faults/kill_rounds.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include "task/time.hpp"

#include <map>
#include <random>
#include <set>
#include <vector>

using namespace errand;
using namespace errand::test;
using nlohmann::json;

namespace {

constexpr int rounds = 20;
constexpr int schedules = 12;

/// The shortest that there is, so that fires are always under way.
constexpr auto period = std::chrono::milliseconds{100};

std::string name_of(int number) {
  return "s" + std::to_string(number);
}

/// What a client sends of a schedule.
std::string body_of(int number) {
  return json{{"every_s", std::chrono::duration<double>(period).count()},
              {"missed", "run_all"},
              {"task", {{"kind", "noop"}, {"queue", "q" + std::to_string(number % 3)}}}}
      .dump();
}

/// Sends schedules that are there already, and orders to run, so that others stand in the batches.
struct busy_client {
  int number = 0;
  int runs = 0;

  void work(const server_process& server) {
    auto client = server.client();
    client.set_read_timeout(2);
    for (int i = 0;; ++i) {
      const auto name = "/v1/schedules/" + name_of(i % schedules);
      if (i % 4 == 0 && !client.Put(name, body_of(i % schedules), "application/json"))
        return;
      const auto ran = client.Post(name + "/run");
      if (!ran)
        return;
      runs += ran->status == 202;
    }
  }
};

} // namespace

TEST_CASE("every nominal time has exactly one task, whatever is killed while schedules fire") {
  temp_folder folder;
  const std::vector<std::string> arguments{"serve", "--store", "sqlite:" + folder.file("tasks.db"),
                                           "--workers", "2"};
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  {
    server_process server{ERRAND_PROGRAM, arguments, folder.file("log")};
    auto client = server.client();
    for (int i = 0; i < schedules; ++i) {
      const auto made = client.Put("/v1/schedules/" + name_of(i), body_of(i), "application/json");
      REQUIRE(made);
      REQUIRE(made->status == 201);
    }
    server.kill();
  }
  std::vector<busy_client> clients(2);
  live_and_kill({ERRAND_PROGRAM, arguments, folder.file("log")}, rounds, clients, random);

  server_process server{ERRAND_PROGRAM, arguments, folder.file("log")};
  auto client = server.client();
  int runs = 0;
  for (const auto& each : clients)
    runs += each.runs;
  int tasks_run = 0;
  for (int i = 0; i < schedules; ++i) {
    const auto name = name_of(i);
    INFO("schedule " << name);
    // What it missed while there was no server is made up for.
    eventually([&] {
      const auto shown = client.Get("/v1/schedules/" + name);
      return shown
             && parse_rfc3339(json::parse(shown->body)["next_runs"][0].get<std::string>())
                    > system_now();
    });
    const auto paused = client.Post("/v1/schedules/" + name + "/pause");
    REQUIRE(paused);
    REQUIRE(paused->status == 200);
    const auto shown = json::parse(paused->body);

    std::set<timestamp> times;
    for (const auto& task : list_all(client, "schedule=" + name)) {
      if (!task.contains("nominal_at")) {
        ++tasks_run;
        continue;
      }
      const auto time = parse_rfc3339(task["nominal_at"].get<std::string>());
      REQUIRE(time);
      CHECK(times.insert(*time).second);
    }
    // Times are told in whole milliseconds, and so is the period.
    const auto first = parse_rfc3339(shown["created_at"].get<std::string>());
    REQUIRE(first);
    REQUIRE(!times.empty());
    CHECK(*times.begin() == *first + period);
    CHECK(static_cast<int64_t>(times.size()) == (*times.rbegin() - *first) / period);
    CHECK(times.size() > rounds);
  }
  // An order whose answer was lost may have been carried out.
  CHECK(tasks_run >= runs);
}
