#include "actors/retention.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using namespace std::chrono_literals;

namespace {

const timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

} // namespace

TEST_CASE("a pass leaves out what is kept for ever, and shrinks all the same", "[retention]") {
  SECTION("succeeded") {
    retention_pass pass({std::nullopt, 1h});
    CHECK(pass.next_prune(noon)->state == task_state::failed);
    pass.step_done({});
    CHECK(pass.next_prune(noon)->state == task_state::cancelled);
    pass.step_done({});
    CHECK(!pass.next_prune(noon));
  }
  SECTION("all others") {
    retention_pass pass({1h, std::nullopt});
    CHECK(pass.next_prune(noon)->state == task_state::succeeded);
    pass.step_done({});
    CHECK(!pass.next_prune(noon));
  }
  SECTION("everything") {
    retention_pass pass(retention{});
    CHECK(!pass.next_prune(noon));
    pass.step_done({});
    CHECK(pass.is_over());
  }
}

TEST_CASE("a pass is over once there is nothing more to give back, and another begins",
          "[retention]") {
  retention_pass pass({0s, std::nullopt});
  for (int round = 0; round < 2; ++round) {
    const auto first = pass.next_prune(noon);
    REQUIRE(first);
    CHECK(first->state == task_state::succeeded);
    CHECK(first->ended_before == noon);
    CHECK(first->after == 0);
    pass.step_done({});
    CHECK(!pass.next_prune(noon));
    pass.step_done(0);
    CHECK(!pass.is_over());
    CHECK(!pass.next_prune(noon));
    pass.step_done({});
    CHECK(pass.is_over());
  }
}

TEST_CASE("times are those of each step, so that a long pass does not fall behind", "[retention]") {
  retention_pass pass({1h, 1h});
  CHECK(pass.next_prune(noon)->ended_before == noon - 1h);
  pass.step_done(5);
  CHECK(pass.next_prune(noon + 1min)->ended_before == noon - 59min);
  CHECK(pass.next_prune(noon)->after == 5);
}
