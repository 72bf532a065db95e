// Many clients at once against one server; no answer may contradict another.
#include "tests/history/history.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <mutex>
#include <random>
#include <thread>

using namespace errand::test;
using nlohmann::json;
using what = observation::what;

namespace {

constexpr unsigned clients = 6;
constexpr int calls_of_each = 500;

/// A queue that may run so many at a time.
constexpr const char* narrow = "narrow";
constexpr size_t narrow_limit = 3;

/// The ids that all clients know of.
class shared_ids {
public:
  void add(const std::string& id) {
    const std::lock_guard lock{mutex_};
    ids_.push_back(id);
  }

  /// One of the newer ones, so that clients meet; empty if there is none.
  std::string any(unsigned chance) const {
    const std::lock_guard lock{mutex_};
    if (ids_.empty())
      return {};
    return ids_[ids_.size() - 1 - chance % std::min<size_t>(ids_.size(), 30)];
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> ids_;
};

struct held_lease {
  std::string task, queue, token;
  std::chrono::steady_clock::time_point since;
};

class recording_client {
public:
  recording_client(const server_process& server, shared_ids& ids, unsigned seed)
      : client_(server.client()), ids_(ids), random_(seed) {}

  history told;
  std::vector<std::string> surprises; ///< Answers that are wrong by themselves.

  void work() {
    for (int i = 0; i < calls_of_each; ++i)
      call(random_() % 24);
  }

private:
  void call(unsigned dice) {
    const auto id = ids_.any(static_cast<unsigned>(random_()));
    if (dice < 6 || id.empty())
      submit();
    else if (dice < 9)
      look(id, "");
    else if (dice < 11)
      look(id, "?wait_s=0.05");
    else if (dice < 14)
      order(id, "/cancel", what::cancelled, what::ended);
    else if (dice < 17)
      order(id, "/retry", what::retried, what::live);
    else if (dice < 18)
      remove(id);
    else if (dice < 22 && leases_.size() < 3)
      lease();
    else if (dice >= 20 && !leases_.empty())
      end_lease();
    else
      list(std::vector<std::string>{"", "succeeded", "failed", "cancelled"}[random_() % 4]);
  }

  template <class Call>
  httplib::Result timed(Call call) {
    when_.asked = std::chrono::steady_clock::now();
    auto answer = call();
    when_.answered = std::chrono::steady_clock::now();
    if (!answer)
      throw std::runtime_error("no answer");
    return answer;
  }

  void note(const std::string& id, what kind, const std::string& state = {}) {
    told.tasks[id].push_back({when_, kind, state});
  }

  void submit() {
    const std::vector<std::string> kinds{"noop",    "throw",   "third_time", "sleep",  "heedful",
                                         "outside", "outside", "clocked",    "clocked"};
    json spec{{"kind", kinds[random_() % kinds.size()]},
              {"queue", random_() % 2 == 0 ? narrow : "default"},
              {"args", {{"seconds", 0.01}}},
              {"max_attempts", 2},
              {"retry", {{"min_backoff_s", 0.01}, {"max_backoff_s", 0.02}}}};
    if (random_() % 5 == 0)
      spec["delay_s"] = 0.05;
    if (random_() % 5 == 0)
      spec["expires_in_s"] = 0.06;
    const auto answer =
        timed([&] { return client_.Post("/v1/tasks", spec.dump(), "application/json"); });
    if (answer->status != 202)
      return surprises.push_back(answer->body);
    const auto task = json::parse(answer->body);
    note(task["id"], what::submitted, task["state"]);
    ids_.add(task["id"]);
  }

  void look(const std::string& id, const std::string& query) {
    const auto answer = timed([&] { return client_.Get("/v1/tasks/" + id + query); });
    if (answer->status == 404)
      return note(id, what::missing);
    note(id, what::seen, json::parse(answer->body)["state"]);
  }

  void order(const std::string& id, const char* path, what done, what refused) {
    const auto answer = timed([&] { return client_.Post(("/v1/tasks/" + id + path).c_str()); });
    switch (answer->status) {
    case 200:
      return note(id, done, json::parse(answer->body)["state"]);
    case 404:
      return note(id, what::missing);
    case 409:
      return note(id, refused);
    default:
      surprises.push_back(answer->body);
    }
  }

  void remove(const std::string& id) {
    const auto answer = timed([&] { return client_.Delete(("/v1/tasks/" + id).c_str()); });
    if (answer->status == 204)
      note(id, what::removed);
    else if (answer->status == 404)
      note(id, what::missing);
    else if (answer->status != 409)
      surprises.push_back(answer->body);
  }

  void lease() {
    const auto answer = timed([&] {
      return client_.Post("/v1/leases", R"({"worker": "w", "kinds": ["outside"], "max": 2})",
                          "application/json");
    });
    if (answer->status != 200)
      return surprises.push_back(answer->body);
    const auto given = json::parse(answer->body);
    for (const auto& each : given.at("leases")) {
      note(each.at("task").at("id"), what::seen, each.at("task").at("state"));
      leases_.push_back({each.at("task").at("id"), each.at("task").at("queue"), each.at("token"),
                         when_.answered});
    }
  }

  void end_lease() {
    const auto mine = leases_.back();
    leases_.pop_back();
    const json end{{"token", mine.token}, {"outcome", "succeeded"}, {"result", "done"}};
    const auto answer = timed([&] {
      return client_.Post("/v1/leases/finish", json{{"leases", {end}}}.dump(), "application/json");
    });
    if (answer->status != 200 || json::parse(answer->body).at("leases").at(0).at("status") != "ok")
      return surprises.push_back(answer->body); // no lease here lives too short
    note(mine.task, what::seen, "succeeded");
    told.holdings[mine.task].push_back({mine.since, when_.asked});
    told.runs[mine.queue].push_back({mine.since, when_.asked});
  }

  void list(const std::string& state) {
    listing found{{}, state, {}};
    const std::string order = random_() % 2 ? "asc" : "desc";
    found.when.asked = std::chrono::steady_clock::now();
    for (std::string cursor = "&limit=40"; !cursor.empty();) {
      const auto answer = timed([&] {
        return client_.Get("/v1/tasks?order=" + order + (state.empty() ? "" : "&state=" + state)
                           + cursor);
      });
      const auto page = json::parse(answer->body);
      for (const auto& task : page["tasks"]) {
        note(task["id"], what::seen, task["state"]);
        found.tasks.push_back(task["id"]);
      }
      cursor = page["next_cursor"].is_null()
                   ? ""
                   : "&limit=40&cursor=" + page["next_cursor"].get<std::string>();
    }
    found.when.answered = std::chrono::steady_clock::now();
    told.lists.push_back(std::move(found));
  }

  httplib::Client client_;
  shared_ids& ids_;
  std::mt19937 random_;
  interval when_;
  std::vector<held_lease> leases_;
};

/// What handlers of the kind "clocked" noted of themselves, by the clock that all processes share.
void add_clocked_runs(const server_process& server, history& told) {
  auto client = server.client();
  for (const auto& each : list_all(client, "state=succeeded&kind=clocked")) {
    const auto task = get_task(client, each.at("id"));
    const auto moment = [&](const char* which) {
      return std::chrono::steady_clock::time_point{
          std::chrono::steady_clock::duration{task.at("result").at(which).get<int64_t>()}};
    };
    told.runs[task.at("queue")].push_back({moment("from"), moment("until")});
  }
}

} // namespace

TEST_CASE("no answer contradicts another, whoever asks what at the same time") {
  temp_folder folder;
  const server_process server{FAULTY_PROGRAM,
                              {"--store", "sqlite:" + folder.file("tasks.db"), "--workers", "4"},
                              folder.file("log")};
  REQUIRE(server.client()
              .Put(std::string("/v1/queues/") + narrow, json{{"concurrency", narrow_limit}}.dump(),
                   "application/json")
              ->status
          == 200);
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  shared_ids ids;
  std::vector<recording_client> all;
  for (unsigned i = 0; i < clients; ++i)
    all.emplace_back(server, ids, seed + i);
  std::vector<std::thread> threads;
  for (auto& client : all)
    threads.emplace_back([&client] { client.work(); });
  for (auto& thread : threads)
    thread.join();

  history told;
  for (auto& client : all) {
    CHECK(client.surprises.empty());
    told.add(std::move(client.told));
  }
  add_clocked_runs(server, told);
  told.limits[narrow] = narrow_limit;
  CHECK(told.runs[narrow].size() > clients);
  CHECK(told.tasks.size() > clients);
  CHECK(told.lists.size() > clients);
  CHECK(told.holdings.size() > clients);
  const auto found = contradictions(told);
  for (const auto& each : found)
    UNSCOPED_INFO(each);
  CHECK(found.empty());
}
