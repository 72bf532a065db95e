// SIGTERM while a handler runs that outlives the drain, and other workers are idle: its attempt is
// given back uncounted, and nobody of the server that stops takes it again.

#include "tests/faults/recount.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <csignal>
#include <string>
#include <vector>

using namespace errand::test;
using nlohmann::json;

namespace {

constexpr int rounds = 5;

/// As the server that has stopped left them.
std::vector<errand::task> tasks_of(const std::string& url) {
  const auto db = errand::open_store({url});
  REQUIRE(db.ok());
  const auto reader = (*db)->open_reader();
  REQUIRE(reader.ok());
  return all_tasks(**reader);
}

errand::task only_task(const std::string& url) {
  auto all = tasks_of(url);
  REQUIRE(all.size() == 1);
  return all[0];
}

} // namespace

TEST_CASE("an attempt that SIGTERM ends is put back uncounted while other workers are idle") {
  temp_folder folder;
  const auto url = "sqlite:" + folder.file("tasks.db");
  std::string id;
  for (int round = 0; round < rounds; ++round) {
    INFO("round " << round);
    {
      server_process server{ERRAND_PROGRAM,
                            {"serve", "--store", url, "--workers", "4", "--drain-timeout", "0.3"},
                            folder.file("log")};
      auto client = server.client();
      if (round == 0) {
        const auto accepted =
            submit(client, {{"kind", "sleep"}, {"args", {{"seconds", 60}}}, {"max_attempts", 1}});
        REQUIRE(accepted);
        id = accepted->at("id");
      }
      json task;
      const bool runs =
          eventually([&] { return (task = get_task(client, id))["state"] == "running"; });
      INFO(task.dump());
      REQUIRE(runs);
      CHECK(task["attempt"] == 1);
      CHECK(task["attempts"].size() == 1);
      server.signal(SIGTERM);
      const auto end = server.wait_for_end();
      REQUIRE(end);
      CHECK(*end == 0);
    }
    const auto left = only_task(url);
    CHECK(left.id.to_string() == id);
    REQUIRE(left.state == errand::task_state::queued);
    CHECK(left.attempt == 0);
    CHECK(left.failures == 0);
    CHECK(left.crashes == 0);
  }
}

TEST_CASE("what falls due while SIGTERM comes is done, or left as it was") {
  temp_folder folder;
  constexpr int n = 500;
  for (int round = 0; round < rounds; ++round) {
    INFO("round " << round);
    const auto url = "sqlite:" + folder.file(std::to_string(round) + ".db");
    {
      server_process server{
          ERRAND_PROGRAM, {"serve", "--store", url, "--workers", "4"}, folder.file("log")};
      auto client = server.client();
      json batch{{"tasks", json::array()}};
      for (int i = 0; i < n; ++i)
        batch["tasks"].push_back({{"kind", "noop"}, {"delay_s", 0.2 + i * 0.002}});
      const auto accepted = client.Post("/v1/tasks/batch", batch.dump(), "application/json");
      REQUIRE(accepted);
      REQUIRE(accepted->status == 202);
      // In the middle of the second in which they fall due, each time a little later.
      const auto last = json::parse(accepted->body)["tasks"][100 + 20 * round]["id"];
      REQUIRE(eventually([&] { return get_task(client, last)["state"] == "succeeded"; }));
      server.signal(SIGTERM);
      const auto end = server.wait_for_end();
      REQUIRE(end);
      CHECK(*end == 0);
    }
    const auto left = tasks_of(url);
    CHECK(left.size() == n);
    for (const auto& task : left) {
      CHECK(task.state != errand::task_state::running);
      CHECK(task.crashes == 0);
    }
  }
}
