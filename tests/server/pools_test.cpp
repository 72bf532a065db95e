#include "server/pools.hpp"

#include "tests/support/catch.hpp"

#include <errand/server.hpp>

using namespace errand;

namespace {

const std::vector<std::string> kinds{"bill", "call", "send"};

Options with_pools(std::map<std::string, WorkerPool> pools) {
  Options options;
  options.workers = 3;
  options.pools = std::move(pools);
  return options;
}

/// The names of the pools that run such a task.
std::string who_runs(const std::vector<pool_options>& pools, const std::string& queue,
                     const std::string& kind) {
  std::string names;
  for (const auto& pool : pools)
    if (pool.filter->takes(queue, kind))
      names += (names.empty() ? "" : " ") + pool.name;
  return names;
}

} // namespace

TEST_CASE("a pool runs what it names, and the default pool all that no other does") {
  const auto pools = worker_pools(with_pools({{"slow", {1, {"slow", "slower"}, {}}},
                                              {"bills", {2, {}, {"bill"}}},
                                              {"both", {4, {"mixed"}, {"call"}}}}),
                                  kinds);
  REQUIRE(pools.size() == 4);
  CHECK(pools[0].name == "default");
  CHECK(pools[0].workers == 3);
  CHECK(pools[2].workers == 4);
  const auto [queue, kind, who] = GENERATE(table<std::string, std::string, std::string>({
      {"default", "send", "default"},
      {"default", "bill", "bills"},
      {"slower", "send", "slow"},
      {"slow", "bill", "bills slow"},
      {"mixed", "call", "both"},
      {"mixed", "send", "default"},
      {"default", "call", "default"},
      {"slow", "unheard of", ""},
      {"default", "unheard of", ""},
  }));
  INFO(queue << " " << kind);
  CHECK(who_runs(pools, queue, kind) == who);
}

TEST_CASE("a pool for a kind without a handler is told, and nothing starts") {
  auto options = with_pools({{"letters", {1, {}, {"sent", "send"}}}});
  const auto wrong = kinds_without_handler(options, kinds);
  REQUIRE(wrong.size() == 1);
  CHECK(wrong[0]
        == "option workers.letters names the kind 'sent', for which there is no handler; there is"
           " one for each of: bill, call, send");
  options.store = "sqlite::memory:";
  options.http.port = 0;
  options.log_level = LogLevel::off;
  TaskServer server{options};
  CHECK_THROWS_AS(server.start(), StartError);
}
