// SIGKILL at random moments while tasks fail, are tried again, cancelled, retried and deleted, and
// want each other's unique keys: what was answered stays true.

#include "tests/faults/kill_rounds.hpp"
#include "tests/faults/recount.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <csignal>
#include <map>
#include <random>
#include <set>
#include <vector>

using namespace errand::test;
using nlohmann::json;

namespace {

constexpr int rounds = 20;
constexpr int max_attempts = 2;
constexpr int max_crashes = 3;

/// What one client was told about one of its tasks.
struct history {
  std::string kind;
  std::string last_order;        ///< That was answered by success; empty if none was.
  std::string state_then;        ///< Of the task in that answer.
  bool unanswered_order = false; ///< One more may have been carried out.
  int retries = 0;               ///< At most; each counts failures and crashes anew.
};

/// Submits and orders until the server is gone.
class ordering_client {
public:
  explicit ordering_client(unsigned seed) : random_(seed) {}

  std::map<std::string, history> tasks;
  std::vector<std::string> surprises; ///< Answers that contradict earlier ones.

  void work(const server_process& server) {
    auto client = server.client();
    client.set_read_timeout(2);
    while (random_() % 3 == 0 && !tasks.empty() ? order(client) : submit_one(client))
      continue;
  }

private:
  bool submit_one(httplib::Client& client) {
    const std::vector<std::string> kinds{"noop", "throw", "third_time", "sleep"};
    const auto kind = kinds[random_() % kinds.size()];
    json spec{{"kind", kind},
              {"max_attempts", max_attempts},
              {"max_crashes", max_crashes},
              {"retry", {{"min_backoff_s", 0.02}, {"max_backoff_s", 0.05}}}};
    if (kind == "sleep")
      spec["args"] = {{"seconds", 0.05}};
    if (random_() % 4 == 0)
      spec["delay_s"] = 0.1;
    if (random_() % 4 == 0)
      spec["unique"] = any_rule();
    const auto answer = client.Post("/v1/tasks", spec.dump(), "application/json");
    if (!answer)
      return false;
    if (answer->status != 202) {
      const bool not_unique =
          spec.contains("unique")
          && answer->status == (spec["unique"]["on_conflict"] == "return" ? 200 : 409);
      if (!not_unique)
        surprises.push_back("submit: " + answer->body);
      return true;
    }
    tasks[json::parse(answer->body)["id"]] = {kind, {}, {}, false, 0};
    return true;
  }

  json any_rule() {
    json rule{{"key", std::to_string(random_() % 5)}, {"on_conflict", any_conflict()}};
    rule["until"] = std::vector<std::string>{"final", "started", "window"}[random_() % 3];
    if (rule["until"] == "window")
      rule["window_s"] = 0.5;
    return rule;
  }

  std::string any_conflict() {
    return std::vector<std::string>{"return", "replace", "reject"}[random_() % 3];
  }

  bool order(httplib::Client& client) {
    auto& [id, told] = *std::next(tasks.begin(), static_cast<long>(random_() % tasks.size()));
    const auto what =
        std::vector<std::string>{"cancel", "cancel", "retry", "delete"}[random_() % 4];
    const auto path = "/v1/tasks/" + id;
    const auto answer =
        what == "delete" ? client.Delete(path.c_str()) : client.Post((path + "/" + what).c_str());
    if (!answer) {
      told.unanswered_order = true;
      told.retries += what == "retry";
      return false;
    }
    const bool done = answer->status == 200 || answer->status == 204;
    const bool gone = answer->status == 404;
    if (told.last_order == "delete"
            ? !gone
            : !done && answer->status != 409 && !(gone && told.unanswered_order))
      surprises.push_back(what + " after " + told.last_order + ": " + answer->body);
    if (done) {
      told.last_order = what;
      told.state_then = answer->status == 200 ? json::parse(answer->body)["state"] : json("");
      told.retries += what == "retry";
    }
    return true;
  }

  std::mt19937 random_;
};

/// Whether a task that has not ended is sure to have its key now.
bool holds_key(const errand::task& task, errand::timestamp now) {
  const auto& rule = task.spec.unique;
  if (!rule || is_final(task.state))
    return false;
  switch (rule->until) {
  case errand::unique_until::final:
    return true;
  case errand::unique_until::started:
    return false; // An attempt that was given back may have lost it to another task.
  case errand::unique_until::window:
    return task.created_at + rule->window > now;
  }
  return false;
}

/// No two tasks that have not ended hold the same key.
void check_keys(const std::string& url) {
  const auto db = errand::open_store({url});
  REQUIRE(db.ok());
  const auto reader = (*db)->open_reader();
  REQUIRE(reader.ok());
  const auto now = errand::system_now();
  std::set<std::string> keys;
  for (const auto& task : all_tasks(**reader))
    if (holds_key(task, now))
      CHECK(keys.insert(task.spec.unique->key).second);
}

/// What must hold of a task in the end, whatever was killed when.
void check_end(const history& told, const json& task) {
  INFO(task.dump() << " after " << told.last_order << " told " << told.state_then);
  if (task.is_null()) {
    CHECK((told.last_order == "delete" || told.unanswered_order));
    return;
  }
  CHECK(told.last_order != "delete");
  const std::string state = task["state"];
  CHECK((state == "succeeded" || state == "failed" || state == "cancelled"));
  if (told.last_order == "cancel" && !told.unanswered_order) {
    CHECK(task["cancel_requested"] == true);
    CHECK((state == "cancelled" || (told.state_then == "running" && state == "succeeded")));
  }
  int failed = 0, lost = 0, number = 0;
  for (const auto& attempt : task["attempts"]) {
    failed += attempt["outcome"] == "failed";
    lost += attempt["outcome"] == "lost";
    CHECK(attempt["number"] == ++number);
  }
  CHECK(task["attempt"] == number);
  CHECK(failed <= max_attempts * (1 + told.retries));
  CHECK(lost <= max_crashes * (1 + told.retries));
  if (state == "failed")
    CHECK((failed >= max_attempts || lost >= max_crashes));
  if (told.kind == "throw")
    CHECK(state != "succeeded");
}

} // namespace

TEST_CASE("after SIGKILL at any moment every order that was answered has been carried out") {
  temp_folder folder;
  const auto url = "sqlite:" + folder.file("tasks.db");
  const std::vector<std::string> arguments{"--store", url, "--workers", "2"};
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  std::vector<ordering_client> clients;
  for (unsigned i = 0; i < 3; ++i)
    clients.emplace_back(seed + 1 + i);

  live_and_kill({FAULTY_PROGRAM, arguments, folder.file("log")}, rounds, clients, random,
                [&] { check_keys(url); });

  {
    server_process server{FAULTY_PROGRAM, arguments, folder.file("log")};
    auto client = server.client();
    REQUIRE(eventually(
        [&] { return list_all(client, "state=queued,running,scheduled,retrying").empty(); },
        std::chrono::seconds{120}));
    size_t acknowledged = 0;
    for (const auto& each : clients)
      for (const auto& [id, told] : each.tasks) {
        ++acknowledged;
        check_end(told, get_task(client, id));
      }
    CHECK(acknowledged > 0);
    server.signal(SIGTERM);
    CHECK(server.wait_for_end() == 0);
  }

  check_counts(url);
  for (const auto& each : clients)
    CHECK(each.surprises.empty());
}
