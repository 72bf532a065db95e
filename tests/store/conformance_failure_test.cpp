// A disk that refuses, for the stores that have one.
#include "tests/store/conformance.hpp"

namespace errand::test {

TEST_CASE("on a full disk the commit fails, undoes everything, and reads go on", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto queued = fixture.insert("default", -1);
  const auto ref = [&] {
    fixture.insert("default", 1);
    return fixture.claim_one();
  }();
  const auto before = fixture.list();
  const auto counts = fixture.counts();
  {
    const auto full = fixture.place().fill_disk();
    if (!full)
      return;
    for (int again = 0; again < 3; ++again) {
      store_fixture::require_ok(fixture.db().begin());
      CHECK(fixture.db().insert(queued.spec, noon));
      CHECK(fixture.db().finish(report_of(ref, attempt_outcome::succeeded)));
      CHECK(!fixture.db().claim({workers(2), 2, {}}, noon).attempts.empty());
      const auto result = fixture.db().commit();
      CHECK(result.code() == ec::store_full);
      INFO(result.message());
      CHECK(result.message().find("no room") != std::string::npos);

      const auto after = fixture.list();
      REQUIRE(after.size() == before.size());
      for (size_t i = 0; i < after.size(); ++i)
        CHECK(describe(after[i]) == describe(before[i]));
      CHECK(fixture.counts() == counts);
      CHECK(fixture.reader().ping().ok());
      CHECK(fixture.get(queued.id).state == task_state::queued);
    }
  }
  // Without a restart it accepts again, from what was true before.
  const auto added = fixture.insert();
  CHECK(added.id > before.front().id);
  REQUIRE(fixture.finish(ref, attempt_outcome::succeeded));
  const auto claimed = fixture.claim({workers(5), 0, {}});
  REQUIRE(claimed.size() == 2);
  CHECK(claimed[0].ref.id == added.id);
  CHECK(claimed[1].ref.id == queued.id);
  fixture.check_counters();
}

TEST_CASE("what happens in memory within a transaction that fails is forgotten with it",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  task_spec spec;
  spec.kind = "noop";
  spec.queue = "only here";
  {
    const auto full = fixture.place().fill_disk();
    if (!full)
      return;
    store_fixture::require_ok(fixture.db().begin());
    CHECK(fixture.db().insert(spec, noon));
    CHECK(!fixture.db().commit().ok());
  }
  CHECK(fixture.counts().empty());
  CHECK(fixture.claim({workers(3), 3, {}}).empty());
  CHECK(fixture.claim({workers(3), 3, from({"only here"})}).empty());
  fixture.insert(spec);
  CHECK(fixture.counts() == task_counts{{"only here", {{task_state::queued, 1}}}});
}

TEST_CASE("once a verb has failed, the others of its transaction do nothing", "[store]") {
  FOR_EVERY_STORE(fixture);
  // More than the store keeps in memory: this verb must write, and can't.
  task_spec large;
  large.kind = "echo";
  large.args_json = std::string(40 << 20, 'x');
  const auto queued = fixture.insert();
  {
    const auto full = fixture.place().fill_disk();
    if (!full)
      return;
    store_fixture::require_ok(fixture.db().begin());
    CHECK(!fixture.db().insert(large, noon));
    CHECK(!fixture.db().insert(queued.spec, noon));
    CHECK(fixture.db().claim({workers(3), 0, {}}, noon).attempts.empty());
    CHECK(fixture.db().promote_due(noon, 5).empty());
    CHECK(fixture.db().recover(noon).empty());
    CHECK(fixture.db().commit().code() == ec::store_full);
  }
  CHECK(fixture.list().size() == 1);
  CHECK(fixture.claim_one().id == queued.id);
}

} // namespace errand::test
