#include "http/explain.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace errand;
using namespace std::chrono_literals;

namespace {

const timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

worker_view worker(worker_view::what state, const std::string& kind = "") {
  worker_view view;
  view.name = "worker-1";
  view.state = state;
  view.kind = kind;
  view.since = noon - 90s;
  if (state != worker_view::what::idle)
    view.attempt = attempt_ref{};
  return view;
}

const auto idle = worker(worker_view::what::idle);
const auto busy = worker(worker_view::what::running, "sleep");
const auto stuck = worker(worker_view::what::stuck, "loop");

circumstances known(task_state state) {
  circumstances c;
  c.place.row.state = state;
  c.place.row.spec.kind = "send";
  c.place.row.spec.queue = "mail";
  c.place.row.run_at = noon;
  if (state == task_state::queued)
    c.place.ready_before = 0;
  c.workers = {busy, idle};
  c.now = noon;
  return c;
}

std::string codes(const circumstances& c) {
  std::string text;
  for (const auto& reason : explain(c))
    text += (text.empty() ? "" : " ") + reason.code;
  return text;
}

bool tells(const circumstances& c, std::string_view code, std::string_view words) {
  const auto reasons = explain(c);
  return std::any_of(reasons.begin(), reasons.end(), [&](const reason& r) {
    INFO(r.detail);
    return r.code == code && r.detail.find(words) != std::string::npos;
  });
}

} // namespace

TEST_CASE("a task that waits for others names the first of them", "[explain]") {
  auto c = known(task_state::waiting);
  c.place.waits_for.count = 12;
  const task_id upstream{{1}};
  c.place.waits_for.first = {{upstream, task_state::retrying}};
  CHECK(codes(c) == "waiting_for");
  CHECK(tells(c, "waiting_for",
              "waits for 12 tasks: " + upstream.to_string() + " (retrying), and 11 more."));
}

TEST_CASE("a task that is to run later tells when", "[explain]") {
  auto c = known(task_state::scheduled);
  c.place.row.run_at = noon + 90500ms;
  CHECK(codes(c) == "run_at_ahead");
  CHECK(tells(c, "run_at_ahead", "2026-11-22T12:01:30.500Z, in 90.5 s"));
  c.now = noon + 2min;
  CHECK(tells(c, "run_at_ahead", "about to be queued"));
}

TEST_CASE("a task that failed tells after which failure it runs again, and when", "[explain]") {
  auto c = known(task_state::retrying);
  c.place.row.run_at = noon + 4s;
  c.place.row.failures = 2;
  c.place.row.attempt = 3;
  c.place.row.error = task_error{"exception", "no such file", 3};
  attempt_record last;
  last.outcome = "failed";
  c.place.row.attempts = {last};
  CHECK(codes(c) == "retry_backoff");
  CHECK(tells(c, "retry_backoff", "Failure 2 of at most 5 (exception: \"no such file\")"));
  CHECK(tells(c, "retry_backoff", "in 4 s"));
  c.place.row.attempts.back().outcome = "postponed";
  CHECK(tells(c, "retry_backoff", "attempt 3"));
  CHECK(!tells(c, "retry_backoff", "Failure"));
}

TEST_CASE("a ready task tells what is before it and who is busy", "[explain]") {
  auto c = known(task_state::queued);
  CHECK(codes(c) == "about_to_start");
  c.place.ready_before = 1;
  CHECK(codes(c) == "behind_others");
  CHECK(tells(c, "behind_others", "1 ready task of the queue mail comes before it"));
  c.place.row.spec.group = "acme";
  CHECK(tells(c, "behind_others", "1 ready task of its group of the queue mail comes before it"));
  c.place.row.spec.group.clear();
  c.place.ready_before = place_counted_max;
  CHECK(tells(c, "behind_others", "10000 ready tasks of the queue mail come before it"));
  c.place.ready_before = place_counted_max + 1;
  CHECK(tells(c, "behind_others", "More than 10000 ready tasks"));
  c.place.ready_before = 0;
  c.workers = {busy, stuck, busy, worker(worker_view::what::running, "http")};
  CHECK(codes(c) == "workers_busy");
  CHECK(tells(c, "workers_busy", "3 of 3 workers busy: 1 with http, 2 with sleep"));
  CHECK(tells(c, "workers_busy", "1 handler ignored"));
  c.workers = {stuck};
  CHECK(codes(c) == "workers_busy");
  c.place.ready_before = 5;
  CHECK(codes(c) == "behind_others workers_busy");
}

TEST_CASE("only workers of pools that run such tasks count", "[explain]") {
  auto c = known(task_state::queued);
  auto elsewhere = idle;
  elsewhere.runs = std::make_shared<const work_filter>(work_filter{{{"other"}, {}}, {}});
  c.workers = {busy, elsewhere};
  CHECK(codes(c) == "workers_busy");
  CHECK(tells(c, "workers_busy", "1 of 1 worker busy"));
  elsewhere.runs = std::make_shared<const work_filter>(work_filter{{{"mail"}, {}}, {}});
  c.workers = {busy, elsewhere};
  CHECK(codes(c) == "about_to_start");
}

TEST_CASE("workers outside that wait for no task are told apart from busy ones", "[explain]") {
  auto c = known(task_state::queued);
  c.has_handler = false;
  const auto outside = [](const std::string& name, worker_view::what state) {
    worker_view view;
    view.name = name;
    view.runs = std::make_shared<const work_filter>(work_filter{{{}, {"send"}}, {}});
    view.state = state;
    return view;
  };
  const auto leased = [](const std::string& worker) {
    return lease_view{worker, {task_id{{7}}, 1}, "send", "mail", noon - 1s, noon + 9s};
  };
  c.workers = {outside("a", worker_view::what::away)};
  CHECK(codes(c) == "workers_busy");
  CHECK(tells(c, "workers_busy",
              "No worker of this server could take it; of the workers outside none waits for such"
              " tasks: 1 does not ask for tasks at the moment."));
  c.leases = std::make_shared<const std::vector<lease_view>>(
      std::vector{leased("a"), leased("a"), leased("b")});
  CHECK(tells(c, "workers_busy", "tasks: 1 has leases."));
  c.workers.push_back(outside("b", worker_view::what::away));
  c.workers.push_back(outside("c", worker_view::what::away));
  c.workers.push_back(busy);
  CHECK(tells(c, "workers_busy",
              "1 of 1 worker busy: 1 with sleep; of the workers outside none waits for such tasks:"
              " 2 have leases, 1 does not ask for tasks at the moment."));
  c.workers.push_back(outside("d", worker_view::what::idle));
  CHECK(codes(c) == "about_to_start");
}

TEST_CASE("what no handler is for is not about to start", "[explain]") {
  auto c = known(task_state::queued);
  c.has_handler = false;
  CHECK(codes(c) == "no_handler");
  c.place.ready_before = 5;
  c.workers = {busy};
  CHECK(codes(c) == "behind_others no_handler");
}

TEST_CASE("a position is told as far as it is counted", "[explain]") {
  task_place place;
  CHECK(!position_in_queue(place));
  place.ready_before = 0;
  CHECK(position_in_queue(place) == 1);
  place.ready_before = place_counted_max;
  CHECK(position_in_queue(place) == place_counted_max + 1);
  place.ready_before = place_counted_max + 1;
  CHECK(!position_in_queue(place));
}

TEST_CASE("a running task tells where and since when", "[explain]") {
  auto c = known(task_state::running);
  CHECK(codes(c) == "running");
  CHECK(tells(c, "running", "on worker-1 since 2026-11-22T11:58:30.000Z, for 90 s"));
  c.workers = {stuck, idle}; // what is stuck there is an attempt that was given up
  CHECK(tells(c, "running", "handed out"));
  c.place.row.cancel_requested = true;
  CHECK(codes(c) == "running cancel_requested");
}

TEST_CASE("a leased task tells to which worker, since when and until when", "[explain]") {
  auto c = known(task_state::running);
  c.place.row.id = task_id{{7}};
  c.place.row.attempt = 2;
  worker_view lessee;
  lessee.name = "mailer-1";
  lessee.state = worker_view::what::away;
  c.workers = {idle, lessee};
  const auto leased = [](int attempt) {
    return std::make_shared<const std::vector<lease_view>>(std::vector{
        lease_view{"other", {task_id{{8}}, 2}, "send", "mail", noon, noon + 1s},
        lease_view{"mailer-1", {task_id{{7}}, attempt}, "send", "mail", noon - 5s, noon + 25s}});
  };
  c.leases = leased(2);
  c.has_handler = false; // and nobody has asked for such tasks for a while
  CHECK(codes(c) == "running");
  CHECK(tells(c, "running",
              "Attempt 2 is leased to the worker mailer-1 since 2026-11-22T11:59:55.000Z, for 5 s;"
              " the lease ends at 2026-11-22T12:00:25.000Z, in 25 s."));
  c.now = noon + 26s;
  CHECK(tells(c, "running", "the lease ended at 2026-11-22T12:00:25.000Z, 1 s ago."));
  c.leases = leased(1); // the one before
  CHECK(tells(c, "running", "handed out"));
}

TEST_CASE("a task without a handler, and a store that fails, are told beside the rest",
          "[explain]") {
  for (const auto state : {task_state::scheduled, task_state::queued, task_state::retrying}) {
    auto c = known(state);
    c.has_handler = false;
    CHECK(tells(c, "no_handler", "the kind send"));
    c.store = {ec::store_full, "No room."};
    CHECK(explain(c).front().code == "store_failing");
    CHECK(tells(c, "store_failing", "No room."));
  }
}

TEST_CASE("a task that has ended tells how and when, and nothing else", "[explain]") {
  auto c = known(task_state::succeeded);
  c.place.row.finished_at = noon - 5s;
  c.has_handler = false;
  c.store = {ec::store_full, "No room."};
  CHECK(codes(c) == "ended");
  CHECK(tells(c, "ended", "It succeeded at 2026-11-22T11:59:55.000Z, 5 s ago."));
  c.place.row.state = task_state::failed;
  c.place.row.error = task_error{"exception", "no such file", 5};
  CHECK(tells(c, "ended", "It failed at"));
  CHECK(tells(c, "ended", "exception: \"no such file\""));
  c.place.row.state = task_state::cancelled;
  CHECK(tells(c, "ended", "It was cancelled"));
  c.place.row.cancel_reason = cancel_reason::handler;
  c.place.row.error = task_error{"cancelled", "the customer is gone", 5};
  CHECK(tells(c, "ended", "reason: handler, which said: \"the customer is gone\"."));
}

TEST_CASE("a task of a paused queue tells so, first if it is ready", "[explain]") {
  auto c = known(task_state::queued);
  c.place.queue.paused = true;
  CHECK(codes(c) == "queue_paused");
  CHECK(tells(c, "queue_paused", "The queue mail is paused: nothing of it starts until it is"));
  c.place.queue.paused_until = noon + 90s;
  CHECK(tells(c, "queue_paused", "until 2026-11-22T12:01:30.000Z, for 90 s more."));
  c.place.ready_before = 3;
  CHECK(codes(c) == "queue_paused behind_others");
  c.now = noon + 90s; // the pause is over
  CHECK(codes(c) == "behind_others");
  for (const auto state : {task_state::scheduled, task_state::retrying, task_state::waiting}) {
    c = known(state);
    c.place.queue.paused = true;
    const auto told = codes(c);
    CHECK(told.ends_with(" queue_paused"));
  }
  c = known(task_state::running);
  c.place.queue.paused = true;
  CHECK(codes(c) == "running"); // what runs goes on
}

TEST_CASE("a task held up by a limit tells which, and by which tasks it is reached", "[explain]") {
  auto c = known(task_state::queued);
  const task_id one{{1}}, two{{2}};
  c.place.queue.concurrency = 12;
  c.place.beside = {12, 2, {one, two}, {two}};
  CHECK(codes(c) == "queue_concurrency");
  CHECK(tells(c, "queue_concurrency",
              "The queue mail may run 12 attempts at a time, and 12 run: " + one.to_string() + ", "
                  + two.to_string() + ", and 10 more."));
  c.place.queue.concurrency = 13;
  CHECK(codes(c) == "about_to_start");
  c.place.queue.group_concurrency = 2;
  CHECK(codes(c) == "about_to_start"); // it has no group
  c.place.row.spec.group = "acme";
  CHECK(codes(c) == "group_concurrency");
  CHECK(tells(c, "group_concurrency", "so also \"acme\" may run 2 attempts at a time, and 2 run"));
  c.place.beside.in_group = 1;
  CHECK(codes(c) == "about_to_start");
}

TEST_CASE("a task held up by its queue's rate tells when the next one may start", "[explain]") {
  auto c = known(task_state::queued);
  c.place.queue.rate = rate_limit{100, 60s};
  CHECK(codes(c) == "about_to_start"); // nothing is known of the bucket
  struct row {
    double tokens;
    timestamp at;
    bool held;
  };
  const auto [tokens, at, held] = GENERATE_REF(values<row>({
      {0, noon, true},
      {1, noon, false},
      {0.5, noon - 200ms, true},
      {0.5, noon - 300ms, false}, // half a token takes 300 ms
      {0, noon - 1h, false},
      {0, noon + 1h, true}, // the clock was put back: it fills from now on
  }));
  c.place.bucket = bucket_level{tokens, at};
  CHECK(codes(c) == (held ? "queue_rate" : "about_to_start"));
  if (tokens == 0 && held)
    CHECK(tells(c, "queue_rate",
                "may start 100 attempts per 60 s, and has; the next one may start"
                " at 2026-11-22T12:00:00.600Z, in 0.6 s."));
}
