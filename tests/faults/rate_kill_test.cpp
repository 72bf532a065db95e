// SIGKILL at random moments while a queue has more to do than its rate allows: a server that starts
// again has not forgotten what others before it have started.

#include "tests/faults/kill_rounds.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <chrono>
#include <random>
#include <vector>

using namespace errand::test;
using nlohmann::json;

namespace {

constexpr int rounds = 20;
constexpr double limit = 20;
constexpr double per_s = 2;

/// Keeps the queue full until the server is gone.
class filling_client {
public:
  void work(const server_process& server) {
    auto client = server.client();
    client.set_read_timeout(2);
    while (submit(client, {{"kind", "noop"}, {"queue", "limited"}, {"max_crashes", 100}}))
      continue;
  }
};

} // namespace

TEST_CASE("over any number of SIGKILLs a queue starts no more than its rate allows") {
  temp_folder folder;
  const std::vector<std::string> arguments{"--store", "sqlite:" + folder.file("tasks.db"),
                                           "--workers", "4"};
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  const auto begin = std::chrono::steady_clock::now();
  {
    server_process server{FAULTY_PROGRAM, arguments, folder.file("log")};
    REQUIRE(server.client()
                .Put("/v1/queues/limited",
                     json{{"rate", {{"limit", limit}, {"per_s", per_s}}}}.dump(),
                     "application/json")
                ->status
            == 200);
    server.kill();
  }
  std::vector<filling_client> clients(2);
  live_and_kill({FAULTY_PROGRAM, arguments, folder.file("log")}, rounds, clients, random);

  // Paused first, so that no more starts while it is counted.
  server_process server{FAULTY_PROGRAM, arguments, folder.file("log")};
  auto client = server.client();
  REQUIRE(client.Post("/v1/queues/limited/pause", "", "application/json")->status == 200);
  const std::chrono::duration<double> lived = std::chrono::steady_clock::now() - begin;
  REQUIRE(eventually([&] { return list_all(client, "state=running").empty(); }));
  size_t starts = 0;
  for (const auto& task : list_all(client, ""))
    starts += task["attempt"].get<size_t>();
  INFO(starts << " starts in " << lived.count() << " s");
  CHECK(static_cast<double>(starts) <= limit + limit * lived.count() / per_s);
  CHECK(starts >= limit);
}
