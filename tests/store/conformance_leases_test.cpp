// Attempts that workers outside have: only their tokens end them, their time ends them too, and a
// restart does not.
#include "tests/store/conformance.hpp"
#include "tests/store/random_seed.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>

namespace errand::test {

using namespace std::chrono_literals;

namespace {

/// Claims one task for that worker and leases it.
lease lease_one(store_fixture& fixture, timestamp now = noon, duration length = 30s,
                const std::string& worker = "outside") {
  return fixture.committed([&] {
    const auto claimed = fixture.db().claim({{worker}, 0, {}}, now).attempts;
    REQUIRE(claimed.size() == 1);
    auto given = fixture.db().grant_lease(claimed[0], {worker, 1, length}, now);
    REQUIRE(given);
    return std::move(*given);
  });
}

lease_state keep(store_fixture& fixture, const lease_sign& sign, timestamp now) {
  return fixture.committed([&] { return fixture.db().keep_lease(sign, now); })->state;
}

std::optional<task_fact> end(store_fixture& fixture, const lease_end& how, timestamp now = noon) {
  return fixture.committed([&] { return fixture.db().end_lease(how, now); });
}

lease_end success(const lease_token& token) {
  lease_end how;
  how.token = token;
  how.result_json = "7";
  return how;
}

lease_end failure(const lease_token& token) {
  lease_end how;
  how.token = token;
  how.outcome = attempt_outcome::failed;
  how.error_type = "oops";
  how.error_message = "it broke";
  return how;
}

lease_end release(const lease_token& token) {
  lease_end how;
  how.token = token;
  how.released = true;
  return how;
}

expired_leases end_expired(store_fixture& fixture, timestamp now, size_t max = 100) {
  return fixture.committed([&] { return fixture.db().end_expired_leases(now, max); });
}

std::vector<task_fact> expire(store_fixture& fixture, timestamp now) {
  return end_expired(fixture, now).facts;
}

size_t leases(store_fixture& fixture) {
  const auto all = fixture.reader().leases(1000);
  store_fixture::require_ok(all.ok() ? status() : all.why());
  return all->size();
}

} // namespace

TEST_CASE("how long a leased attempt ran is told by the clock, as far as it was not set, and is no"
          " longer than it may run",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = noop();
  spec.timeout = 20s;
  fixture.insert(spec);
  fixture.insert(spec);
  const auto given = lease_one(fixture);
  lease_one(fixture);
  fixture.db().clock_was_set(10s);
  CHECK(end(fixture, success(given.token), noon + 15s)->ran == 5s);
  const auto over = expire(fixture, noon + 5h);
  REQUIRE(over.size() == 1);
  CHECK(over[0].ran == 20s);
}

TEST_CASE("a lease shows the whole task, its worker and when it ends", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = noop();
  spec.args_json = R"({"n":1})";
  spec.tags = {{"a", "b"}};
  const auto id = fixture.insert(spec).id;
  const auto given = lease_one(fixture, noon + 1s, 20s);
  CHECK(given.token.attempt.id == id);
  CHECK(given.token.attempt.attempt == 1);
  CHECK(given.expires_at == noon + 21s);
  CHECK(given.task.spec.args_json == spec.args_json);
  CHECK(given.task.spec.tags == spec.tags);
  CHECK(given.task.state == task_state::running);
  CHECK(given.task.worker == "outside");
  REQUIRE(given.upstream);
  CHECK(given.upstream->empty());
  const auto all = fixture.reader().leases(10);
  REQUIRE(all.ok());
  REQUIRE(all->size() == 1);
  CHECK(all->front().worker == "outside");
  CHECK(all->front().attempt.id == id);
  CHECK(all->front().kind == "noop");
  CHECK(all->front().queue == "default");
  CHECK(all->front().since == noon + 1s);
  CHECK(all->front().expires_at == noon + 21s);
  CHECK(fixture.db().next_due() == noon + 21s);
}

TEST_CASE("a lease brings the results of what its task came after", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto first = fixture.insert(noop()).id;
  const auto second = fixture.insert(noop()).id;
  const auto last = fixture.insert(noop({first, second}, dependency_policy::run)).id;
  REQUIRE(end(fixture, success(lease_one(fixture).token)));
  auto failed = failure(lease_one(fixture).token);
  failed.outcome = attempt_outcome::failed_for_good;
  REQUIRE(end(fixture, failed));
  const auto given = lease_one(fixture);
  CHECK(given.token.attempt.id == last);
  REQUIRE(given.upstream);
  REQUIRE(given.upstream->size() == 2);
  CHECK((*given.upstream)[0].id == first);
  CHECK((*given.upstream)[0].result_json == "7");
  CHECK((*given.upstream)[1].id == second);
  CHECK(!(*given.upstream)[1].result_json);
}

TEST_CASE("a lease whose upstream results are more than a request may carry goes without them",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto first = fixture.insert(noop()).id;
  fixture.insert(noop({first}));
  auto large = success(lease_one(fixture).token);
  large.result_json = '"' + std::string(lease_upstream_max, 'x') + '"';
  REQUIRE(end(fixture, large));
  CHECK(!lease_one(fixture).upstream);
}

TEST_CASE("the end of a leased attempt is written once, and its token is worth nothing then",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  const auto token = lease_one(fixture).token;
  const auto fact = end(fixture, success(token), noon + 5s);
  REQUIRE(fact);
  CHECK(fact->state == task_state::succeeded);
  const auto row = fixture.get(id);
  CHECK(row.state == task_state::succeeded);
  CHECK(row.result_json == "7");
  CHECK(row.worker == "outside");
  CHECK(row.finished_at == noon + 5s);
  CHECK(leases(fixture) == 0);
  CHECK(!end(fixture, failure(token), noon + 5s));
  CHECK(!end(fixture, release(token), noon + 5s));
  CHECK(keep(fixture, {token, {}}, noon + 5s).state == lease_state::what::lost);
  CHECK(describe(fixture.get(id)) == describe(row));
  fixture.check_counters();
}

TEST_CASE("a leased attempt fails as any other does, or when its worker says so", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  auto how = failure(lease_one(fixture).token);
  how.retry_in = 90s;
  how.lines = {{noon, "trace"}};
  auto fact = end(fixture, how, noon + 1s);
  REQUIRE(fact);
  CHECK(fact->state == task_state::retrying);
  CHECK(fact->run_at == noon + 91s);
  CHECK(fixture.get(id).failures == 1);
  CHECK(fixture.get(id).error->type == "oops");
  REQUIRE(fixture.log(id).size() == 1);
  CHECK(fixture.log(id)[0].text == "trace");
  fixture.promote_due(noon + 91s);
  how = failure(lease_one(fixture, noon + 91s).token);
  how.outcome = attempt_outcome::failed_for_good;
  fact = end(fixture, how, noon + 92s);
  REQUIRE(fact);
  CHECK(fact->state == task_state::failed);
}

TEST_CASE("a worker cancels the task that it has leased", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  auto how = failure(lease_one(fixture).token);
  how.outcome = attempt_outcome::cancelled;
  const auto fact = end(fixture, how, noon + 1s);
  REQUIRE(fact);
  CHECK(fact->state == task_state::cancelled);
  CHECK(fixture.get(id).cancel_reason == cancel_reason::handler);
  CHECK(fixture.get(id).error->message == how.error_message);
  CHECK(fixture.get(id).failures == 0);
}

TEST_CASE("what was released does not count, and its token does not hold the next attempt of that"
          " number",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  const auto first = lease_one(fixture).token;
  const auto fact = end(fixture, release(first));
  REQUIRE(fact);
  CHECK(fact->state == task_state::queued);
  CHECK(fixture.get(id).attempt == 0);
  const auto second = lease_one(fixture).token;
  CHECK(second.attempt.attempt == first.attempt.attempt);
  CHECK(!end(fixture, success(first)));
  CHECK(keep(fixture, {first, {}}, noon).state == lease_state::what::lost);
  CHECK(fixture.get(id).state == task_state::running);
  CHECK(end(fixture, success(second)));
}

TEST_CASE("a sign of life puts the end off, by what it says or by the lease's own length",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  const auto given = lease_one(fixture, noon, 20s);
  auto state = keep(fixture, {given.token, {}}, noon + 15s);
  CHECK(state.state == lease_state::what::ok);
  CHECK(state.expires_at == noon + 35s);
  state = keep(fixture, {given.token, 60s}, noon + 34s);
  CHECK(state.expires_at == noon + 94s);
  CHECK(expire(fixture, noon + 93s).empty());
  CHECK(fixture.db().next_due() == noon + 94s);

  const lease_sign telling{given.token, {}, task_progress{0.4, "almost"}, {{noon, "hello"}}};
  const auto change =
      fixture.committed([&] { return fixture.db().keep_lease(telling, noon + 40s); });
  REQUIRE(change);
  REQUIRE(change->fact);
  CHECK(change->fact->progress->fraction == 0.4);
  CHECK(fixture.get(id).progress->message == "almost");
  REQUIRE(fixture.log(id).size() == 1);
}

TEST_CASE("a lease whose worker lets it pass is a crash, and its task is queued again once",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  const auto token = lease_one(fixture, noon, 20s).token;
  CHECK(expire(fixture, noon + 19999ms).empty());
  // Its time is over, whether somebody has looked or not.
  CHECK(keep(fixture, {token, {}}, noon + 20s).state == lease_state::what::lost);
  CHECK(!end(fixture, success(token), noon + 20s));
  const auto facts = expire(fixture, noon + 20s);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].state == task_state::queued);
  CHECK(expire(fixture, noon + 30s).empty());
  const auto row = fixture.get(id);
  CHECK(row.crashes == 1);
  CHECK(row.failures == 0);
  CHECK(row.attempts.at(0).outcome == "lost");
  CHECK(leases(fixture) == 0);
  fixture.check_counters();
}

TEST_CASE("the lease is not the time limit: no sign of life puts that off", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = noop();
  spec.timeout = 45s;
  const auto id = fixture.insert(spec).id;
  const auto token = lease_one(fixture, noon, 30s).token;
  CHECK(keep(fixture, {token, {}}, noon + 20s).expires_at == noon + 45s);
  CHECK(keep(fixture, {token, 600s}, noon + 44s).expires_at == noon + 45s);
  const auto facts = expire(fixture, noon + 45s);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].state == task_state::retrying);
  const auto row = fixture.get(id);
  CHECK(row.crashes == 0);
  CHECK(row.failures == 1);
  CHECK(row.error->type == "timeout");
}

TEST_CASE("a lease that ended before the time limit is a crash, however late that is noticed",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = noop();
  spec.timeout = 10s;
  spec.max_attempts = 1;
  const auto id = fixture.insert(spec).id;
  lease_one(fixture, noon, 5s, "w");
  CHECK(end_expired(fixture, noon + 1h).facts.size() == 1);
  const auto row = fixture.get(id);
  CHECK(row.state == task_state::queued);
  CHECK(row.crashes == 1);
  CHECK(row.failures == 0);
}

TEST_CASE("who let leases pass is told by name, and nobody whose task's time limit was reached",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = noop();
  spec.timeout = 10s;
  fixture.insert(spec);
  lease_one(fixture, noon, 30s, "limited");
  for (const auto* name : {"b", "a", "b"}) {
    fixture.insert();
    lease_one(fixture, noon, 10s, name);
  }
  fixture.insert();
  lease_one(fixture, noon, 11s, "there");
  auto ended = end_expired(fixture, noon + 10s);
  CHECK(ended.facts.size() == 4);
  CHECK(ended.unheard == std::set<std::string>{"a", "b"});
  // By steps, those of one step.
  ended = end_expired(fixture, noon + 11s, 1);
  CHECK(ended.facts.size() == 1);
  CHECK(ended.unheard == std::set<std::string>{"there"});
  CHECK(end_expired(fixture, noon + 11s, 1).unheard.empty());
}

TEST_CASE("a cancelled task is told to its worker, and ends with the attempt", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  const auto token = lease_one(fixture).token;
  REQUIRE(fixture.order(id, task_order::cancel));
  CHECK(fixture.get(id).state == task_state::running);
  CHECK(keep(fixture, {token, {}}, noon).state == lease_state::what::cancel_requested);
  const auto fact = end(fixture, release(token));
  REQUIRE(fact);
  CHECK(fact->state == task_state::cancelled);
}

TEST_CASE("all leases of a worker that is gone are put back, in steps, and no others", "[store]") {
  FOR_EVERY_STORE(fixture);
  for (int i = 0; i < 6; ++i)
    fixture.insert();
  for (int i = 0; i < 5; ++i)
    lease_one(fixture, noon, 30s, "gone");
  const auto others = lease_one(fixture, noon, 30s, "there").token;
  const auto step = [&](size_t max) {
    return fixture.committed([&] { return fixture.db().release_leases("gone", noon, max); }).size();
  };
  CHECK(step(3) == 3);
  CHECK(step(3) == 2);
  CHECK(step(3) == 0);
  CHECK(leases(fixture) == 1);
  CHECK(fixture.counts()["default"][task_state::queued] == 5);
  CHECK(end(fixture, success(others)));
  fixture.check_counters();
}

TEST_CASE("a lease outlives the server, and only it: what else ran is lost", "[store]") {
  FOR_EVERY_STORE(fixture);
  if (!fixture.place().is_durable())
    return;
  fixture.insert();
  const auto id = fixture.insert().id;
  fixture.claim_one("worker-1");
  const auto token = lease_one(fixture).token;
  CHECK(token.attempt.id == id);
  fixture.reopen_after_crash();
  CHECK(fixture.recover(noon + 1s).size() == 1);
  CHECK(fixture.db().next_due() == noon + 30s);
  CHECK(keep(fixture, {token, {}}, noon + 2s).state == lease_state::what::ok);
  CHECK(end(fixture, success(token), noon + 3s)->state == task_state::succeeded);
}

TEST_CASE("a limit of a queue counts leased attempts like others", "[store]") {
  FOR_EVERY_STORE(fixture);
  for (int i = 0; i < 3; ++i)
    fixture.insert();
  queue_settings rules;
  rules.concurrency = 2;
  fixture.committed([&] {
    return fixture.db().configure_queue({"default", queue_order::what::put, rules, {}}, noon);
  });
  const auto token = lease_one(fixture).token;
  lease_one(fixture);
  CHECK(fixture.claim({workers(1), 0, {}}).empty());
  REQUIRE(end(fixture, success(token)));
  CHECK(fixture.claim({workers(1), 0, {}}).size() == 1);
}

TEST_CASE("whatever workers do, no two live tokens are for one task, and one that ended ends"
          " nothing",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto seed = random_seed();
  INFO("ERRAND_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  struct held {
    lease_token token;
    timestamp until;
  };
  std::map<task_id, held> live;
  std::vector<lease_token> dead;
  auto now = noon;
  const auto bury = [&](const task_id& id) {
    dead.push_back(live.at(id).token);
    live.erase(id);
  };
  for (int step = 0; step < 600; ++step) {
    now += std::chrono::milliseconds(below(800));
    for (auto each = live.begin(); each != live.end();) {
      const auto next = std::next(each);
      if (each->second.until <= now)
        bury(each->first);
      each = next;
    }
    switch (below(7)) {
    case 0: {
      auto spec = noop();
      spec.max_crashes = 100;
      spec.max_attempts = 1000;
      fixture.insert(spec, now);
      break;
    }
    case 1:
    case 2:
      fixture.committed([&] {
        for (const auto& attempt : fixture.db().claim({workers(2), 0, {}}, now).attempts) {
          const auto length = std::chrono::seconds(1 + below(4));
          const auto given = fixture.db().grant_lease(attempt, {"w", 1, length}, now);
          REQUIRE(given);
          const auto [at, is_new] =
              live.try_emplace(attempt.ref.id, held{given->token, given->expires_at});
          REQUIRE(is_new);
        }
        return true;
      });
      break;
    case 3:
      expire(fixture, now);
      fixture.promote_due(now);
      break;
    case 4:
      if (!dead.empty()) {
        const auto& token = dead[below(dead.size())];
        CHECK(keep(fixture, {token, {}}, now).state == lease_state::what::lost);
        CHECK(!end(fixture, success(token), now));
      }
      break;
    default:
      if (live.empty())
        break;
      auto chosen = std::next(live.begin(), static_cast<ptrdiff_t>(below(live.size())));
      const auto id = chosen->first;
      const auto token = chosen->second.token;
      if (below(2) == 0) {
        const auto state = keep(fixture, {token, {}}, now);
        CHECK(state.state == lease_state::what::ok);
        chosen->second.until = state.expires_at;
      } else {
        const auto how = below(3);
        CHECK(end(fixture,
                  how == 0   ? success(token)
                  : how == 1 ? failure(token)
                             : release(token),
                  now));
        bury(id);
      }
    }
    if (step % 50 == 0 && fixture.place().is_durable()) {
      fixture.reopen();
      CHECK(fixture.recover(now).empty());
    }
    if (step % 50 == 0)
      fixture.check_counters();
  }
}

} // namespace errand::test
