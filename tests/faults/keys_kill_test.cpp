// SIGKILL and requests with an Idempotency-Key: what was answered is answered again, and what was
// not can be sent again without being done twice.

#include "tests/faults/kill_rounds.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <map>
#include <random>
#include <vector>

using namespace errand::test;
using nlohmann::json;

namespace {

constexpr int rounds = 15;

httplib::Result post(httplib::Client& client, const std::string& key, const json& spec,
                     const httplib::Headers& more = {}) {
  auto headers = more;
  headers.emplace("Idempotency-Key", key);
  return client.Post("/v1/tasks", headers, spec.dump(), "application/json");
}

json tagged(const std::string& key) {
  return {{"kind", "noop"}, {"tags", {{"key", key}}}};
}

/// Sends each key until it is answered, over as many servers as that takes.
class persistent_client {
public:
  explicit persistent_client(std::string name) : name_(std::move(name)) {}

  std::map<std::string, std::string> answers; ///< Body by key.
  std::vector<std::string> surprises;
  int replays = 0;

  /// Until the server is gone.
  void work(const server_process& server) {
    auto client = server.client();
    client.set_read_timeout(2);
    while (send_next(client))
      continue;
  }

  /// The key that may have been carried out without an answer, or a new one.
  bool send_next(httplib::Client& client) {
    const auto key = name_ + std::to_string(answers.size());
    const auto answer = post(client, key, tagged(key));
    if (!answer)
      return false;
    if (answer->status != 202)
      surprises.push_back(answer->body);
    replays += answer->has_header("Idempotent-Replayed");
    answers[key] = answer->body;
    return true;
  }

private:
  std::string name_;
};

} // namespace

TEST_CASE("an answer is given again after SIGKILL, word for word") {
  temp_folder folder;
  const std::vector<std::string> arguments{"serve", "--store", "sqlite:" + folder.file("tasks.db")};
  std::string submitted, waited;
  {
    server_process server{ERRAND_PROGRAM, arguments, folder.file("log")};
    auto client = server.client();
    const auto first = post(client, "a", tagged("a"));
    REQUIRE(first);
    REQUIRE(first->status == 202);
    submitted = first->body;
    const auto end = post(client, "b", tagged("b"), {{"Prefer", "wait=30"}});
    REQUIRE(end);
    REQUIRE(end->status == 200);
    waited = end->body;
    server.kill();
  }
  server_process server{ERRAND_PROGRAM, arguments, folder.file("log")};
  auto client = server.client();
  const auto first = post(client, "a", tagged("a"));
  REQUIRE(first);
  CHECK(first->status == 202);
  CHECK(first->body == submitted);
  CHECK(first->get_header_value("Idempotent-Replayed") == "true");
  CHECK(first->get_header_value("Location")
        == "/v1/tasks/" + json::parse(submitted)["id"].get<std::string>());
  const auto end = post(client, "b", tagged("b"));
  REQUIRE(end);
  CHECK(end->status == 200);
  CHECK(end->body == waited);
  const auto other = post(client, "a", tagged("b"));
  REQUIRE(other);
  CHECK(other->status == 422);
  CHECK(list_all(client, "").size() == 2);
}

TEST_CASE("a keyed submit that is sent until it is answered makes one task, whatever is killed") {
  temp_folder folder;
  const std::vector<std::string> arguments{"serve", "--store", "sqlite:" + folder.file("tasks.db"),
                                           "--workers", "2"};
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  std::vector<persistent_client> clients;
  for (const auto* name : {"a-", "b-", "c-"})
    clients.emplace_back(name);

  live_and_kill({ERRAND_PROGRAM, arguments, folder.file("log")}, rounds, clients, random);

  server_process server{ERRAND_PROGRAM, arguments, folder.file("log")};
  auto client = server.client();
  std::map<std::string, std::string> answers;
  int replays = 0;
  for (auto& each : clients) {
    REQUIRE(each.send_next(client));
    CHECK(each.surprises.empty());
    answers.merge(each.answers);
    replays += each.replays;
  }
  // How often a server was killed between commit and answer is chance; these came again after it.
  INFO(replays << " of " << answers.size() << " keys were answered at the second time");

  std::map<std::string, std::string> ids;
  for (const auto& task : list_all(client, ""))
    CHECK(ids.emplace(task["tags"]["key"], task["id"]).second);
  CHECK(ids.size() == answers.size());
  for (const auto& [key, body] : answers) {
    CHECK(ids[key] == json::parse(body)["id"]);
    const auto again = post(client, key, tagged(key));
    REQUIRE(again);
    CHECK(again->body == body);
  }
}
