// SIGKILL at random moments while batches are submitted, run and cancelled: each is there whole or
// not at all, and what comes after others has run once and after them.

#include "tests/faults/kill_rounds.hpp"
#include "tests/faults/recount.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <csignal>
#include <map>
#include <random>
#include <set>
#include <vector>

using namespace errand::test;
using nlohmann::json;

namespace {

constexpr int rounds = 20;
constexpr int max_attempts = 3;

/// Submits batches, each tagged with a number of its own, and cancels some of their tasks until the
/// server is gone.
class batching_client {
public:
  batching_client(unsigned seed, std::string name) : random_(seed), name_(std::move(name)) {}

  std::map<std::string, json> accepted; ///< Batch -> answer.
  std::map<std::string, size_t> sent;   ///< Batch -> how many tasks it has, with then.
  std::set<std::string> refused;        ///< Batches of which one task's unique key was taken.
  std::set<std::string> unwanted;       ///< Tasks whose cancel was asked for.
  std::vector<std::string> surprises;

  void work(const server_process& server) {
    auto client = server.client();
    client.set_read_timeout(2);
    while (random_() % 3 == 0 && !last_.empty() ? cancel_one(client) : submit_one(client))
      continue;
  }

private:
  /// A layer of tasks, some of which come after others of it, and one that comes after all.
  json batch(const std::string& number) {
    const size_t n = 1 + random_() % 30;
    json tasks = json::array();
    for (size_t i = 0; i < n; ++i) {
      json task{{"kind", any_kind()},
                {"ref", std::to_string(i)},
                {"max_attempts", max_attempts},
                {"retry", {{"min_backoff_s", 0.01}, {"max_backoff_s", 0.02}}},
                {"tags", {{"batch", number}}}};
      for (auto links = random_() % 3; links > 0 && i > 0; --links)
        task["after"].push_back("#" + std::to_string(random_() % i));
      if (random_() % 3 == 0)
        task["on_dependency_failure"] = "run";
      tasks.push_back(std::move(task));
    }
    if (random_() % 4 == 0)
      tasks[0]["unique"] = {{"key", std::to_string(random_() % 3)}, {"on_conflict", "reject"}};
    std::shuffle(tasks.begin(), tasks.end(), random_);
    return {{"tasks", std::move(tasks)},
            {"then",
             {{"kind", "noop"},
              {"on_dependency_failure", random_() % 2 == 0 ? "run" : "cancel"},
              {"tags", {{"batch", number}, {"then", "1"}}}}}};
  }

  /// "third_time" fails twice before it succeeds.
  std::string any_kind() {
    const auto dice = random_() % 20;
    return dice < 2 ? "throw" : dice < 4 ? "third_time" : "noop";
  }

  bool submit_one(httplib::Client& client) {
    const auto number = name_ + "-" + std::to_string(sent.size());
    const auto body = batch(number);
    sent[number] = body["tasks"].size() + 1;
    const auto answer = client.Post("/v1/tasks/batch", body.dump(), "application/json");
    if (!answer)
      return false;
    if (answer->status == 202)
      last_ = accepted[number] = json::parse(answer->body);
    else if (answer->status == 409)
      refused.insert(number);
    else
      surprises.push_back(answer->body);
    return true;
  }

  /// One of the last batch, perhaps the one that comes after all others.
  bool cancel_one(httplib::Client& client) {
    const auto& tasks = last_["tasks"];
    const auto which = random_() % (tasks.size() + 1);
    const std::string id = which < tasks.size() ? tasks[which]["id"] : last_["then"]["id"];
    unwanted.insert(id);
    const auto answer = client.Post(("/v1/tasks/" + id + "/cancel").c_str());
    if (answer && answer->status != 200 && answer->status != 409)
      surprises.push_back(answer->body);
    return bool(answer);
  }

  std::mt19937 random_;
  std::string name_;
  json last_; ///< The last batch that was accepted.
};

/// No task has run once more after it had succeeded, nor failed more often than it may; one that
/// can but succeed has no attempt beside that but those that were lost.
void check_attempts(const json& task) {
  std::map<std::string, int> outcomes;
  int number = 0;
  for (const auto& attempt : task["attempts"]) {
    ++outcomes[attempt["outcome"]];
    CHECK(attempt["number"] == ++number);
  }
  CHECK(task["attempt"] == number);
  const int succeeded = task["state"] == "succeeded" ? 1 : 0;
  CHECK(outcomes["succeeded"] == succeeded);
  CHECK(outcomes["failed"] <= (task["kind"] == "throw" ? max_attempts : 2));
  CHECK(outcomes["cancelled"] <= (task["state"] == "cancelled" ? 1 : 0));
  if (task["kind"] == "noop")
    CHECK(number - outcomes["lost"] == succeeded);
}

/// What must hold of a task once everything has ended.
void check_end(const json& task, const std::map<std::string, json>& all, bool was_unwanted) {
  INFO(task.dump());
  const std::string state = task["state"];
  bool upstream_failed = false;
  for (const auto& id : task.value("after", json::array())) {
    const auto& upstream = all.at(id);
    upstream_failed |= upstream["state"] != "succeeded";
    if (!task["started_at"].is_null()) {
      REQUIRE_FALSE(upstream["finished_at"].is_null());
      CHECK(upstream["finished_at"].get<std::string>() <= task["started_at"].get<std::string>());
    }
  }
  check_attempts(task);
  if (state == "cancelled" && task["cancel_reason"] == "requested") {
    CHECK(was_unwanted);
  } else if (upstream_failed && task["on_dependency_failure"] == "cancel") {
    CHECK(state == "cancelled");
    CHECK(task["cancel_reason"] == "dependency");
    CHECK(task["attempt"] == 0);
  } else if (task["kind"] == "throw") {
    CHECK(state == "failed");
  } else {
    const bool lost_too_often = state == "failed" && task["error"]["type"] == "worker_lost";
    CHECK((state == "succeeded" || lost_too_often));
  }
}

} // namespace

TEST_CASE("after SIGKILL at any moment each batch is whole or absent, its order was "
          "kept, and what comes after all of it ran once") {
  temp_folder folder;
  const auto url = "sqlite:" + folder.file("tasks.db");
  const std::vector<std::string> arguments{"--store", url, "--workers", "2"};
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  std::vector<batching_client> clients;
  for (unsigned i = 0; i < 2; ++i)
    clients.emplace_back(seed + 1 + i, "client" + std::to_string(i));

  live_and_kill({FAULTY_PROGRAM, arguments, folder.file("log")}, rounds, clients, random);

  server_process server{FAULTY_PROGRAM, arguments, folder.file("log")};
  auto client = server.client();
  REQUIRE(eventually(
      [&] { return list_all(client, "state=waiting,queued,running,scheduled,retrying").empty(); },
      std::chrono::seconds{120}));
  std::map<std::string, json> all;
  std::map<std::string, std::set<std::string>> batches;
  for (const auto& task : list_all(client, "")) {
    const std::string id = task["id"];
    batches[task["tags"]["batch"]].insert(id);
    all.emplace(id, get_task(client, id));
  }
  std::set<std::string> unwanted;
  for (const auto& each : clients)
    unwanted.insert(each.unwanted.begin(), each.unwanted.end());
  for (const auto& [id, task] : all)
    check_end(task, all, unwanted.contains(id));

  size_t acknowledged = 0;
  for (const auto& each : clients) {
    CHECK(each.surprises.empty());
    acknowledged += each.accepted.size();
    for (const auto& [number, size] : each.sent)
      if (batches.contains(number))
        CHECK(batches.at(number).size() == size);
    for (const auto& number : each.refused)
      CHECK_FALSE(batches.contains(number));
    for (const auto& [number, answer] : each.accepted) {
      REQUIRE(batches.contains(number));
      for (const auto& task : answer["tasks"])
        CHECK(batches.at(number).contains(task["id"]));
      const auto& then = all.at(answer["then"]["id"]);
      CHECK(then["after"].size() + 1 == batches.at(number).size());
    }
  }
  CHECK(acknowledged > 0);
  CHECK(server.log().find("is put right") == std::string::npos);
  server.signal(SIGTERM);
  CHECK(server.wait_for_end() == 0);
  check_counts(url);
}
