// The checker itself: it finds each kind of contradiction, and none where answers overlap.
#include "tests/history/history.hpp"
#include "tests/support/catch.hpp"

using namespace errand::test;
using what = observation::what;

namespace {

/// From `asked` to `answered`, in seconds from some start.
interval at(int asked, int answered) {
  const std::chrono::steady_clock::time_point start{};
  return {start + std::chrono::seconds{asked}, start + std::chrono::seconds{answered}};
}

holding held(int from, int until) {
  return {at(from, from).asked, at(until, until).asked};
}

size_t found_in(std::vector<observation> answers) {
  history all;
  all.tasks["t"] = std::move(answers);
  return contradictions(all).size();
}

} // namespace

TEST_CASE("a final state that changes contradicts itself, unless a retry lies between") {
  const observation ended{at(2, 3), what::seen, "succeeded"};
  const auto later = GENERATE(
      observation{at(6, 7), what::seen, "cancelled"}, observation{at(6, 7), what::seen, "queued"},
      observation{at(6, 7), what::cancelled, "cancelled"}, observation{at(6, 7), what::live, ""});
  CHECK(found_in({ended, later}) == 1);
  CHECK(found_in({ended, {at(4, 5), what::retried, "queued"}, later}) == 0);
  CHECK(found_in({ended, {at(1, 9), what::retried, "queued"}, later}) == 0);
  CHECK(found_in({{at(0, 1), what::retried, "queued"}, ended, later}) == 1);
  CHECK(found_in({ended, later, {at(8, 9), what::retried, "queued"}}) == 1);
}

TEST_CASE("answers that overlap may have come in either order") {
  CHECK(found_in({{at(2, 5), what::seen, "succeeded"}, {at(4, 7), what::seen, "running"}}) == 0);
  CHECK(found_in({{at(2, 5), what::removed, ""}, {at(4, 7), what::seen, "running"}}) == 0);
}

TEST_CASE("a task that was too late to cancel has ended") {
  CHECK(found_in({{at(2, 3), what::ended, ""}, {at(4, 5), what::seen, "running"}}) == 1);
  CHECK(found_in({{at(2, 3), what::ended, ""}, {at(4, 5), what::seen, "failed"}}) == 0);
}

TEST_CASE("a running task that was cancelled ends as cancelled or succeeded") {
  const observation cancelled{at(2, 3), what::cancelled, "running"};
  for (const auto* state : {"running", "cancelled", "succeeded"})
    CHECK(found_in({cancelled, {at(4, 5), what::seen, state}}) == 0);
  for (const auto* state : {"failed", "retrying", "queued"})
    CHECK(found_in({cancelled, {at(4, 5), what::seen, state}}) == 1);
}

TEST_CASE("a task is found until it is deleted, and never afterwards") {
  const observation submitted{at(0, 1), what::submitted, "queued"};
  const observation missing{at(4, 5), what::missing, ""};
  CHECK(found_in({submitted, missing}) == 1);
  CHECK(found_in({submitted, {at(2, 3), what::removed, ""}, missing}) == 0);
  CHECK(found_in({submitted, {at(3, 9), what::removed, ""}, missing}) == 0);
  CHECK(found_in({submitted, {at(2, 3), what::removed, ""}, {at(4, 5), what::seen, "queued"}})
        == 1);
}

TEST_CASE("a task is leased to one at a time") {
  history all;
  all.holdings["t"] = {held(4, 7), held(2, 4), held(7, 9)};
  all.holdings["other"] = {held(5, 6)};
  CHECK(contradictions(all).empty());
  const auto [from, until] = GENERATE(table<int, int>({{3, 5}, {5, 6}, {0, 10}}));
  all.holdings["t"].push_back(held(from, until));
  CHECK_FALSE(contradictions(all).empty());
}

TEST_CASE("a queue never runs more at a time than it may") {
  history all;
  all.limits["q"] = 2;
  all.runs["q"] = {held(0, 4), held(2, 6), held(4, 8), held(6, 9), held(8, 9)};
  all.runs["other"] = {held(0, 9), held(0, 9), held(0, 9)};
  CHECK(contradictions(all).empty());
  const auto [from, until] = GENERATE(table<int, int>({{3, 4}, {5, 6}, {2, 8}, {0, 9}}));
  history more;
  more.runs["q"] = {held(from, until)};
  all.add(std::move(more));
  CHECK(contradictions(all).size() == 1);
}

TEST_CASE("a list has each task that was there all the time, once") {
  history all;
  all.tasks["t"] = {{at(0, 1), what::submitted, "queued"},
                    {at(2, 3), what::seen, "succeeded"},
                    {at(8, 9), what::seen, "succeeded"}};
  for (const auto* state : {"", "succeeded"}) {
    all.lists = {{at(4, 7), state, {}}};
    CHECK(contradictions(all).size() == 1);
    all.lists = {{at(4, 7), state, {"t"}}};
    CHECK(contradictions(all).empty());
    all.lists = {{at(4, 7), state, {"t", "t"}}};
    CHECK(contradictions(all).size() == 1);
  }
  all.lists = {{at(4, 7), "failed", {}}};
  CHECK(contradictions(all).empty());
  all.tasks["t"].push_back({at(6, 7), what::removed, ""});
  all.tasks["t"].erase(all.tasks["t"].begin() + 2);
  all.lists = {{at(4, 7), "", {}}};
  CHECK(contradictions(all).empty());
}
