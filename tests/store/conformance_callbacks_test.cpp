// Tasks with a callback_url: whatever ends one adds the task that tells of it, in the same
// transaction and once.
#include "tests/store/schedule_fixture.hpp"

namespace errand::test {

namespace {

using namespace std::chrono_literals;

constexpr auto url = "https://example.com/done?x=\"1\"";

task_spec calling(std::vector<task_id> after = {}) {
  auto spec = noop(std::move(after));
  spec.callback_url = url;
  return spec;
}

std::vector<task> callbacks(store_fixture& fixture) {
  list_request request;
  request.filter.kind = callback_kind;
  request.ascending = true;
  return fixture.list(request);
}

/// Exactly one task tells of that end, and is ready to.
task the_callback(store_fixture& fixture, const task_id& about) {
  const auto all = callbacks(fixture);
  REQUIRE(all.size() == 1);
  CHECK(all[0].spec.args_json.find(about.to_string()) != std::string::npos);
  CHECK(all[0].state == task_state::queued);
  fixture.check_counters();
  return all[0];
}

} // namespace

TEST_CASE("a task keeps its callback_url", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(calling()).id;
  CHECK(fixture.get(id).spec.callback_url == url);
  CHECK(fixture.get(fixture.insert().id).spec.callback_url.empty());
  CHECK(callbacks(fixture).empty());
}

TEST_CASE("the callback of an end is a task of the server's own", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = calling();
  spec.group = "tenant";
  spec.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  spec.priority = 50;
  spec.tags = {{"a", "b"}};
  const auto id = fixture.insert(spec).id;
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded, noon + 1s));
  const auto made = the_callback(fixture, id);
  CHECK(made.spec.args_json
        == R"({"task":")" + id.to_string() + R"(","url":"https://example.com/done?x=\"1\""})");
  CHECK(made.spec.queue == callback_queue);
  CHECK(made.spec.group == "tenant");
  CHECK(made.spec.traceparent == spec.traceparent);
  CHECK(made.spec.priority == 0);
  CHECK(made.spec.tags.empty());
  CHECK(made.spec.callback_url.empty());
  CHECK(made.spec.timeout == 30s);
  CHECK(made.spec.max_attempts == 10);
  CHECK(made.spec.retry == retry_policy{5s, 6h, 4, 0.2});
  CHECK(made.created_at == noon + 1s);
  REQUIRE(fixture.consequences().size() == 1); // others hear of it
  CHECK(fixture.consequences()[0].id == made.id);
  CHECK(fixture.consequences()[0].state == task_state::queued);

  // It has no callback itself.
  const auto ref = fixture.claim_one("worker-1", noon + 1s);
  CHECK(ref.id == made.id);
  REQUIRE(fixture.finish(ref, attempt_outcome::succeeded, noon + 2s));
  CHECK(callbacks(fixture).size() == 1);
}

TEST_CASE("every way in which an attempt ends its task calls back, and none that does not",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = calling();
  spec.max_attempts = spec.max_crashes = 2;
  const auto id = fixture.insert(spec).id;
  const auto fail_once = [&] {
    REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed));
    CHECK(callbacks(fixture).empty());
    fixture.promote_due(noon + 1h);
  };
  SECTION("success") {
    REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  }
  SECTION("the last failure") {
    fail_once();
    REQUIRE(fixture.finish(fixture.claim_one("worker-1", noon + 1h), attempt_outcome::failed,
                           noon + 1h));
  }
  SECTION("a failure for good") {
    REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed_for_good));
  }
  SECTION("the last crash") {
    REQUIRE(fixture.lose(fixture.claim_one(), noon));
    CHECK(callbacks(fixture).empty());
    REQUIRE(fixture.lose(fixture.claim_one(), noon));
  }
  SECTION("the last crash, found when the store is opened") {
    REQUIRE(fixture.lose(fixture.claim_one(), noon));
    fixture.claim_one();
    REQUIRE(fixture.recover().size() == 1);
  }
  SECTION("cancelled while it ran") {
    const auto ref = fixture.claim_one();
    REQUIRE(fixture.order(id, task_order::cancel));
    CHECK(callbacks(fixture).empty());
    REQUIRE(fixture.finish(ref, attempt_outcome::failed));
  }
  SECTION("cancelled while it ran, and released") {
    const auto ref = fixture.claim_one();
    REQUIRE(fixture.order(id, task_order::cancel));
    REQUIRE(fixture.release(ref));
  }
  SECTION("cancelled while it ran, and lost") {
    const auto ref = fixture.claim_one();
    REQUIRE(fixture.order(id, task_order::cancel));
    REQUIRE(fixture.lose(ref, noon));
  }
  CHECK(is_final(fixture.get(id).state));
  the_callback(fixture, id);
}

TEST_CASE("what goes on does not call back", "[store]") {
  FOR_EVERY_STORE(fixture);
  fixture.insert(calling());
  SECTION("released") {
    REQUIRE(fixture.release(fixture.claim_one()));
  }
  SECTION("postponed") {
    REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::postponed));
  }
  CHECK(callbacks(fixture).empty());
}

TEST_CASE("every way in which a task ends without an attempt calls back", "[store]") {
  FOR_EVERY_STORE(fixture);
  SECTION("cancelled") {
    const auto id = fixture.insert(calling()).id;
    REQUIRE(fixture.order(id, task_order::cancel));
    the_callback(fixture, id);
  }
  SECTION("expired") {
    auto spec = calling();
    spec.expires_in = 10s;
    const auto id = fixture.insert(spec).id;
    fixture.committed([&] { return fixture.db().expire(noon + 10s, 100); });
    the_callback(fixture, id);
  }
  SECTION("expired when it would have been claimed") {
    auto spec = calling();
    spec.expires_in = 10s;
    const auto id = fixture.insert(spec).id;
    CHECK(fixture.claim({workers(2), 0, from({"default"})}, noon + 10s).empty());
    the_callback(fixture, id);
  }
  SECTION("replaced by another with its unique key") {
    auto spec = calling();
    spec.unique = unique_rule{"key", unique_until::final, {}, unique_conflict::replace};
    const auto id = fixture.insert(spec).id;
    fixture.insert(spec);
    the_callback(fixture, id);
  }
  SECTION("cancelled by what it waits for") {
    const auto upstream = fixture.insert();
    const auto id = fixture.insert(calling({upstream.id})).id;
    REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed_for_good));
    CHECK(fixture.get(id).state == task_state::cancelled);
    the_callback(fixture, id);
  }
  SECTION("cancelled from the beginning") {
    const auto upstream = fixture.insert();
    REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed_for_good));
    const auto id = fixture.insert(calling({upstream.id})).id;
    CHECK(fixture.get(id).state == task_state::cancelled);
    the_callback(fixture, id);
  }
}

TEST_CASE("a task that is deleted calls nobody back", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(calling()).id;
  REQUIRE(fixture.order(id, task_order::remove));
  CHECK(callbacks(fixture).empty());
}

TEST_CASE("a task that is retried calls back again at its next end", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(calling()).id;
  REQUIRE(fixture.order(id, task_order::cancel));
  REQUIRE(fixture.order(id, task_order::retry));
  CHECK(callbacks(fixture).size() == 1);
  REQUIRE(fixture.finish(fixture.claim({workers(1), 0, from({"default"})})[0].ref,
                         attempt_outcome::succeeded));
  CHECK(callbacks(fixture).size() == 2);
}

TEST_CASE("each task of a batch calls back for itself", "[store]") {
  FOR_EVERY_STORE(fixture);
  std::vector<batch_entry> entries(3);
  for (auto& entry : entries)
    entry.spec = calling();
  entries[1].spec.callback_url.clear();
  const auto batch = arrange(std::move(entries), {});
  REQUIRE(batch.ok());
  const auto added = fixture.committed([&] { return fixture.db().insert_batch(*batch, noon); });
  REQUIRE((added && added->ok()));
  for (const auto& each : **added)
    REQUIRE(fixture.order(each.fact.id, task_order::cancel));
  CHECK(callbacks(fixture).size() == 2);
  fixture.check_counters();
}

TEST_CASE("a schedule's tasks have its callback_url", "[store]") {
  schedule_fixture fixture(GENERATE(from_range(every_store())));
  auto spec = every(1min);
  spec.task.callback_url = url;
  fixture.put("minutely", spec);
  CHECK(fixture.look("minutely").spec.task.callback_url == url);
  REQUIRE(fixture.fire(noon + 1min).facts.size() == 1);
  const auto ref = fixture.claim_one("worker-1", noon + 1min);
  REQUIRE(fixture.finish(ref, attempt_outcome::succeeded, noon + 1min));
  the_callback(fixture, ref.id);
}

TEST_CASE("an end that is not committed calls nobody back", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(calling()).id;
  const auto ref = fixture.claim_one();
  {
    const auto full = fixture.place().fill_disk();
    if (!full)
      return;
    REQUIRE(fixture.db().begin().ok());
    fixture.db().finish(report_of(ref, attempt_outcome::succeeded));
    CHECK_FALSE(fixture.db().commit().ok());
  }
  CHECK(callbacks(fixture).empty());
  REQUIRE(fixture.finish(ref, attempt_outcome::succeeded));
  the_callback(fixture, id);
}

TEST_CASE("a callback is there after a crash", "[store]") {
  FOR_EVERY_STORE(fixture);
  if (!fixture.place().is_durable())
    return;
  const auto id = fixture.insert(calling()).id;
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  fixture.reopen_after_crash();
  the_callback(fixture, id);
}

} // namespace errand::test
