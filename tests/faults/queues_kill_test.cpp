// SIGKILL at random moments while queues are paused, resumed and given limits: what was answered
// stays true, and what was refused has changed nothing.

#include "tests/faults/kill_rounds.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <random>
#include <vector>

using namespace errand::test;
using nlohmann::json;

namespace {

constexpr int rounds = 20;

/// Tells one queue of its own one thing after the other until the server is gone.
class telling_client {
public:
  telling_client(std::string queue, unsigned seed) : queue_(std::move(queue)), random_(seed) {}

  void work(const server_process& server) {
    auto client = server.client();
    client.set_read_timeout(2);
    while (tell(client))
      continue;
  }

  /// What the queue may be told now: what was answered last, or what got no answer after that.
  void check(httplib::Client& client) {
    const auto answer = client.Get("/v1/queues/" + queue_);
    REQUIRE(answer);
    auto shown = defaults();
    if (answer->status == 200)
      for (auto& [name, value] : shown.items())
        value = json::parse(answer->body).at(name);
    else
      CHECK(answer->status == 404);
    INFO(shown.dump() << " after " << answered_.dump() << ", unanswered " << unanswered_.dump());
    CHECK((shown == answered_ || shown == unanswered_));
    answered_ = shown;
    unanswered_ = nullptr;
  }

  size_t told = 0;
  std::vector<std::string> surprises; ///< Answers that contradict what was asked.

private:
  static json defaults() {
    return {{"concurrency", nullptr}, {"weight", 1}, {"paused", false}, {"paused_until", nullptr}};
  }

  static constexpr const char* bad_settings = R"({"concurrency":0,"paused":true})";

  bool tell(httplib::Client& client) {
    const auto what = random_() % 4;
    auto expected = answered_;
    if (what == 0) {
      expected = defaults();
      expected["concurrency"] = 1 + random_() % 1000;
      expected["weight"] = 1 + random_() % 7;
      expected["paused"] = random_() % 2 == 0;
    } else if (what == 1) {
      expected["paused"] = true;
      expected["paused_until"] =
          random_() % 2 == 0 ? json(nullptr) : json("2099-01-01T00:00:00.000Z");
    } else if (what == 2) {
      expected["paused"] = false;
      expected["paused_until"] = nullptr;
    }
    unanswered_ = expected;
    const auto answer = send(client, what, expected);
    if (!answer)
      return false;
    unanswered_ = nullptr;
    if (answer->status != (what == 3 ? 422 : 200))
      surprises.push_back(expected.dump() + " was answered " + answer->body);
    answered_ = expected;
    ++told;
    return true;
  }

  httplib::Result send(httplib::Client& client, unsigned long what, const json& settings) const {
    const auto path = "/v1/queues/" + queue_;
    const auto* type = "application/json";
    switch (what) {
    case 0:
      return client.Put(path, settings.dump(), type);
    case 1:
      return client.Post(path + "/pause", json{{"until", settings["paused_until"]}}.dump(), type);
    case 2:
      return client.Post(path + "/resume", "", type);
    default:
      return client.Put(path, bad_settings, type);
    }
  }

  std::string queue_;
  std::mt19937 random_;
  json answered_ = defaults();
  json unanswered_; ///< May have been carried out; null if there is none.
};

} // namespace

TEST_CASE("after SIGKILL at any moment a queue has the settings that were answered last") {
  temp_folder folder;
  const std::vector<std::string> arguments{"--store", "sqlite:" + folder.file("tasks.db"),
                                           "--workers", "2"};
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  std::vector<telling_client> clients;
  for (unsigned i = 0; i < 3; ++i)
    clients.emplace_back("q" + std::to_string(i), seed + 1 + i);

  for (int round = 0; round < rounds; ++round) {
    live_and_kill_once({FAULTY_PROGRAM, arguments, folder.file("log")}, round, clients, random);
    server_process server{FAULTY_PROGRAM, arguments, folder.file("log")};
    auto client = server.client();
    for (auto& each : clients)
      each.check(client);
    server.kill();
  }
  size_t told = 0;
  for (const auto& each : clients) {
    told += each.told;
    CHECK(each.surprises == std::vector<std::string>{});
  }
  CHECK(told > 0);
}

TEST_CASE("a task of a queue that was paused does not start after SIGKILL, until the queue is "
          "resumed") {
  temp_folder folder;
  const std::vector<std::string> arguments{"--store", "sqlite:" + folder.file("tasks.db"),
                                           "--workers", "2"};
  std::string id;
  {
    server_process server{FAULTY_PROGRAM, arguments, folder.file("log")};
    auto client = server.client();
    REQUIRE(client.Post("/v1/queues/mail/pause", "", "application/json")->status == 200);
    const auto task = submit(client, {{"kind", "noop"}, {"queue", "mail"}});
    REQUIRE(task);
    id = task->at("id");
    server.kill();
  }
  server_process server{FAULTY_PROGRAM, arguments, folder.file("log")};
  auto client = server.client();
  // Others of the same priority that came later end before it.
  const auto other = submit(client, {{"kind", "noop"}});
  REQUIRE(other);
  REQUIRE(eventually([&] { return get_task(client, other->at("id")).at("state") == "succeeded"; }));
  CHECK(get_task(client, id).at("state") == "queued");
  REQUIRE(client.Post("/v1/queues/mail/resume", "", "application/json")->status == 200);
  CHECK(eventually([&] { return get_task(client, id).at("state") == "succeeded"; }));
}
