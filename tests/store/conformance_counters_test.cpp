// Any sequence of verbs, against a model of what they promise; after each, the counters must equal
// a count of all rows.
#include "tests/store/conformance.hpp"
#include "tests/store/random_seed.hpp"

#include <algorithm>
#include <map>
#include <random>

namespace errand::test {

namespace {

using namespace std::chrono_literals;

/// What the store should hold of a task.
struct model_task {
  task_state state = task_state::queued;
  int attempt = 0;
  int failures = 0;
  int crashes = 0;
  timestamp run_at{};
};

/// Does verbs at random, and the same to the model.
class player {
public:
  player(store& db, uint64_t seed) : db_(db), random_(seed) {}

  std::map<task_id, model_task> tasks;

  void play_one(timestamp now) {
    switch (below(9)) {
    case 0:
    case 1:
      return insert(now);
    case 2:
    case 3:
      return claim(now);
    case 4:
      return end(below(2) == 0 ? task_event::succeed : task_event::fail_last, now);
    case 7:
      return end(below(5) == 0   ? task_event::stop
                 : below(2) == 0 ? task_event::postpone
                                 : task_event::fail,
                 now);
    case 5:
      return end(task_event::lose, now);
    case 6:
      return end(task_event::release, now);
    default:
      return promote(now);
    }
  }

  void recover(timestamp now) {
    size_t running = 0;
    for (auto& [id, t] : tasks)
      if (t.state == task_state::running) {
        ++running;
        lose(t);
      }
    CHECK(db_.recover(now).size() == running);
  }

  size_t below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }

private:
  void insert(timestamp now) {
    task_spec spec;
    spec.kind = "noop";
    spec.queue = "queue-" + std::to_string(below(5));
    spec.priority = static_cast<int>(below(3)) - 1;
    if (below(3) == 0)
      spec.delay = std::chrono::seconds(below(100));
    const auto added = db_.insert(spec, now);
    REQUIRE(added);
    REQUIRE(added->ok());
    const auto& row = (*added)->task;
    CHECK(row.state
          == (spec.delay > duration::zero() ? task_state::scheduled : task_state::queued));
    CHECK(tasks.emplace(row.id, model_task{row.state, 0, 0, 0, now + spec.delay}).second);
  }

  void claim(timestamp now) {
    claim_request request;
    request.idle_workers = workers(below(4));
    request.ahead = below(4);
    if (below(3) == 0)
      request.filter = from({"queue-" + std::to_string(below(6)), "queue-0"});
    size_t number = 0;
    for (const auto& attempt : db_.claim(request, now).attempts) {
      auto& t = tasks.at(attempt.ref.id);
      CHECK(t.state == task_state::queued);
      CHECK(attempt.ref.attempt == t.attempt + 1);
      CHECK((number++ < request.idle_workers.size() || t.crashes == 0));
      t.state = task_state::running;
      t.attempt = attempt.ref.attempt;
    }
  }

  /// Of some task, which often is not running.
  void end(task_event event, timestamp now) {
    if (tasks.empty())
      return;
    auto& [id, t] = *std::next(tasks.begin(), static_cast<long>(below(tasks.size())));
    const attempt_ref ref{id, t.attempt};
    const bool expected = t.state == task_state::running;
    std::optional<task_fact> fact;
    if (event == task_event::lose)
      fact = db_.lose(ref, now);
    else if (event == task_event::release)
      fact = db_.release(ref, now);
    else
      fact = db_.finish(report_of(ref, outcome_of(event), now));
    REQUIRE(fact.has_value() == expected);
    if (!expected)
      return;
    if (event == task_event::lose)
      lose(t);
    else if (event == task_event::fail)
      fail(t);
    else
      t.state = *next_state(t.state, event);
    if (event == task_event::release)
      --t.attempt;
    CHECK(fact->state == t.state);
    CHECK(fact->attempt == t.attempt);
    CHECK(fact->run_at.has_value() == (t.state == task_state::retrying));
    if (t.state == task_state::retrying) {
      t.run_at = *fact->run_at;
      CHECK(t.run_at >= now);
    }
  }

  static attempt_outcome outcome_of(task_event event) {
    switch (event) {
    case task_event::succeed:
      return attempt_outcome::succeeded;
    case task_event::fail:
      return attempt_outcome::failed;
    case task_event::postpone:
      return attempt_outcome::postponed;
    case task_event::stop:
      return attempt_outcome::cancelled;
    default:
      return attempt_outcome::failed_for_good;
    }
  }

  static void fail(model_task& t) {
    const bool last = ++t.failures == default_max_attempts;
    t.state = *next_state(t.state, last ? task_event::fail_last : task_event::fail);
  }

  static void lose(model_task& t) {
    const bool last = ++t.crashes == default_max_crashes;
    t.state = *next_state(t.state, last ? task_event::lose_last : task_event::lose);
  }

  void promote(timestamp now) {
    const auto max = below(5);
    const auto facts = db_.promote_due(now, max);
    for (const auto& fact : facts) {
      auto& t = tasks.at(fact.id);
      CHECK((t.state == task_state::scheduled || t.state == task_state::retrying));
      CHECK(t.run_at <= now);
      t.state = task_state::queued;
    }
    if (facts.size() < max)
      CHECK(std::none_of(tasks.begin(), tasks.end(), [&](const auto& entry) {
        const auto& t = entry.second;
        return (t.state == task_state::scheduled || t.state == task_state::retrying)
               && t.run_at <= now;
      }));
  }

  store& db_;
  std::mt19937_64 random_;
};

void check_against(store_fixture& fixture, const std::map<task_id, model_task>& model) {
  const auto stored = fixture.list();
  CHECK(stored.size() == model.size());
  for (const auto& t : stored) {
    const auto& expected = model.at(t.id);
    CHECK(t.state == expected.state);
    CHECK(t.attempt == expected.attempt);
    CHECK(t.crashes == expected.crashes);
    const auto attempts = fixture.get(t.id).attempts;
    CHECK(attempts.size() == static_cast<size_t>(t.attempt));
    CHECK(std::count_if(attempts.begin(), attempts.end(),
                        [](const auto& a) { return a.outcome == "lost"; })
          == t.crashes);
  }
  fixture.check_counters();
}

} // namespace

TEST_CASE("after any sequence of verbs the counters equal a count of the rows", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto seed = random_seed();
  INFO("ERRAND_TEST_SEED=" << seed);
  player game(fixture.db(), seed);
  auto now = noon;
  for (int transaction = 0; transaction < 40; ++transaction) {
    const auto before = game.tasks;
    store_fixture::require_ok(fixture.db().begin());
    for (auto verbs = game.below(20); verbs > 0; --verbs) {
      now += std::chrono::seconds(game.below(10));
      game.play_one(now);
    }
    // Sometimes the disk is full, and then nothing of the transaction was.
    const auto full = game.below(4) == 0 ? fixture.place().fill_disk() : nullptr;
    if (!fixture.db().commit().ok()) {
      REQUIRE(full);
      game.tasks = before;
    }
    check_against(fixture, game.tasks);
  }
  fixture.committed([&] {
    game.recover(now);
    return true;
  });
  check_against(fixture, game.tasks);
  if (fixture.place().is_durable()) {
    fixture.reopen();
    check_against(fixture, game.tasks);
  }
}

} // namespace errand::test
