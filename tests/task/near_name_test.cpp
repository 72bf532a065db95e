#include "task/near_name.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <string>

using namespace errand;

namespace {

constexpr std::array<std::string_view, 8> known = {
    "args", "delay_s", "kind", "priority", "queue", "run_at", "tags", "timeout_s",
};

} // namespace

TEST_CASE("a name with a typing mistake or two is told as the known one") {
  const auto [word, name] = GENERATE(table<std::string, std::string>({
      {"knid", "kind"}, // two letters swapped
      {"kin", "kind"},
      {"kindd", "kind"},
      {"kimd", "kind"},
      {"Kind", "kind"},
      {"QUEUE", "queue"},
      {"queu", "queue"},
      {"quueee", "queue"},
      {"runAt", "run_at"},
      {"timeout", "timeout_s"},
      {"delay", "delay_s"},
      {"prioirty", "priority"},
      {"tag", "tags"},
      {"arg", "args"},
  }));
  CHECK(near_name(word, known) == std::string_view(name));
}

TEST_CASE("a name that is nothing like a known one is not guessed at") {
  const auto word = GENERATE(as<std::string>(), "", "x", "name", "payload", "ki", "time",
                             std::string(32, 'k'), std::string(1'000'000, 'k'));
  CHECK_FALSE(near_name(word, known));
}

TEST_CASE("the nearest of several names is told") {
  constexpr std::array<std::string_view, 3> names = {"workers", "worked", "working"};
  CHECK(near_name("worker", names) == "workers");
  CHECK(near_name("work", {}) == std::nullopt);
}

TEST_CASE("known names of any length are compared or passed over") {
  const std::string long_name(40, 'a');
  const std::array<std::string_view, 1> names = {long_name};
  CHECK_FALSE(near_name(std::string(32, 'a'), names));
}
