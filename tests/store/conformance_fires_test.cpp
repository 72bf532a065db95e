// Schedules: the tasks that they make at their times.
#include "tests/store/schedule_fixture.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

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

TEST_CASE("overlap `cancel_previous` cancels nothing for a task that its unique key keeps out") {
  FOR_EVERY_SCHEDULE_STORE(store);
  auto spec = every(10s);
  spec.overlap = overlap_policy::cancel_previous;
  auto& unique = spec.task.unique.emplace();
  unique.key = "only one";
  unique.on_conflict = GENERATE(unique_conflict::keep, unique_conflict::reject);

  SECTION("the last one runs, and keeps its key until it ends") {
    store.put("s", spec);
    store.fire(noon + 10s);
    const auto running = store.claim_one();
    CHECK(store.fire(noon + 20s).to_cancel.empty());
    const auto ordered = store.order("s", schedule_order::run, noon + 21s);
    CHECK((!ordered.ok() || (ordered->duplicate && ordered->to_cancel.empty())));
    CHECK_FALSE(store.get(running.id).cancel_requested);
    CHECK(store.only_task("s").id == running.id);
  }
  SECTION("the key is held for a window") {
    unique.until = unique_until::window;
    unique.window = 1h;
    store.put("s", spec);
    store.fire(noon + 10s);
    store.fire(noon + 20s);
    CHECK(store.only_task("s").state == task_state::queued);
  }
  SECTION("another task has the key") {
    store.put("s", spec);
    store.fire(noon + 10s);
    const auto first = store.only_task("s").id;
    REQUIRE(store.finish(store.claim_one(), attempt_outcome::succeeded));
    auto other = spec.task;
    const auto holder = store.insert(other).id;
    store.fire(noon + 20s);
    CHECK(store.get(holder).state == task_state::queued);
    CHECK(store.only_task("s").id == first);
  }
  SECTION("but one that waits gives way, and its key with it") {
    store.put("s", spec);
    store.fire(noon + 10s);
    const auto first = store.only_task("s").id;
    store.fire(noon + 20s);
    CHECK(store.get(first).state == task_state::cancelled);
    CHECK(store.nominal_times("s").size() == 2);
  }
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

TEST_CASE("a schedule for leap days waits for the next one") {
  FOR_EVERY_SCHEDULE_STORE(store);
  store.put("s", at_times("0 0 29 2 *"));
  const auto leap_day = timestamp{std::chrono::sys_days{std::chrono::year{2028} / 2 / 29}};
  CHECK(store.look("s").next_run_at == leap_day);
  store.fire(leap_day);
  CHECK(store.nominal_times("s") == std::vector{leap_day});
  CHECK(store.look("s").next_run_at
        == timestamp{std::chrono::sys_days{std::chrono::year{2032} / 2 / 29}});
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
