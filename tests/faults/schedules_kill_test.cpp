// SIGKILL while schedules fire: every nominal time between the first and the last has one task,
// however often the server died between a fire's two halves.

#include "task/time.hpp"
#include "tests/faults/kill_rounds.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

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

std::string path_of(int number) {
  return "/v1/schedules/s" + std::to_string(number);
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
  int runs = 0;

  void work(const server_process& server) {
    auto client = server.client();
    client.set_read_timeout(2);
    for (int i = 0;; ++i) {
      const int number = i % schedules;
      if (i % 4 == 0 && !client.Put(path_of(number), body_of(number), "application/json"))
        return;
      const auto ran = client.Post(path_of(number) + "/run");
      if (!ran)
        return;
      runs += ran->status == 202;
    }
  }
};

timestamp time_of(const json& text) {
  const auto time = parse_rfc3339(text.get<std::string>());
  REQUIRE(time);
  return *time;
}

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
      const auto made = client.Put(path_of(i), body_of(i), "application/json");
      REQUIRE(made);
      REQUIRE(made->status == 201);
    }
    server.kill();
  }
  std::vector<busy_client> clients(2);
  live_and_kill({ERRAND_PROGRAM, arguments, folder.file("log")}, rounds, clients, random);

  server_process server{ERRAND_PROGRAM, arguments, folder.file("log")};
  auto client = server.client();
  int runs_found = 0;
  for (int i = 0; i < schedules; ++i) {
    INFO(path_of(i));
    // What it missed while there was no server is made up for.
    REQUIRE(eventually([&] {
      const auto shown = client.Get(path_of(i));
      return shown && time_of(json::parse(shown->body)["next_runs"][0]) > system_now();
    }));
    const auto paused = client.Post(path_of(i) + "/pause");
    REQUIRE(paused);
    REQUIRE(paused->status == 200);

    std::set<timestamp> times;
    for (const auto& task : list_all(client, "schedule=s" + std::to_string(i)))
      if (task.contains("nominal_at"))
        CHECK(times.insert(time_of(task["nominal_at"])).second);
      else
        ++runs_found;
    // Times are told in whole milliseconds, and so is the period.
    const auto begin = time_of(json::parse(paused->body)["created_at"]);
    REQUIRE(times.size() > rounds);
    CHECK(*times.begin() == begin + period);
    CHECK(static_cast<int64_t>(times.size()) == (*times.rbegin() - begin) / period);
  }
  // An order whose answer was lost may have been carried out.
  int runs = 0;
  for (const auto& each : clients)
    runs += each.runs;
  CHECK(runs_found >= runs);
  CHECK(runs_found <= runs + rounds * static_cast<int>(clients.size()));
}
