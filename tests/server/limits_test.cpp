// What limits and pools come to when handlers really run beside each other.

#include "tests/server/embedding.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>

using namespace errand;
using namespace errand::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

/// How many run at a time, and how many ever did.
class gauge {
public:
  void enter(const std::string& what) {
    const std::lock_guard lock{mutex_};
    auto& [now, most] = counts_[what];
    most = std::max(most, ++now);
    changed_.notify_all();
  }

  /// Returns once so many ever ran at a time, or after a while all the same.
  void wait_for(const std::string& what, int n) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 20s, [&] { return counts_[what].second >= n; });
  }
  void leave(const std::string& what) {
    const std::lock_guard lock{mutex_};
    --counts_[what].first;
  }
  int most(const std::string& what) {
    const std::lock_guard lock{mutex_};
    return counts_[what].second;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::pair<int, int>> counts_;
};

Options with_workers(size_t n) {
  auto options = quiet_options();
  options.workers = n;
  return options;
}

void put_queue(httplib::Client& client, const std::string& queue, const json& settings) {
  const auto answer = client.Put("/v1/queues/" + queue, settings.dump(), "application/json");
  REQUIRE(answer);
  REQUIRE(answer->status == 200);
}

json counts_of(httplib::Client& client, const std::string& queue) {
  const auto answer = client.Get("/v1/queues/" + queue);
  REQUIRE(answer);
  return json::parse(answer->body).at("counts");
}

} // namespace

TEST_CASE("under load no limit of a queue or of its groups is ever exceeded, and each is reached") {
  gauge running;
  TaskServer server{with_workers(8)};
  server.handle("work", [&](TaskContext& task) -> json {
    const auto group = task.args().at("group").get<std::string>();
    running.enter("all");
    running.enter(group);
    running.wait_for("all", 4);
    running.leave(group);
    running.leave("all");
    return nullptr;
  });
  server.start();
  auto client = client_of(server);
  put_queue(client, "mail", {{"concurrency", 4}, {"group_concurrency", 2}});
  json tasks = json::array();
  for (int i = 0; i < 600; ++i) {
    const auto group = "tenant-" + std::to_string(i % 3);
    tasks.push_back(
        {{"kind", "work"}, {"queue", "mail"}, {"group", group}, {"args", {{"group", group}}}});
  }
  const auto accepted =
      client.Post("/v1/tasks/batch", json{{"tasks", tasks}}.dump(), "application/json");
  REQUIRE(accepted);
  REQUIRE(accepted->status == 202);
  REQUIRE(eventually([&] { return counts_of(client, "mail").at("succeeded") == 600; }));
  CHECK(running.most("all") == 4);
  for (const auto* group : {"tenant-0", "tenant-1", "tenant-2"})
    CHECK(running.most(group) <= 2);
}

TEST_CASE("slow work in a pool of its own leaves the other workers free") {
  auto options = with_workers(2);
  options.pools["slow"] = {1, {"slow"}, {}};
  std::atomic<bool> end{false};
  TaskServer server{options};
  server.handle("hold", [&](TaskContext&) -> json {
    end.wait(false);
    return nullptr;
  });
  server.start();
  auto client = client_of(server);
  for (int i = 0; i < 5; ++i)
    REQUIRE(submit(client, {{"kind", "hold"}, {"queue", "slow"}}));
  for (int i = 0; i < 20; ++i)
    REQUIRE(submit(client, {{"kind", "noop"}}));
  CHECK(eventually([&] { return counts_of(client, "default").at("succeeded") == 20; }));
  CHECK(eventually([&] { return counts_of(client, "slow").at("running") == 1; }));
  CHECK(counts_of(client, "slow").at("queued") == 4);
  const auto workers = json::parse(client.Get("/v1/workers")->body).at("workers");
  CHECK(std::count_if(workers.begin(), workers.end(),
                      [](const json& each) { return each.at("pool") == "slow"; })
        == 1);
  end = true;
  end.notify_all();
  CHECK(eventually([&] { return counts_of(client, "slow").at("succeeded") == 5; }));
}
