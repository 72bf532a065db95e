// Whatever happens to tasks that come after others, their counts are right; and a recount says so.
#include "tests/store/conformance.hpp"
#include "tests/store/random_seed.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace errand::test {

using namespace std::chrono_literals;

TEST_CASE("whatever happens in whichever order, every waiting task waits for what has not ended",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto seed = random_seed();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const auto below = [&](size_t n) {
    return std::uniform_int_distribution<size_t>(0, n - 1)(random);
  };
  std::vector<task_id> ids;
  std::vector<attempt_ref> running;
  auto now = noon;

  const auto play_one = [&] {
    switch (below(8)) {
    case 0:
    case 1:
    case 2: {
      auto spec = noop({}, below(2) == 0 ? dependency_policy::cancel : dependency_policy::run);
      for (auto n = ids.empty() ? 0 : below(4); n > 0; --n)
        spec.after.push_back(ids[below(ids.size())]);
      if (below(4) == 0)
        spec.delay = std::chrono::seconds(below(20));
      ids.push_back((*fixture.db().insert(spec, now))->task.id);
      return;
    }
    case 3:
      for (const auto& attempt : fixture.db().claim({workers(2), 1, {}}, now).attempts)
        running.push_back(attempt.ref);
      return;
    case 4:
      if (running.empty())
        return;
      std::swap(running[below(running.size())], running.back());
      fixture.db().finish(report_of(
          running.back(),
          below(3) > 0 ? attempt_outcome::succeeded : attempt_outcome::failed_for_good, now));
      running.pop_back();
      return;
    case 5:
      fixture.db().promote_due(now, 10);
      return;
    default:
      break;
    }
    if (ids.empty())
      return;
    const auto at = below(ids.size());
    const auto what = below(4);
    if (what < 2)
      fixture.db().cancel(ids[at], now);
    else if (what == 2)
      fixture.db().renew(ids[at], now);
    else if (const auto gone = fixture.db().remove(ids[at], now); gone->ok())
      ids.erase(ids.begin() + static_cast<long>(at));
  };

  const auto check = [&] {
    const auto rows = fixture.list();
    fixture.check_counters();
    std::map<task_id, task_state> states;
    for (const auto& row : rows)
      states[row.id] = row.state;
    for (const auto& row : rows) {
      const auto left = fixture.waits_for(row.id);
      REQUIRE((left.count > 0) == (row.state == task_state::waiting));
      REQUIRE(left.first.size() == std::min<size_t>(left.count, 10));
      for (const auto& upstream : left.first)
        REQUIRE(!is_final(states.at(upstream.id)));
    }
  };

  for (int round = 0; round < 150; ++round) {
    now += std::chrono::seconds(1);
    fixture.committed([&] {
      for (auto n = below(5); n > 0; --n)
        play_one();
      REQUIRE(fixture.db().recount(0, 10'000, now).repaired.empty());
      return true;
    });
    check();
  }
  // Left to itself, everything runs or is cancelled.
  now += std::chrono::hours(1);
  for (int round = 0; round < 1000 && !ids.empty(); ++round) {
    fixture.promote_due(now);
    for (const auto& attempt : fixture.claim({workers(50), 0, {}}, now))
      running.push_back(attempt.ref);
    if (running.empty())
      break;
    for (const auto& ref : std::exchange(running, {}))
      fixture.finish(ref, attempt_outcome::succeeded, now);
  }
  for (const auto& row : fixture.list())
    CHECK(is_final(row.state));
}

TEST_CASE("a recount of what is right repairs nothing, in steps as small as asked for", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto step = [&](int64_t from, size_t max) {
    return fixture.committed([&] { return fixture.db().recount(from, max, noon); });
  };
  CHECK(step(0, 10).seen == 0);
  CHECK_FALSE(step(0, 10).next);
  const auto a = fixture.insert(noop()).id;
  const auto b = fixture.insert(noop()).id;
  std::vector<task_id> waiting;
  for (int i = 0; i < 5; ++i)
    waiting.push_back(fixture.insert(noop({a, b})).id);
  std::optional<int64_t> next = 0;
  size_t steps = 0, seen = 0;
  for (; next; ++steps) {
    const auto found = step(*next, 4); // two tasks with two dependencies each
    CHECK(found.repaired.empty());
    seen += found.seen;
    next = found.next;
  }
  CHECK(steps == 3);
  CHECK(seen == 5);
  CHECK(fixture.consequences().empty());
  for (const auto& id : waiting)
    CHECK(fixture.get(id).state == task_state::waiting);
}

} // namespace errand::test
