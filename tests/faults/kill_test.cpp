// SIGKILL at random moments under load: what was acknowledged exists once and ends once.

#include "tests/faults/kill_rounds.hpp"
#include "tests/faults/recount.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

using namespace errand::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr int rounds = 50;
constexpr int submitters = 4;

bool nothing_is_live(httplib::Client& client) {
  return list_all(client, "state=queued,running,scheduled,retrying").empty();
}

/// Submits tasks of several kinds until the server is gone; remembers what was acknowledged.
struct submitter {
  std::set<std::string> acknowledged;
  unsigned seed = 0;
  int sent = 0;

  void work(const server_process& server) {
    std::mt19937 random{seed++};
    auto client = server.client();
    client.set_read_timeout(2);
    for (;;) {
      json spec{{"kind", "noop"},
                {"tags", {{"n", std::to_string(seed) + "-" + std::to_string(sent)}}}};
      ++sent;
      switch (random() % 8) {
      case 0:
        spec.update({{"kind", "sleep"}, {"args", {{"seconds", 0.02}}}});
        break;
      case 1:
        spec.update({{"kind", "echo"}, {"args", "hello"}});
        break;
      case 2:
        spec["delay_s"] = 0.05;
        break;
      case 3:
        spec.update({{"priority", 1000}, {"tags", {{"refused", "yes"}}}});
        break;
      default:
        break;
      }
      const auto answer = client.Post("/v1/tasks", spec.dump(), "application/json");
      if (!answer)
        return; // the server is gone
      if (answer->status == 202)
        acknowledged.insert(json::parse(answer->body)["id"].get<std::string>());
    }
  }
};

/// What the next server will find.
void check_acknowledged(const std::string& url, const std::vector<submitter>& clients) {
  const auto db = errand::open_store({url});
  REQUIRE(db.ok());
  const auto reader = (*db)->open_reader();
  REQUIRE(reader.ok());
  std::set<std::string> found;
  for (const auto& task : all_tasks(**reader))
    CHECK(found.insert(task.id.to_string()).second);
  for (const auto& each : clients)
    CHECK(std::includes(found.begin(), found.end(), each.acknowledged.begin(),
                        each.acknowledged.end()));
}

} // namespace

TEST_CASE("after SIGKILL at any moment every acknowledged task exists once and ends once") {
  temp_folder folder;
  const auto url = "sqlite:" + folder.file("tasks.db");
  const std::vector<std::string> arguments{"serve", "--store", url, "--workers", "2"};
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  std::vector<submitter> clients(submitters);
  for (unsigned i = 0; i < submitters; ++i)
    clients[i].seed = 1000 * i;

  live_and_kill({ERRAND_PROGRAM, arguments, folder.file("log")}, rounds, clients, random,
                [&] { check_acknowledged(url, clients); });

  server_process server{ERRAND_PROGRAM, arguments, folder.file("log")};
  auto client = server.client();
  REQUIRE(eventually([&] { return nothing_is_live(client); }, 120s));

  std::map<std::string, json> found;
  std::set<std::string> numbers;
  for (const auto& task : list_all(client, "")) {
    CHECK(found.emplace(task["id"], task).second);
    CHECK_FALSE(task["tags"].contains("refused"));
    CHECK(numbers.insert(task["tags"]["n"]).second);
  }
  size_t acknowledged = 0;
  for (const auto& each : clients) {
    acknowledged += each.acknowledged.size();
    for (const auto& id : each.acknowledged)
      CHECK(found.count(id) == 1);
  }
  CHECK(acknowledged > 0);
  for (const auto& [id, task] : found) {
    INFO(task.dump());
    const auto full = get_task(client, id);
    const auto& attempts = full["attempts"];
    const auto lost = std::count_if(attempts.begin(), attempts.end(), [](const json& attempt) {
      return attempt["outcome"] == "lost";
    });
    if (task["state"] == "succeeded") {
      CHECK(attempts.size() == static_cast<size_t>(lost) + 1);
      CHECK(attempts.back()["outcome"] == "succeeded");
      CHECK(lost < 3);
    } else {
      CHECK(task["state"] == "failed");
      CHECK(task["error"]["type"] == "worker_lost");
      CHECK(lost == 3);
    }
  }
}

TEST_CASE("forty sleeps on two workers all succeed although the server is killed in the middle") {
  temp_folder folder;
  const std::vector<std::string> arguments{"serve", "--store", "sqlite:" + folder.file("tasks.db"),
                                           "--workers", "2"};
  std::vector<std::string> ids(40);
  {
    server_process server{ERRAND_PROGRAM, arguments, folder.file("log")};
    std::vector<std::thread> threads;
    std::atomic<int> answered{0};
    for (auto& id : ids)
      threads.emplace_back([&] {
        auto client = server.client();
        if (const auto task = submit(client, {{"kind", "sleep"}, {"args", {{"seconds", 0.2}}}})) {
          id = (*task)["id"];
          ++answered;
        }
      });
    for (auto& thread : threads)
      thread.join();
    REQUIRE(answered == 40);
    auto client = server.client();
    REQUIRE(eventually([&] { return list_all(client, "state=succeeded").size() >= 10; }));
    CHECK(list_all(client, "state=running").size() <= 2);
    server.kill();
  }
  server_process server{ERRAND_PROGRAM, arguments, folder.file("log")};
  auto client = server.client();
  REQUIRE(eventually([&] { return nothing_is_live(client); }, 60s));
  std::set<std::string> workers;
  size_t lost = 0;
  for (const auto& id : ids) {
    const auto task = get_task(client, id);
    CHECK(task["state"] == "succeeded");
    CHECK(task["result"] == 0.2);
    workers.insert(task["worker"].get<std::string>());
    lost += task["attempts"].size() - 1;
  }
  CHECK(workers == std::set<std::string>{"worker-1", "worker-2"});
  CHECK(lost <= 2);
}
