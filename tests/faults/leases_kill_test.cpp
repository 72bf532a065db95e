// Workers outside that are frozen beyond their leases and woken again, while the server is killed:
// no task is held by two live tokens, and an end that was acknowledged is what the task became.

#include "tests/faults/kill_rounds.hpp"
#include "tests/faults/leases_time.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <sys/wait.h>
#include <tuple>
#include <unistd.h>
#include <vector>

using namespace errand::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

constexpr int rounds = 24;

using wall = std::chrono::system_clock;

/// When somebody surely had a task: from the answer that gave it to the end that was told, or to
/// when its end was asked for.
struct holding {
  std::string task, token;
  wall::time_point from, until;
};

/// What all workers saw.
struct record {
  std::mutex mutex;
  std::vector<holding> holdings;
  std::map<std::string, std::string> ended; ///< By task: the result that was acknowledged.
  std::vector<std::string> surprises;
  std::vector<std::string> tasks;
};

class leasing_client {
public:
  leasing_client(record& seen, std::string name, unsigned seed)
      : seen_(seen), name_(std::move(name)), random_(seed) {}

  void work(const server_process& server) {
    auto client = server.client();
    client.set_read_timeout(3);
    while (step(client))
      continue;
  }

  /// What it still has goes out of its hands.
  void stop() {
    const std::lock_guard lock{seen_.mutex};
    for (auto& each : held_)
      seen_.holdings.push_back(std::move(each));
    held_.clear();
  }

private:
  bool step(httplib::Client& client) {
    switch (random_() % 6) {
    case 0:
      return add_task(client);
    case 1:
    case 2:
      return lease(client);
    case 3:
      return keep(client);
    default:
      return end_one(client);
    }
  }

  std::optional<json> ask(httplib::Client& client, const std::string& path, const json& body) {
    const auto answer = client.Post(path, body.dump(), "application/json");
    if (!answer)
      return std::nullopt;
    if (answer->status >= 300) {
      const std::lock_guard lock{seen_.mutex};
      seen_.surprises.push_back(path + " was answered " + answer->body);
      return std::nullopt;
    }
    return json::parse(answer->body);
  }

  bool add_task(httplib::Client& client) {
    const auto task = ask(client, "/v1/tasks", {{"kind", "outside"}, {"max_crashes", 100}});
    if (!task)
      return false;
    const std::lock_guard lock{seen_.mutex};
    seen_.tasks.push_back(task->at("id"));
    return true;
  }

  bool lease(httplib::Client& client) {
    const auto given = ask(client, "/v1/leases",
                           {{"worker", name_}, {"kinds", {"outside"}}, {"max", 2}, {"lease_s", 1}});
    if (!given)
      return false;
    const auto now = wall::now();
    for (const auto& each : given->at("leases"))
      held_.push_back(
          {each.at("task").at("id"), each.at("token"), now, parse_time(each.at("expires_at"))});
    return true;
  }

  bool keep(httplib::Client& client) {
    if (held_.empty())
      return true;
    json signs = json::array();
    for (const auto& each : held_)
      signs.push_back({{"token", each.token}});
    const auto states = ask(client, "/v1/leases/heartbeat", {{"leases", signs}});
    if (!states)
      return false;
    for (size_t i = 0; i < held_.size(); ++i) {
      const auto& state = states->at("leases").at(i);
      if (state.at("status") == "ok")
        held_[i].until = parse_time(state.at("expires_at"));
    }
    return true;
  }

  /// Perhaps after it was frozen for longer than the lease.
  bool end_one(httplib::Client& client) {
    if (held_.empty())
      return true;
    if (random_() % 5 == 0) {
      const auto woken = std::chrono::steady_clock::now() + 1100ms;
      eventually([&] { return std::chrono::steady_clock::now() >= woken; });
    }
    auto mine = held_.back();
    held_.pop_back();
    const bool release = random_() % 4 == 0;
    const auto result = name_ + "/" + std::to_string(++ends_);
    mine.until = std::min(mine.until, wall::now());
    json end{{"token", mine.token}, {"outcome", release ? "released" : "succeeded"}};
    if (!release)
      end["result"] = result;
    const auto told = ask(client, "/v1/leases/finish", {{"leases", {end}}});
    const std::lock_guard lock{seen_.mutex};
    seen_.holdings.push_back(mine);
    if (!told)
      return false;
    if (told->at("leases").at(0).at("status") == "ok" && !release)
      if (const auto [at, is_new] = seen_.ended.emplace(mine.task, result); !is_new)
        seen_.surprises.push_back("task " + mine.task + " was ended by " + at->second + " and "
                                  + result);
    return true;
  }

  record& seen_;
  std::string name_;
  std::mt19937 random_;
  std::vector<holding> held_;
  int ends_ = 0;
};

std::vector<std::string> held_twice(std::vector<holding> all) {
  std::sort(all.begin(), all.end(), [](const holding& a, const holding& b) {
    return std::tie(a.task, a.from) < std::tie(b.task, b.from);
  });
  std::vector<std::string> found;
  for (size_t i = 1; i < all.size(); ++i)
    if (all[i].task == all[i - 1].task && all[i].from < all[i - 1].until)
      found.push_back("task " + all[i].task + " was held by " + all[i - 1].token + " and "
                      + all[i].token);
  return found;
}

} // namespace

TEST_CASE("no token of a task lives beside another, and no acknowledged end is lost, whoever is"
          " killed or frozen") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const temp_folder folder;
  const server_command command{ERRAND_PROGRAM,
                               {"serve", "--store", "sqlite:" + folder.file("errand.db")},
                               folder.file("log")};
  record seen;
  std::vector<leasing_client> clients;
  for (int i = 0; i < 4; ++i)
    clients.emplace_back(seen, "w" + std::to_string(i), random());
  live_and_kill(command, rounds, clients, random);
  for (auto& client : clients)
    client.stop();
  CHECK(seen.surprises == std::vector<std::string>{});
  CHECK(held_twice(seen.holdings) == std::vector<std::string>{});
  CHECK_FALSE(seen.ended.empty());

  // Whatever is left is done by somebody who is well.
  server_process server{command.program, command.arguments, command.log_file};
  auto client = server.client();
  const auto left = [&] {
    size_t n = 0;
    for (const auto& id : seen.tasks)
      n += get_task(client, id).at("state") != "succeeded";
    return n;
  };
  REQUIRE(eventually([&] {
    const auto leases =
        json::parse(client
                        .Post("/v1/leases",
                              R"({"worker":"last","kinds":["outside"],"max":1000,"wait_s":0.2})",
                              "application/json")
                        ->body)
            .at("leases");
    if (leases.empty())
      return left() == 0;
    json ends = json::array();
    for (const auto& each : leases)
      ends.push_back({{"token", each.at("token")}, {"outcome", "succeeded"}, {"result", "last"}});
    client.Post("/v1/leases/finish", json{{"leases", ends}}.dump(), "application/json");
    return false;
  }));
  for (const auto& [task, result] : seen.ended)
    CHECK(get_task(client, task).at("result") == result);
}

TEST_CASE(
    "a worker process that is stopped beyond its lease loses it, and does no harm when it wakes") {
  if (std::system("python3 -c pass > /dev/null 2>&1") != 0) {
    std::puts("skipped: there is no python3");
    std::exit(77);
  }
  const temp_folder folder;
  server_process server{ERRAND_PROGRAM,
                        {"serve", "--store", "sqlite:" + folder.file("errand.db")},
                        folder.file("log")};
  // Leases one task for a second, and ends it when it is told to go on.
  const auto script = folder.file("worker.py");
  std::ofstream(script) << R"(
import json, sys, urllib.request
def call(path, body):
    request = urllib.request.Request(sys.argv[1] + path, json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))
lease = call("/v1/leases", {"worker": "w", "kinds": ["outside"], "lease_s": 1, "wait_s": 20})["leases"][0]
print("leased", flush=True)
sys.stdin.readline()
end = {"token": lease["token"], "outcome": "succeeded", "result": "late"}
print(call("/v1/leases/finish", {"leases": [end]})["leases"][0]["status"], flush=True)
)";
  auto client = server.client();
  const auto id = submit(client, {{"kind", "outside"}})->at("id").get<std::string>();
  int to_child[2], from_child[2];
  REQUIRE(::pipe(to_child) == 0);
  REQUIRE(::pipe(from_child) == 0);
  const auto url = "http://127.0.0.1:" + std::to_string(server.port());
  const auto pid = ::fork();
  if (pid == 0) {
    ::dup2(to_child[0], 0);
    ::dup2(from_child[1], 1);
    ::execlp("python3", "python3", script.c_str(), url.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(to_child[0]);
  ::close(from_child[1]);
  auto* said = ::fdopen(from_child[0], "r");
  char line[64] = {};
  REQUIRE(std::fgets(line, sizeof line, said));
  CHECK(std::string(line) == "leased\n");
  ::kill(pid, SIGSTOP);
  const auto second =
      json::parse(client
                      .Post("/v1/leases", R"({"worker":"v","kinds":["outside"],"wait_s":4})",
                            "application/json")
                      ->body)
          .at("leases");
  REQUIRE(second.size() == 1);
  CHECK(second[0].at("task").at("attempt") == 2);
  ::kill(pid, SIGCONT);
  REQUIRE(::write(to_child[1], "\n", 1) == 1);
  REQUIRE(std::fgets(line, sizeof line, said));
  CHECK(std::string(line) == "lost\n");
  ::waitpid(pid, nullptr, 0);
  std::fclose(said);
  ::close(to_child[1]);
  CHECK(get_task(client, id).at("state") == "running");
  const json end{{"token", second[0].at("token")}, {"outcome", "succeeded"}, {"result", "right"}};
  client.Post("/v1/leases/finish", json{{"leases", {end}}}.dump(), "application/json");
  CHECK(get_task(client, id).at("result") == "right");
  CHECK(get_task(client, id).at("attempts").at(0).at("outcome") == "lost");
}
