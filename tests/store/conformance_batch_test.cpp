// Many tasks in one verb: all of them or none, in an order that suits those that come after others.
#include "tests/store/conformance.hpp"

#include <set>

namespace errand::test {

namespace {

using namespace std::chrono_literals;

batch_entry entry(std::string ref = {}, std::vector<std::string> siblings = {}) {
  batch_entry made;
  made.spec.kind = "noop";
  made.ref = std::move(ref);
  for (auto& sibling : siblings)
    made.siblings.push_back({made.siblings.size(), std::move(sibling)});
  return made;
}

task_batch arranged(std::vector<batch_entry> tasks, std::optional<batch_entry> then = {}) {
  auto batch = arrange(std::move(tasks), std::move(then));
  if (!batch.ok())
    FAIL(batch.why().message());
  return std::move(*batch);
}

std::vector<task_fact> insert(store_fixture& fixture, const task_batch& batch) {
  const auto added = fixture.committed([&] { return fixture.db().insert_batch(batch, noon); });
  REQUIRE(added);
  REQUIRE(added->ok());
  REQUIRE((*added)->size() == batch.tasks.size());
  std::vector<task_fact> facts;
  for (const auto& each : **added)
    facts.push_back(each.fact);
  return facts;
}

void drain(store_fixture& fixture, size_t& finished) {
  for (;;) {
    const auto n = fixture.committed([&] {
      const auto claimed = fixture.db().claim({workers(4), 252, {}}, noon).attempts;
      for (const auto& attempt : claimed)
        fixture.db().finish(report_of(attempt.ref, attempt_outcome::succeeded));
      return claimed.size();
    });
    if (n == 0)
      return;
    finished += n;
  }
}

} // namespace

TEST_CASE("a batch is told task by task in its own order, whichever comes after which", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto scheduled = entry();
  scheduled.spec.delay = 1h;
  const auto facts = insert(
      fixture,
      arranged({entry("c", {"b"}), entry("b", {"a"}), entry("a"), std::move(scheduled)}, entry()));
  CHECK(facts[0].state == task_state::waiting);
  CHECK(facts[1].state == task_state::waiting);
  CHECK(facts[2].state == task_state::queued);
  CHECK(facts[3].state == task_state::scheduled);
  CHECK(facts[3].run_at == noon + 1h);
  CHECK(facts[4].state == task_state::waiting);
  for (size_t i = 1; i < facts.size(); ++i)
    CHECK(facts[i - 1].id < facts[i].id);
  CHECK(fixture.get(facts[0].id).spec.after == std::vector{facts[1].id});
  CHECK(fixture.get(facts[4].id).spec.after.size() == 4);
  for (const auto i : {2, 1, 0}) {
    const auto ref = fixture.claim_one();
    CHECK(ref.id == facts[static_cast<size_t>(i)].id);
    REQUIRE(fixture.finish(ref, attempt_outcome::succeeded));
  }
  fixture.promote_due(noon + 1h);
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  CHECK(fixture.claim_one().id == facts[4].id);
  fixture.check_counters();
}

TEST_CASE("a batch with one id that does not exist adds nothing", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto there = fixture.insert().id;
  const auto gone = fixture.insert().id;
  REQUIRE(fixture.order(gone, task_order::remove));
  auto last = entry("last");
  last.spec.after = {there, gone};
  last.siblings = {{1, "first"}};
  const auto before = fixture.list().size();
  const auto refused = fixture.committed([&] {
    return fixture.db().insert_batch(arranged({entry("first"), last}), noon);
  });
  REQUIRE(refused);
  REQUIRE_FALSE(refused->ok());
  REQUIRE(refused->why().fields().size() == 1);
  CHECK(refused->why().fields()[0].pointer == "/tasks/1/after/2"); // behind there and #first
  CHECK(fixture.list().size() == before);
  fixture.check_counters();
}

TEST_CASE("in a batch a task that holds a key stands for the one that wants it", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto unique = entry("unique");
  unique.spec.unique.emplace().key = "k";
  const auto held = fixture.insert(unique.spec).id;
  const auto batch = arranged({unique, entry("next", {"unique"})});
  const auto added = fixture.committed([&] { return fixture.db().insert_batch(batch, noon); });
  REQUIRE(added);
  REQUIRE(added->ok());
  CHECK((**added)[0].duplicate);
  CHECK((**added)[0].fact.id == held);
  CHECK_FALSE((**added)[1].duplicate);
  const auto next = (**added)[1].fact;
  CHECK(next.state == task_state::waiting);
  CHECK(fixture.get(next.id).spec.after == std::vector{held});
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  CHECK(fixture.claim_one().id == next.id);
}

TEST_CASE("in a batch a task gives way to another with its key, and so do those after it",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  auto unique = entry("unique");
  unique.spec.unique.emplace().key = "k";
  const auto old = fixture.insert(unique.spec).id;
  task_spec behind;
  behind.kind = "noop";
  behind.after = {old};
  const auto follower = fixture.insert(behind).id;
  unique.spec.unique->on_conflict = unique_conflict::replace;
  auto last = entry("last");
  last.spec.after = {follower}; // which ends in the same transaction
  const auto facts = insert(fixture, arranged({unique, last}));
  CHECK(fixture.get(old).cancel_reason == cancel_reason::replaced);
  CHECK(fixture.get(follower).cancel_reason == cancel_reason::dependency);
  CHECK(facts[0].state == task_state::queued);
  CHECK(fixture.get(facts[1].id).cancel_reason == cancel_reason::dependency);
  fixture.check_counters();
}

TEST_CASE("a batch that can't have a key adds nothing", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto unique = entry();
  unique.spec.unique.emplace().key = "k";
  std::vector<batch_entry> tasks{entry(), unique};
  SECTION("since another task holds it") {
    fixture.insert(unique.spec);
    tasks[1].spec.unique->on_conflict = unique_conflict::reject;
  }
  SECTION("since a running task holds it") {
    fixture.insert(unique.spec);
    fixture.claim_one();
    tasks[1].spec.unique->on_conflict = unique_conflict::replace;
  }
  SECTION("since it wants it twice") {
    tasks.push_back(unique);
  }
  const auto before = fixture.list().size();
  const auto refused =
      fixture.committed([&] { return fixture.db().insert_batch(arranged(tasks), noon); });
  REQUIRE(refused);
  REQUIRE_FALSE(refused->ok());
  CHECK(refused->why().message().find("/tasks/") == 0);
  CHECK(fixture.list().size() == before);
  CHECK(fixture.consequences().empty());
}

TEST_CASE("a batch whose transaction fails adds nothing", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto batch = arranged(std::vector<batch_entry>(10, entry()), entry());
  {
    const auto full = fixture.place().fill_disk();
    if (!full)
      return;
    store_fixture::require_ok(fixture.db().begin());
    CHECK(fixture.db().insert_batch(batch, noon));
    CHECK_FALSE(fixture.db().commit().ok());
  }
  CHECK(fixture.list().empty());
  CHECK(insert(fixture, batch).size() == 11);
}

TEST_CASE("in a batch, too, what comes after a cancelled task is cancelled", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto bad = fixture.insert().id;
  REQUIRE(fixture.order(bad, task_order::cancel));
  auto first = entry("first");
  first.spec.after = {bad};
  auto then = entry();
  then.spec.on_dependency_failure = dependency_policy::run;
  const auto facts = insert(
      fixture,
      arranged({entry("third", {"second"}), entry("second", {"first"}), first, entry()}, then));
  for (size_t i = 0; i < 3; ++i)
    CHECK(fixture.get(facts[i].id).cancel_reason == cancel_reason::dependency);
  CHECK(facts[3].state == task_state::queued);
  CHECK(facts[4].state == task_state::waiting);
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  CHECK(fixture.claim_one().id == facts[4].id);
}

TEST_CASE("10,000 tasks fan in to one that runs after all of them", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto facts =
      insert(fixture, arranged(std::vector<batch_entry>(max_batch, entry()), entry()));
  CHECK(fixture.waits_for(facts.back().id).count == max_batch);
  CHECK(fixture.waits_for(facts.back().id).first.size() == 10);
  SECTION("when all succeed") {
    size_t finished = 0;
    drain(fixture, finished);
    CHECK(finished == max_batch + 1);
    CHECK(fixture.get(facts.back().id).state == task_state::succeeded);
    CHECK(fixture.reader().upstream_results(facts.back().id)->size() == max_batch);
  }
  SECTION("and is cancelled with the first that fails") {
    REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed_for_good));
    CHECK(fixture.get(facts.back().id).state == task_state::cancelled);
    size_t finished = 0;
    drain(fixture, finished);
    CHECK(finished == max_batch - 1);
  }
}

} // namespace errand::test
