// What a test of a program sees of a server in inline mode: what runs when.

#include "tests/server/inline_fixture.hpp"
#include "tests/support/catch.hpp"

#include <thread>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;
using nlohmann::json;
using fault = RequestError::Fault;

// -- Submit ---------------------------------------------------------------------------------------

TEST_CASE_METHOD(inline_fixture, "a task has run, in the caller's thread, when submit returns",
                 "[inline]") {
  std::thread::id where;
  server.handle("where", [&](TaskContext&) -> json {
    where = std::this_thread::get_id();
    return 5;
  });
  const auto id = server.submit({.kind = "where"});
  CHECK(where == std::this_thread::get_id());
  const auto task = server.get(id);
  CHECK(task.state == TaskState::succeeded);
  CHECK(task.result == 5);
  CHECK(task.attempt == 1);
  CHECK(server.wait(id, 10s).result == 5);
}

TEST_CASE_METHOD(inline_fixture, "all times of a task are those of the clock", "[inline]") {
  CHECK(clock.now() == inline_start);
  server.handle("late", [&](TaskContext& task) -> json {
    CHECK(clock.now() == inline_start + 90min);
    CHECK(task.deadline() == inline_start + 90min + 1h);
    return nullptr;
  });
  const auto id = server.submit({.kind = "late", .delay = Seconds{5400}});
  CHECK(server.get(id).created_at == inline_start);
  CHECK(server.get(id).run_at == inline_start + 90min);
  CHECK(server.drain() == 0);
  CHECK(state(id) == TaskState::scheduled);
  clock.advance(2h);
  CHECK(state(id) == TaskState::scheduled);
  CHECK(server.drain() == 1);
  const auto task = server.get(id);
  CHECK(task.state == TaskState::succeeded);
  CHECK(task.started_at == inline_start + 90min);
  CHECK(task.finished_at == inline_start + 90min);
  CHECK(clock.now() == inline_start + 2h);
}

TEST_CASE_METHOD(inline_fixture, "what comes after a task runs in the same submit", "[inline]") {
  const auto held = note("held", {.kind = "note", .delay = Seconds{60}});
  const auto then = note("then", {.kind = "note", .after = {held}});
  const auto ids = server.submit_batch({{.kind = "note", .args = "a"},
                                        {.kind = "note", .args = "b", .after = {"#0"}},
                                        {.kind = "note", .args = "c", .after = {"#1"}}});
  CHECK(notes == strings{"a", "b", "c"});
  CHECK(state(ids.at(2)) == TaskState::succeeded);
  CHECK(state(then) == TaskState::waiting);
  clock.advance(60s);
  CHECK(server.drain() == 2);
  CHECK(notes == strings{"a", "b", "c", "held", "then"});
}

TEST_CASE_METHOD(inline_fixture, "a handler sees what the tasks before it resulted in",
                 "[inline]") {
  server.handle("sum", [](TaskContext& task) -> json {
    auto sum = 0;
    for (const auto& [id, result] : task.upstream().items())
      sum += result.get<int>();
    return sum;
  });
  const auto ids = server.submit_batch({{.kind = "echo", .args = 2},
                                        {.kind = "echo", .args = 3},
                                        {.kind = "sum", .after = {"#0", "#1"}}});
  CHECK(server.get(ids.at(2)).result == 5);
}

TEST_CASE_METHOD(inline_fixture,
                 "retries without a wait run at once, others once it is over, "
                 "and without jitter",
                 "[inline]") {
  const auto at_once =
      server.submit({.kind = "fail", .max_attempts = 3, .retry = {.min_backoff = Seconds{0}}});
  CHECK(failures == 3);
  CHECK(state(at_once) == TaskState::failed);

  const auto later = server.submit(
      {.kind = "fail", .max_attempts = 4, .retry = {.min_backoff = Seconds{10}, .factor = 2}});
  CHECK(failures == 4);
  CHECK(server.get(later).run_at == inline_start + 10s);
  clock.advance(10s - 1us);
  CHECK(server.drain() == 0);
  clock.advance(1us);
  CHECK(server.drain() == 1);
  CHECK(server.get(later).run_at == inline_start + 30s);
  clock.advance(1h); // each at its time
  CHECK(server.drain() == 2);
  CHECK(server.get(later).finished_at == inline_start + 70s);
  CHECK(server.get(later).error->attempt == 4);
}

TEST_CASE_METHOD(inline_fixture, "a handler postpones and cancels in inline mode as elsewhere",
                 "[inline]") {
  server.handle("not-yet", [&](TaskContext& task) -> json {
    if (task.attempt() == 1)
      throw RetryLater(1h);
    throw CancelTask("the customer is gone");
  });
  const auto id = server.submit({.kind = "not-yet"});
  CHECK(server.get(id).run_at == inline_start + 1h);
  clock.advance(1h);
  CHECK(server.drain() == 1);
  CHECK(state(id) == TaskState::cancelled);
  CHECK(server.get(id).cancel_reason == "handler");
  CHECK(server.get(id).error->message == "the customer is gone");
}

TEST_CASE_METHOD(inline_fixture, "a spec that breaks rules is refused and nothing runs",
                 "[inline]") {
  CHECK(fault_of([&] { server.submit({.kind = "no blanks"}); }) == fault::invalid);
  CHECK(fault_of(
            [&] { note("a", {.kind = "note", .after = {"01890a5d-ac96-774b-bcce-b302099a8057"}}); })
        == fault::invalid);
  CHECK(fault_of([&] { server.get("01890a5d-ac96-774b-bcce-b302099a8057"); }) == fault::not_found);
  CHECK(fault_of([&] { server.wait("nonsense", 1s); }) == fault::not_found);
  CHECK(notes.empty());
}

// -- Rules of the store ---------------------------------------------------------------------------

TEST_CASE_METHOD(inline_fixture, "unique keys hold", "[inline]") {
  const auto first =
      note("a", {.kind = "note", .delay = Seconds{60}, .unique = Unique{.key = "k"}});
  CHECK(note("b", {.kind = "note", .unique = Unique{.key = "k"}}) == first);
  CHECK(fault_of([&] {
          note("c", {.kind = "note",
                     .unique = Unique{.key = "k", .on_conflict = Unique::OnConflict::reject}});
        })
        == fault::not_unique);
  clock.advance(60s);
  server.drain();
  CHECK(note("d", {.kind = "note", .unique = Unique{.key = "k"}}) != first);
  CHECK(notes == strings{"a", "d"});
}

TEST_CASE_METHOD(inline_fixture, "a task expires at its time, also if that is reached in one step",
                 "[inline]") {
  const auto held = note("held", {.kind = "note", .delay = Seconds{120}});
  const auto id = note("a", {.kind = "note", .expires_in = Seconds{60}, .after = {held}});
  clock.advance(1h);
  CHECK(server.drain() == 1);
  CHECK(server.get(id).cancel_reason == "expired");
  CHECK(server.get(id).finished_at == inline_start + 60s);
}

TEST_CASE("queues of the options are paused, limited and rated by the clock", "[inline]") {
  auto options = silent_options();
  options.queues["stopped"].paused = true;
  options.queues["slow"].rate = RateLimit{1, Seconds{60}};
  inline_fixture f{options};
  const auto stopped = f.note("stopped", {.kind = "note", .queue = "stopped"});
  for (const auto* text : {"a", "b", "c"})
    f.note(text, {.kind = "note", .queue = "slow"});
  CHECK(f.notes == strings{"a"});
  f.clock.advance(59s);
  CHECK(f.server.drain() == 0);
  f.clock.advance(1s);
  CHECK(f.server.drain() == 1);
  f.clock.advance(60s);
  CHECK(f.server.drain() == 1);
  CHECK(f.notes == strings{"a", "b", "c"});
  f.clock.advance(1h);
  CHECK(f.server.drain() == 0);
  CHECK(f.state(stopped) == TaskState::queued);
}

TEST_CASE("drain deletes what retention gives away, and submit does not", "[inline]") {
  auto options = silent_options();
  options.retention.succeeded = Seconds{3600};
  inline_fixture f{options};
  const auto id = f.note("a");
  f.clock.advance(1h + 1s);
  const auto other = f.note("b");
  CHECK(f.state(id) == TaskState::succeeded);
  f.server.drain();
  CHECK(fault_of([&] { f.server.get(id); }) == fault::not_found);
  CHECK(f.state(other) == TaskState::succeeded);
}

TEST_CASE_METHOD(inline_fixture, "a schedule makes each of its tasks at its time", "[inline]") {
  std::vector<Time> runs;
  server.handle("report", [&](TaskContext&) -> json {
    runs.push_back(clock.now());
    return nullptr;
  });
  server.schedule(
      "nightly",
      {.cron = "0 2 * * *", .task = {.kind = "report"}, .missed = Schedule::Missed::skip});
  CHECK(server.drain() == 0);
  clock.advance(72h);
  CHECK(server.drain() == 3);
  CHECK(runs == std::vector<Time>{inline_start + 2h, inline_start + 26h, inline_start + 50h});
  CHECK(fault_of([&] { server.schedule("never", {.cron = "99 * * * *", .task = {.kind = "x"}}); })
        == fault::invalid);
  CHECK(fault_of([&] { server.schedule("bad name", {.cron = "@daily", .task = {.kind = "x"}}); })
        == fault::invalid);
}

TEST_CASE_METHOD(inline_fixture, "a call does what fell due before it, at its own time",
                 "[inline]") {
  note("first", {.kind = "note", .delay = Seconds{60}});
  clock.advance(1h);
  const auto id = note("second");
  CHECK(notes == strings{"first", "second"});
  CHECK(server.get(id).created_at == inline_start + 1h);
  const auto third = note("third", {.kind = "note", .delay = Seconds{60}});
  clock.advance(1h);
  CHECK(fault_of([&] { server.cancel(third); }) == fault::wrong_state);
  CHECK(server.get(third).finished_at == inline_start + 1h + 60s);
}

TEST_CASE_METHOD(inline_fixture, "a task is cancelled before its time", "[inline]") {
  const auto id = note("a", {.kind = "note", .delay = Seconds{60}});
  const auto then = note("then", {.kind = "note", .after = {id}, .run_after_failure = true});
  CHECK(server.cancel(id).state == TaskState::cancelled);
  CHECK(state(then) == TaskState::succeeded);
  clock.advance(1h);
  CHECK(server.drain() == 0);
  CHECK(notes == strings{"then"});
  CHECK(fault_of([&] { server.cancel(id); }) == fault::wrong_state);
}
