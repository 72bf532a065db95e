// STORE and SCHEDULER together make schedules fire, also when the wall clock jumps.
#include "actors/scheduler.hpp"
#include "tests/actors/store_fixture.hpp"

#include <set>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

struct schedule_fixture : store_fixture {
  schedule_fixture() {
    const wall_clock wall = [this] { return wall_now(); };
    keep(system.spawn(errand::scheduler, actor, retention{24h, 24h}, wall));
    run();
  }

  /// Also through timers that set timers.
  void pass(std::chrono::milliseconds time) {
    for (; time > 0ms; time -= 100ms)
      advance(100ms);
  }

  void put(const std::string& name, duration every, missed_policy missed = missed_policy::run_once,
           overlap_policy overlap = overlap_policy::allow) {
    schedule_put wanted{name, {}};
    wanted.spec.every = every;
    wanted.spec.task.kind = "noop";
    wanted.spec.missed = missed;
    wanted.spec.overlap = overlap;
    caf::anon_send(actor, schedule_atom_v, client, request_number{1},
                   std::make_shared<const schedule_put>(wanted));
    run();
  }

  void order(const std::string& name, schedule_order what, const request_key_ptr& key = {}) {
    caf::anon_send(actor, schedule_atom_v, client, request_number{2}, schedule_command{name, what},
                   key);
    run();
  }

  schedule look(const std::string& name) { return reader->schedule(name)->row; }

  /// Each once, or the test fails.
  std::vector<timestamp> nominal_times(const std::string& name) {
    list_request request;
    request.filter.schedule = name;
    request.limit = 1000;
    std::set<timestamp> times;
    const auto page = reader->list(request);
    REQUIRE(page.ok());
    for (const auto& row : page->tasks)
      CHECK(times.insert(*row.nominal_at).second);
    return {times.begin(), times.end()};
  }

  std::vector<event_type> take_notices() {
    std::vector<event_type> types;
    for (const auto& each : std::exchange(notices, {})) {
      REQUIRE(each.schedule);
      types.push_back(each.type);
    }
    return types;
  }
};

} // namespace

TEST_CASE_METHOD(schedule_fixture, "a schedule fires at its times, and not before") {
  const auto begin = wall_now();
  put("s", 10s);
  REQUIRE(answers.size() == 1);
  const auto& change = *std::get<schedule_change_ptr>(answers[0].content);
  CHECK(change.created);
  CHECK(change.row.next_run_at == begin + 10s);
  pass(9900ms);
  CHECK(nominal_times("s").empty());
  pass(100ms);
  CHECK(nominal_times("s") == std::vector{begin + 10s});
  pass(20s);
  CHECK(nominal_times("s") == std::vector{begin + 10s, begin + 20s, begin + 30s});
  using enum event_type;
  CHECK(take_notices()
        == std::vector{schedule_created, schedule_fired, schedule_fired, schedule_fired});
}

TEST_CASE_METHOD(schedule_fixture, "a waiting claim gets a fire's task in the fire's commit") {
  put("s", 10s);
  caf::anon_send(actor, claim_atom_v, dispatcher, pool_number{0},
                 claim_request{{"worker-1"}, 0, {}});
  run();
  const auto before = faults->commits;
  pass(10s);
  REQUIRE(claimed.size() == 1);
  CHECK(claimed[0].ref.id == look("s").last_task);
  CHECK(faults->commits == before + 1);
}

TEST_CASE_METHOD(schedule_fixture, "a schedule that is not due wakes nobody") {
  for (int i = 0; i < 50; ++i)
    put("s" + std::to_string(i), 24h);
  const auto before = faults->commits;
  pass(50s);
  CHECK(faults->commits == before);
}

TEST_CASE_METHOD(schedule_fixture, "many that are due together are all made at once, in steps") {
  for (int i = 0; i < 300; ++i)
    put("s" + std::to_string(i), 10s);
  pass(10s);
  CHECK(reader->list({})->tasks.size() == 100);
  CHECK((*reader->counts())["default"][task_state::queued] == 300);
}

TEST_CASE_METHOD(schedule_fixture, "a clock that is put back makes no fire come twice") {
  const auto begin = wall_now();
  put("s", 10s);
  pass(10s);
  jump = -30s;
  pass(39900ms);
  CHECK(nominal_times("s") == std::vector{begin + 10s});
  pass(100ms); // the clock shows the next time now
  CHECK(nominal_times("s") == std::vector{begin + 10s, begin + 20s});
}

TEST_CASE_METHOD(schedule_fixture, "a clock that is put forward loses no fire that is not missed") {
  const auto begin = wall_now();
  put("s", 10s, missed_policy::skip);
  pass(5s);
  jump = 30s; // noticed within a second, though no timer was set for then
  pass(1s);
  CHECK(nominal_times("s") == std::vector{begin + 10s, begin + 20s, begin + 30s});
}

TEST_CASE_METHOD(schedule_fixture, "a clock that is put far forward makes fires missed") {
  const auto begin = wall_now();
  put("skip", 1h, missed_policy::skip);
  put("once", 1h, missed_policy::run_once);
  put("all", 1h, missed_policy::run_all);
  jump = 3h + 30min;
  pass(1s);
  CHECK(nominal_times("skip").empty());
  CHECK(nominal_times("once") == std::vector{begin + 3h});
  CHECK(nominal_times("all") == std::vector{begin + 1h, begin + 2h, begin + 3h});
  for (const auto* name : {"skip", "once", "all"})
    CHECK(look(name).next_run_at == begin + 4h);
}

TEST_CASE_METHOD(schedule_fixture, "a running task that a fire cancels is told to stop") {
  put("s", 10s, missed_policy::run_once, overlap_policy::cancel_previous);
  caf::anon_send(actor, claim_atom_v, dispatcher, pool_number{0},
                 claim_request{{"worker-1"}, 0, {}});
  pass(10s);
  REQUIRE(claimed.size() == 1);
  CHECK(cancelled.empty());
  pass(10s);
  REQUIRE(cancelled.size() == 1);
  CHECK(cancelled[0].id == claimed[0].ref.id);
}

TEST_CASE_METHOD(schedule_fixture, "fires that the disk refuses are made once it takes writes") {
  const auto begin = wall_now();
  put("s", 10s);
  faults->refuse = true;
  pass(20s);
  CHECK(nominal_times("s").empty());
  faults->refuse = false;
  pass(1s);
  CHECK(nominal_times("s") == std::vector{begin + 10s, begin + 20s});
  using enum event_type;
  CHECK(take_notices() == std::vector{schedule_created, schedule_fired, schedule_fired});
}

TEST_CASE_METHOD(schedule_fixture, "orders to a schedule are answered and told") {
  using enum event_type;
  put("s", 10s);
  order("s", schedule_order::pause);
  CHECK(std::get<schedule_change_ptr>(answers.at(1).content)->row.spec.paused);
  pass(1min);
  CHECK(nominal_times("s").empty());
  order("s", schedule_order::resume);
  const auto resumed = wall_now();
  CHECK(std::get<schedule_change_ptr>(answers.at(2).content)->row.next_run_at > resumed);
  order("s", schedule_order::run);
  CHECK(std::get<schedule_change_ptr>(answers.at(3).content)->ran);
  order("s", schedule_order::remove);
  CHECK(std::get<status>(answers.at(4).content).ok());
  order("s", schedule_order::remove);
  CHECK(std::get<status>(answers.at(5).content).code() == ec::not_found);
  pass(1min);
  CHECK(reader->list({})->tasks.size() == 1);
  CHECK(take_notices()
        == std::vector{schedule_created, schedule_paused, schedule_resumed, schedule_fired,
                       schedule_deleted});
}

TEST_CASE_METHOD(schedule_fixture, "an order to run that comes twice with a key is done once") {
  put("s", 1h);
  request_key key{{"k", std::string(32, 'f')}, {}};
  key.reply = [mark = key.mark](const answer_content& content) {
    return kept_reply{
        mark, 202, "text/plain", {}, std::get<schedule_change_ptr>(content)->ran->id.to_string()};
  };
  const auto shared = std::make_shared<const request_key>(std::move(key));
  order("s", schedule_order::run, shared);
  order("s", schedule_order::run, shared);
  REQUIRE(answers.size() == 3);
  CHECK(std::get<kept_reply_ptr>(answers[2].content)->body
        == std::get<schedule_change_ptr>(answers[1].content)->ran->id.to_string());
  CHECK(reader->list({})->tasks.size() == 1);
}

TEST_CASE_METHOD(schedule_fixture, "what the store refuses a schedule is answered, and not told") {
  schedule_put wanted{"s", {}};
  wanted.spec.cron = "0 0 31 2 *";
  caf::anon_send(actor, schedule_atom_v, client, request_number{1},
                 std::make_shared<const schedule_put>(wanted));
  run();
  REQUIRE(answers.size() == 1);
  CHECK(std::get<status>(answers[0].content).code() == ec::invalid);
  faults->refuse = true;
  put("t", 1s);
  CHECK(std::get<status>(answers[1].content).code() == ec::store_full);
  CHECK(notices.empty());
}
