// What is left when the server is gone.
#include "tests/store/conformance.hpp"

namespace errand::test {

namespace {

using namespace std::chrono_literals;

/// One task of every kind of state; the newest first, like a list.
void make_some_tasks(store_fixture& fixture) {
  task_spec later;
  later.kind = "noop";
  later.delay = 1h;
  later.tags = {{"order", "1"}};
  later.args_json = std::string(5000, 'x');
  fixture.insert(later);
  fixture.insert("a");
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  fixture.insert("a");
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed_for_good));
  fixture.insert("b");
  REQUIRE(fixture.lose(fixture.claim_one()));
  fixture.insert("c");
  fixture.claim({{"worker-1"}, 0, from({"c"})});
}

void check_same(const std::vector<task>& after, const std::vector<task>& before) {
  REQUIRE(after.size() == before.size());
  for (size_t i = 0; i < after.size(); ++i)
    CHECK(describe(after[i]) == describe(before[i]));
}

} // namespace

TEST_CASE("a store that is closed and opened again holds the same", "[store]") {
  FOR_EVERY_STORE(fixture);
  make_some_tasks(fixture);
  const auto before = fixture.list();
  const auto counts = fixture.counts();
  if (!fixture.place().is_durable())
    return;
  fixture.reopen();
  check_same(fixture.list(), before);
  CHECK(fixture.counts() == counts);
  CHECK(fixture.db().next_due() == noon + 1h);
  CHECK(fixture.claim_one().attempt == 2); // The lost one, found without looking at all rows.
}

TEST_CASE("what was committed when the server was killed is there, what was not is not",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  make_some_tasks(fixture);
  const auto before = fixture.list();
  const auto counts = fixture.counts();
  if (!fixture.place().is_durable())
    return;
  store_fixture::require_ok(fixture.db().begin());
  REQUIRE(fixture.db().insert(before[0].spec, noon));
  REQUIRE(fixture.db().claim({workers(5), 0, {}}, noon).attempts.size() == 2);
  fixture.reopen_after_crash();
  check_same(fixture.list(), before);
  CHECK(fixture.counts() == counts);
}

TEST_CASE("recover queues again what was running, and fails what was lost too often", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto weary = fixture.insert("a").id;
  for (int crash = 1; crash < default_max_crashes; ++crash)
    REQUIRE(fixture.lose(fixture.claim_one()));
  const auto fresh = fixture.insert("b").id;
  const auto idle = fixture.insert("c").id;
  REQUIRE(fixture.claim({workers(2), 0, from({"a", "b"})}).size() == 2);
  if (fixture.place().is_durable())
    fixture.reopen();

  const auto facts = fixture.recover(noon + 1min);
  REQUIRE(facts.size() == 2);
  CHECK(fixture.get(weary).state == task_state::failed);
  CHECK(fixture.get(weary).error->type == "worker_lost");
  CHECK(fixture.get(fresh).state == task_state::queued);
  CHECK(fixture.get(fresh).crashes == 1);
  CHECK(fixture.get(fresh).attempts.at(0).finished_at == noon + 1min);
  CHECK(fixture.get(idle).crashes == 0);
  CHECK(fixture.recover(noon + 1min).empty());
  fixture.check_counters();
}

TEST_CASE("ids rise in the order of acceptance, also when the clock was put back", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto last = fixture.insert("default", 0, noon).id;
  for (const auto now : {noon, noon + 1ms, noon - 1h, noon + 1s, noon - 24h}) {
    const auto id = fixture.insert("default", 0, now).id;
    CHECK(id.sequence() > last.sequence());
    CHECK(id > last);
    last = id;
    if (fixture.place().is_durable())
      fixture.reopen();
  }
}

TEST_CASE("a transaction that was left open is undone", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  if (!fixture.place().is_durable())
    return;
  store_fixture::require_ok(fixture.db().begin());
  REQUIRE(fixture.db().claim({workers(1), 0, {}}, noon).attempts.size() == 1);
  fixture.reopen();
  CHECK(fixture.get(id).state == task_state::queued);
}

} // namespace errand::test
