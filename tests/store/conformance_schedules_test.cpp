// Schedules: what clients tell them, and what is told of them.
#include "tests/store/schedule_fixture.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

TEST_CASE("a schedule is found as it was put, with every field") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = at_times("0 3 * * mon-fri", "Europe/Berlin");
  spec.missed = missed_policy::run_all;
  spec.overlap = overlap_policy::cancel_previous;
  spec.task.args_json = R"({"n":1.000,"text":"ü"})";
  spec.task.queue = "reports";
  spec.task.priority = -7;
  spec.task.delay = 1500ms;
  spec.task.expires_in = 90s;
  spec.task.timeout = 12s;
  spec.task.max_attempts = 9;
  spec.task.max_crashes = 8;
  spec.task.retry = {2s, 3s, 1.5, 0.25};
  spec.task.unique = unique_rule{"key", unique_until::window, 5min, unique_conflict::reject};
  spec.task.group = "tenant \"7\"";
  spec.task.tags = {{"a", "b"}, {"c", ""}};
  const auto change = store.put("reports/nightly", spec);
  CHECK(change.created);
  CHECK(whats(change.facts) == std::vector{what::created});

  const auto found = store.look("reports/nightly");
  CHECK(found.name == "reports/nightly");
  CHECK(text_of(found.spec) == text_of(spec));
  CHECK(found.created_at == noon);
  CHECK(found.updated_at == noon);
  CHECK(found.next_run_at == noon + 14h); // Monday, 3:00 +01:00
  CHECK(!found.last_run_at);
  CHECK(!found.last_task);
  CHECK(!found.last_outcome);
  const auto view = store.reader().schedule("reports/nightly");
  CHECK(view->next_runs == change.next_runs);
  CHECK(view->next_runs.size() == 5);
}

TEST_CASE("a schedule that is not there is not found") {
  FOR_EVERY_SCHEDULE_STORE(store);
  CHECK(store.reader().schedule("none").why().code() == ec::not_found);
  for (const auto order :
       {schedule_order::pause, schedule_order::resume, schedule_order::run, schedule_order::remove})
    CHECK(store.order("none", order).why().code() == ec::not_found);
}

TEST_CASE("a schedule whose times are none is refused") {
  FOR_EVERY_SCHEDULE_STORE(store);
  const auto done = store.committed([&] {
    return store.db().put_schedule({"s", at_times("0 0 31 2 *")}, noon);
  });
  REQUIRE(done);
  REQUIRE(!done->ok());
  REQUIRE(done->why().fields().size() == 1);
  CHECK(done->why().fields()[0].pointer == "/cron");
  CHECK(store.reader().schedules({})->schedules.empty());
}

TEST_CASE("a schedule that is told what it knows does not change") {
  FOR_EVERY_SCHEDULE_STORE(store);
  const auto spec = every(10s);
  store.put("s", spec);
  const auto again = store.put("s", spec, noon + 7s);
  CHECK(!again.created);
  CHECK(again.facts.empty());
  CHECK(again.next_runs.size() == 5);
  const auto row = store.look("s");
  CHECK(row.updated_at == noon);
  CHECK(row.next_run_at == noon + 10s);
}

TEST_CASE("only other times move the next fire of a schedule") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = every(10s);
  store.put("s", spec);
  spec.task.priority = 5;
  const auto change = store.put("s", spec, noon + 7s);
  CHECK(whats(change.facts) == std::vector{what::changed});
  CHECK(store.look("s").next_run_at == noon + 10s);
  CHECK(store.look("s").updated_at == noon + 7s);
  spec.every = 20s;
  store.put("s", spec, noon + 8s);
  CHECK(store.look("s").next_run_at == noon + 28s);
  store.put("s", at_times("0 12 * * *"), noon + 9s);
  CHECK(store.look("s").next_run_at == noon + 24h);
  store.put("s", at_times("0 12 * * *", "Asia/Kolkata"), noon + 9s);
  CHECK(store.look("s").next_run_at == noon + 18h + 30min);
  CHECK(store.look("s").spec.every == 0s);
}

TEST_CASE("a paused schedule does not fire, and what it would have made does not come later") {
  FOR_EVERY_SCHEDULE_STORE(store);
  const auto how = GENERATE(0, 1);
  auto spec = every(10s);
  spec.missed = missed_policy::run_all;
  store.put("s", spec);
  const auto pause = [&](bool paused, timestamp now) {
    if (how == 0)
      return *store.order("s", paused ? schedule_order::pause : schedule_order::resume, now);
    spec.paused = paused;
    return store.put("s", spec, now);
  };
  const auto paused = pause(true, noon + 5s);
  CHECK(paused.facts.back().happened == what::paused);
  CHECK(paused.next_runs.empty());
  CHECK(paused.row.spec.paused);
  CHECK(!store.db().next_due());
  CHECK(store.fire(noon + 1h).looked_at == 0);
  CHECK(pause(true, noon + 1h).facts.empty());

  const auto resumed = pause(false, noon + 1h + 5s);
  CHECK(resumed.facts.back().happened == what::resumed);
  CHECK(resumed.row.next_run_at == noon + 1h + 10s);
  CHECK(pause(false, noon + 1h + 6s).facts.empty());
  store.fire(noon + 1h + 10s);
  CHECK(store.nominal_times("s") == std::vector{noon + 1h + 10s});
}

TEST_CASE("a schedule that is put paused waits to be resumed") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = every(10s);
  spec.paused = true;
  CHECK(store.put("s", spec).next_runs.empty());
  CHECK(!store.db().next_due());
}

TEST_CASE("an order to run adds a task of no nominal time and moves nothing") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = every(10s);
  spec.paused = GENERATE(false, true);
  store.put("s", spec);
  const auto next = store.look("s").next_run_at;
  for (int i = 0; i < 2; ++i) {
    const auto done = store.order("s", schedule_order::run, noon + 3s);
    REQUIRE(done.ok());
    REQUIRE(done->ran);
    CHECK(!done->duplicate);
    CHECK(whats(done->facts) == std::vector{what::fired});
    const auto made = store.get(done->ran->id);
    CHECK(made.schedule == "s");
    CHECK(!made.nominal_at);
    const auto row = store.look("s");
    CHECK(row.last_task == made.id);
    CHECK(row.last_run_at == noon + 3s);
    CHECK(row.next_run_at == next);
  }
  CHECK(store.counts()["default"][task_state::queued] == 2);
}

TEST_CASE("an order to run tells of the task that stands for another") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = every(10s);
  spec.task.unique = unique_rule{"k", unique_until::final, {}, unique_conflict::keep};
  store.put("s", spec);
  const auto first = store.order("s", schedule_order::run);
  const auto second = store.order("s", schedule_order::run);
  REQUIRE(second.ok());
  CHECK(second->duplicate);
  CHECK(second->ran->id == first->ran->id);
  CHECK(second->facts.empty());

  spec.task.unique->on_conflict = unique_conflict::reject;
  store.put("s", spec);
  CHECK(store.order("s", schedule_order::run).why().code() == ec::not_unique);
}

TEST_CASE("a schedule that is removed leaves its tasks and fires no more") {
  FOR_EVERY_SCHEDULE_STORE(store);
  store.put("s", every(10s));
  store.fire(noon + 10s);
  const auto gone = store.order("s", schedule_order::remove);
  REQUIRE(gone.ok());
  CHECK(gone->row.name == "s");
  CHECK(whats(gone->facts) == std::vector{what::removed});
  CHECK(store.only_task("s").schedule == "s");
  CHECK(!store.db().next_due());
  CHECK(store.fire(noon + 20s).looked_at == 0);
  CHECK(store.reader().schedule("s").why().code() == ec::not_found);
  CHECK(store.put("s", every(10s), noon + 20s).created);
}

TEST_CASE("schedules are listed newest first, page by page, whatever is removed between") {
  FOR_EVERY_SCHEDULE_STORE(store);
  for (int i = 0; i < 5; ++i)
    store.put("s" + std::to_string(i), every(10s));
  const auto names = [&](bool ascending) {
    std::vector<std::string> all;
    schedule_list_request request;
    request.limit = 2;
    request.ascending = ascending;
    do {
      const auto page = store.reader().schedules(request);
      REQUIRE(page.ok());
      CHECK(page->schedules.size() <= 2);
      for (const auto& view : page->schedules) {
        all.push_back(view.row.name);
        CHECK(view.next_runs.size() == 5);
      }
      request.after = page->next;
    } while (request.after);
    return all;
  };
  CHECK(names(false) == std::vector<std::string>{"s4", "s3", "s2", "s1", "s0"});
  CHECK(names(true) == std::vector<std::string>{"s0", "s1", "s2", "s3", "s4"});
  REQUIRE(store.order("s4", schedule_order::remove).ok());
  store.put("s4", every(10s)); // a new one, so it is the newest again
  REQUIRE(store.order("s2", schedule_order::remove).ok());
  CHECK(names(true) == std::vector<std::string>{"s0", "s1", "s3", "s4"});
}

TEST_CASE("schedules and their tasks survive a restart") {
  FOR_EVERY_SCHEDULE_STORE(store);
  if (!store.place().is_durable())
    return;
  store.put("s", every(10s));
  store.fire(noon + 10s);
  const auto before = store.look("s");
  store.reopen();
  const auto after = store.look("s");
  CHECK(after.next_run_at == before.next_run_at);
  CHECK(after.last_task == before.last_task);
  CHECK(store.nominal_times("s") == std::vector{noon + 10s});
  store.fire(noon + 20s);
  CHECK(store.nominal_times("s").size() == 2);
}
