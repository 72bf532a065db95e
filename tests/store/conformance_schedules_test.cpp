// Schedules: what clients tell them, and the tasks that they make at their times.
#include "tests/store/conformance.hpp"

#include <algorithm>
#include <set>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

schedule_spec every(duration period) {
  schedule_spec spec;
  spec.every = period;
  spec.task.kind = "noop";
  return spec;
}

schedule_spec at_times(const std::string& cron, const std::string& zone = "UTC") {
  schedule_spec spec;
  spec.cron = cron;
  spec.time_zone = zone;
  spec.task.kind = "noop";
  return spec;
}

/// A store with the verbs of schedules as one-line transactions.
struct schedule_fixture : store_fixture {
  using store_fixture::store_fixture;

  schedule_change put(const std::string& name, const schedule_spec& spec, timestamp now = noon) {
    const auto done = committed([&] { return db().put_schedule({name, spec}, now); });
    REQUIRE(done);
    if (!done->ok())
      FAIL(done->why().message());
    return **done;
  }

  status_or<schedule_change> order(const std::string& name, schedule_order what,
                                   timestamp now = noon) {
    const auto done = committed([&] { return db().order_schedule({name, what}, now); });
    REQUIRE(done);
    return *done;
  }

  schedule_fires fire(timestamp now, size_t max = 100'000) {
    return committed([&] { return db().fire_due(now, max); });
  }

  schedule look(const std::string& name) {
    const auto found = reader().schedule(name);
    if (!found.ok())
      FAIL(found.why().message());
    return found->row;
  }

  /// Of the schedule's tasks, the oldest first; each once, or the test fails.
  std::vector<timestamp> nominal_times(const std::string& name) {
    list_request request;
    request.filter.schedule = name;
    request.ascending = true;
    std::vector<timestamp> times;
    std::set<timestamp> seen;
    for (const auto& row : list(request)) {
      CHECK(row.schedule == name);
      REQUIRE(row.nominal_at);
      CHECK(seen.insert(*row.nominal_at).second);
      times.push_back(*row.nominal_at);
    }
    return times;
  }

  /// The one task that the schedule has.
  task only_task(const std::string& name) {
    list_request request;
    request.filter.schedule = name;
    const auto all = list(request);
    REQUIRE(all.size() == 1);
    return all[0];
  }
};

std::string text_of(const schedule_spec& spec) {
  task row;
  row.spec = spec.task;
  return spec.cron + '|' + std::to_string(spec.every.count()) + '|' + spec.time_zone + '|'
         + std::string(to_string(spec.missed)) + '|' + std::string(to_string(spec.overlap)) + '|'
         + (spec.paused ? "paused" : "") + '|' + describe(row) + '|'
         + (spec.task.expires_in ? std::to_string(spec.task.expires_in->count()) : "-");
}

std::vector<schedule_fact::what> whats(const std::vector<schedule_fact>& facts) {
  std::vector<schedule_fact::what> all;
  for (const auto& fact : facts)
    all.push_back(fact.happened);
  return all;
}

using what = schedule_fact::what;

#define FOR_EVERY_SCHEDULE_STORE(fixture)                                                          \
  schedule_fixture fixture(GENERATE(from_range(every_store())));                                   \
  INFO("store: " << fixture.place().name())

} // namespace

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

TEST_CASE("a fire adds the task and moves the next run") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = every(10s);
  spec.task.args_json = R"({"n":1})";
  spec.task.tags = {{"a", "b"}};
  store.put("s", spec);
  CHECK(store.db().next_due() == noon + 10s);
  CHECK(store.fire(noon + 10s - 1us).looked_at == 0);

  const auto fires = store.fire(noon + 11s);
  CHECK(fires.looked_at == 1);
  const auto made = store.only_task("s");
  CHECK(made.state == task_state::queued);
  CHECK(made.nominal_at == noon + 10s);
  CHECK(made.created_at == noon + 11s);
  CHECK(made.spec.args_json == R"({"n":1})");
  CHECK(made.spec.tags == spec.task.tags);
  CHECK(store.counts()["default"][task_state::queued] == 1);
  REQUIRE(store.consequences().size() == 1);
  CHECK(store.consequences()[0].id == made.id);
  CHECK(store.consequences()[0].state == task_state::queued);
  REQUIRE(fires.facts.size() == 1);
  CHECK(fires.facts[0].happened == what::fired);
  CHECK(fires.facts[0].at == noon + 10s);
  CHECK(fires.facts[0].task == made.id);

  const auto row = store.look("s");
  CHECK(row.next_run_at == noon + 20s);
  CHECK(row.last_run_at == noon + 10s);
  CHECK(row.last_task == made.id);
  REQUIRE(row.last_outcome);
  CHECK(row.last_outcome->outcome == fire_outcome::what::fired);
  CHECK(store.db().next_due() == noon + 20s);
  CHECK(store.claim_one().id == made.id);
  CHECK(store.fire(noon + 11s).looked_at == 0);
}

TEST_CASE("a fire's delays count from the fire") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = every(10s);
  spec.task.delay = 3s;
  spec.task.expires_in = 5s;
  store.put("s", spec);
  store.fire(noon + 11s);
  const auto made = store.only_task("s");
  CHECK(made.state == task_state::scheduled);
  CHECK(made.run_at == noon + 14s);
  CHECK(made.spec.expires_at == noon + 16s);
  REQUIRE(store.consequences().size() == 1);
  CHECK(store.consequences()[0].run_at == noon + 14s);
  CHECK(store.consequences()[0].expires_at == noon + 16s);
}

TEST_CASE("what falls due together is fired in steps, the longest overdue first") {
  FOR_EVERY_SCHEDULE_STORE(store);
  for (int i = 0; i < 10; ++i)
    store.put("s" + std::to_string(i), every(10s + i * 1ms));
  CHECK(store.fire(noon + 11s, 4).looked_at == 4);
  std::set<std::string> names;
  for (const auto& row : store.list())
    names.insert(row.schedule);
  CHECK(names == std::set<std::string>{"s0", "s1", "s2", "s3"});
  CHECK(store.db().next_due() == noon + 10s + 4ms);
  CHECK(store.fire(noon + 11s, 4).looked_at == 4);
  CHECK(store.fire(noon + 11s, 4).looked_at == 2);
  CHECK(store.list().size() == 10);
}

TEST_CASE("fires that are a little late are all made, whatever `missed` says") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = every(10s);
  spec.missed = GENERATE(missed_policy::skip, missed_policy::run_once, missed_policy::run_all);
  store.put("s", spec);
  store.fire(noon + 35s);
  CHECK(store.nominal_times("s") == std::vector{noon + 10s, noon + 20s, noon + 30s});
  CHECK(store.look("s").next_run_at == noon + 40s);
}

TEST_CASE("missed fires are treated as the schedule says") {
  struct row {
    missed_policy missed;
    duration period;
    duration late; ///< After the first nominal time, `period` after noon.
    std::vector<duration> made;
    duration next;
  };
  FOR_EVERY_SCHEDULE_STORE(store);
  const auto& each = GENERATE(values<row>({
      // Exactly a minute late is on time.
      {missed_policy::skip, 1h, 60s, {1h}, 2h},
      {missed_policy::skip, 1h, 60s + 1us, {}, 2h},
      {missed_policy::run_once, 1h, 61s, {1h}, 2h},
      {missed_policy::run_all, 1h, 61s, {1h}, 2h},
      // Three are missed.
      {missed_policy::skip, 1h, 2h + 30min, {}, 4h},
      {missed_policy::run_once, 1h, 2h + 30min, {3h}, 4h},
      {missed_policy::run_all, 1h, 2h + 30min, {1h, 2h, 3h}, 4h},
      // Two are missed, and the third is on time.
      {missed_policy::skip, 1h, 2h + 1s, {3h}, 4h},
      {missed_policy::run_once, 1h, 2h + 1s, {3h}, 4h},
      {missed_policy::run_all, 1h, 2h + 1s, {1h, 2h, 3h}, 4h},
      // Several are on time.
      {missed_policy::run_once, 25s, 100s, {50s + 25s, 100s, 125s}, 150s},
  }));
  INFO(to_string(each.missed) << ", every " << each.period.count() << " us, late "
                              << each.late.count());
  auto spec = every(each.period);
  spec.missed = each.missed;
  store.put("s", spec);
  const auto now = noon + each.period + each.late;
  store.fire(now);
  std::vector<timestamp> expected;
  for (const auto after_noon : each.made)
    expected.push_back(noon + after_noon);
  CHECK(store.nominal_times("s") == expected);
  const auto row = store.look("s");
  CHECK(row.next_run_at == noon + each.next);
  REQUIRE(row.last_outcome);
  if (each.made.empty()) {
    CHECK(row.last_outcome->outcome == fire_outcome::what::skipped);
    CHECK(row.last_outcome->detail.find("within 60 s") != std::string::npos);
    CHECK(!row.last_run_at);
  }
  CHECK(store.fire(now).looked_at == 0);
}

TEST_CASE("of missed fires the newest 1,000 are made up for, in steps") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = every(1s);
  spec.missed = missed_policy::run_all;
  store.put("s", spec);
  const auto now = noon + 24h;
  size_t steps = 0;
  while (store.fire(now, 100).looked_at == 100)
    REQUIRE(++steps < 100);
  const auto times = store.nominal_times("s");
  REQUIRE(times.size() == missed_max + 61); // and those that are on time
  CHECK(times.front() == now - 60s - 1000s);
  CHECK(times.back() == now);
  CHECK(store.look("s").next_run_at == now + 1s);
}

TEST_CASE("a year of missed seconds costs no more than a moment") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = at_times("* * * * * *", "Europe/Berlin");
  spec.missed = GENERATE(missed_policy::skip, missed_policy::run_once, missed_policy::run_all);
  store.put("s", spec);
  const auto begin = std::chrono::steady_clock::now();
  store.fire(noon + std::chrono::days(365), 10);
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
}

TEST_CASE("a clock that is put back neither doubles a fire nor brings the next forward") {
  FOR_EVERY_SCHEDULE_STORE(store);
  store.put("s", every(1h));
  store.fire(noon + 1h);
  CHECK(store.fire(noon - 24h).looked_at == 0);
  CHECK(store.fire(noon + 1h).looked_at == 0);
  store.fire(noon + 2h);
  CHECK(store.nominal_times("s") == std::vector{noon + 1h, noon + 2h});
}

TEST_CASE("a nominal time has one task, even for a schedule made anew after the clock went back") {
  FOR_EVERY_SCHEDULE_STORE(store);
  store.put("s", at_times("0 * * * *"));
  store.fire(noon + 1h);
  REQUIRE(store.order("s", schedule_order::remove).ok());
  store.put("s", at_times("0 * * * *"), noon + 30min);
  CHECK(store.look("s").next_run_at == noon + 1h);
  store.fire(noon + 1h);
  store.fire(noon + 2h);
  CHECK(store.nominal_times("s") == std::vector{noon + 1h, noon + 2h});
}

TEST_CASE("a fire survives a crash with its task, or did not happen") {
  FOR_EVERY_SCHEDULE_STORE(store);
  if (!store.place().is_durable())
    return;
  store.put("s", every(10s));
  store.fire(noon + 10s);
  store_fixture::require_ok(store.db().begin());
  CHECK(store.db().fire_due(noon + 20s, 10).looked_at == 1); // not committed
  store.reopen_after_crash();
  CHECK(store.nominal_times("s") == std::vector{noon + 10s});
  CHECK(store.look("s").next_run_at == noon + 20s);
  CHECK(store.db().next_due() == noon + 20s);
  store.fire(noon + 20s);
  CHECK(store.nominal_times("s") == std::vector{noon + 10s, noon + 20s});
}

TEST_CASE("overlap `skip` waits for the end of the schedule's last task") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = every(10s);
  spec.overlap = overlap_policy::skip;
  store.put("s", spec);
  store.fire(noon + 10s);
  const auto fires = store.fire(noon + 20s); // queued
  CHECK(whats(fires.facts) == std::vector{what::skipped});
  const auto ref = store.claim_one();
  store.fire(noon + 30s); // running
  CHECK(store.nominal_times("s") == std::vector{noon + 10s});
  const auto row = store.look("s");
  REQUIRE(row.last_outcome);
  CHECK(row.last_outcome->outcome == fire_outcome::what::skipped);
  CHECK(row.last_outcome->at == noon + 30s);
  CHECK(row.last_outcome->detail.find(ref.id.to_string() + " was running") != std::string::npos);
  CHECK(row.last_run_at == noon + 10s);
  CHECK(store.order("s", schedule_order::run).why().code() == ec::wrong_state);

  store.finish(ref, attempt_outcome::succeeded);
  store.fire(noon + 40s);
  CHECK(store.nominal_times("s") == std::vector{noon + 10s, noon + 40s});
}

TEST_CASE("overlap `skip` does not wait for a task that is deleted") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = every(10s);
  spec.overlap = overlap_policy::skip;
  store.put("s", spec);
  store.fire(noon + 10s);
  store.store_fixture::order(store.only_task("s").id, task_order::remove);
  store.fire(noon + 20s);
  CHECK(store.nominal_times("s") == std::vector{noon + 20s});
}

TEST_CASE("overlap `cancel_previous` cancels the last task, or has it stopped") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = every(10s);
  spec.overlap = overlap_policy::cancel_previous;
  store.put("s", spec);
  store.fire(noon + 10s);
  const auto first = store.only_task("s").id;
  CHECK(store.fire(noon + 20s).to_cancel.empty());
  CHECK(store.get(first).state == task_state::cancelled);
  CHECK(store.get(first).cancel_reason == cancel_reason::requested);
  REQUIRE(store.consequences().size() == 2);
  CHECK(store.consequences()[0].id == first);
  CHECK(store.consequences()[0].state == task_state::cancelled);

  const auto running = store.claim_one();
  const auto fires = store.fire(noon + 30s);
  REQUIRE(fires.to_cancel.size() == 1);
  CHECK(fires.to_cancel[0].id == running.id);
  CHECK(fires.to_cancel[0].attempt == running.attempt);
  CHECK(store.get(running.id).cancel_requested);
  CHECK(store.nominal_times("s").size() == 3);
}

TEST_CASE("overlap `allow` lets a schedule's tasks pile up") {
  FOR_EVERY_SCHEDULE_STORE(store);
  store.put("s", every(10s));
  for (int i = 1; i <= 3; ++i)
    store.fire(noon + i * 10s);
  CHECK(store.counts()["default"][task_state::queued] == 3);
}

TEST_CASE("a fire whose unique rule refuses it is skipped and says so") {
  FOR_EVERY_SCHEDULE_STORE(store);
  task_spec holder;
  holder.kind = "noop";
  holder.unique = unique_rule{"k", unique_until::final, {}, unique_conflict::keep};
  const auto held = store.insert(holder);
  auto spec = every(10s);
  spec.task.unique = holder.unique;
  spec.task.unique->on_conflict = GENERATE(unique_conflict::keep, unique_conflict::reject);
  store.put("s", spec);
  const auto fires = store.fire(noon + 10s);
  CHECK(whats(fires.facts) == std::vector{what::skipped});
  const auto row = store.look("s");
  CHECK(!row.last_task);
  REQUIRE(row.last_outcome);
  CHECK(row.last_outcome->outcome == fire_outcome::what::skipped);
  CHECK(row.last_outcome->detail.find(held.id.to_string()) != std::string::npos);
  CHECK(row.next_run_at == noon + 20s);
  CHECK(store.get(held.id).schedule.empty());

  store.store_fixture::order(held.id, task_order::cancel);
  store.fire(noon + 20s);
  CHECK(store.nominal_times("s") == std::vector{noon + 20s});
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

TEST_CASE("a schedule with no time left is never due") {
  FOR_EVERY_SCHEDULE_STORE(store);
  store.put("s", at_times("0 0 29 2 *"));
  const auto leap_day = timestamp{std::chrono::sys_days{std::chrono::year{2028} / 2 / 29}};
  CHECK(store.look("s").next_run_at == leap_day);
  store.fire(leap_day);
  CHECK(store.nominal_times("s") == std::vector{leap_day});
  CHECK(store.look("s").next_run_at
        == timestamp{std::chrono::sys_days{std::chrono::year{2032} / 2 / 29}});
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

TEST_CASE("a fire that the disk refuses happens later, once") {
  FOR_EVERY_SCHEDULE_STORE(store);
  store.put("s", every(10s));
  if (auto full = store.place().fill_disk()) {
    if (store.db().begin().ok()) {
      store.db().fire_due(noon + 10s, 10);
      CHECK(!store.db().commit().ok());
    }
    full.reset();
    CHECK(store.look("s").next_run_at == noon + 10s);
  }
  store.fire(noon + 10s);
  CHECK(store.nominal_times("s") == std::vector{noon + 10s});
}
