// What the limits of a queue come to in time: the STORE, the SCHEDULER and the DISPATCHER by the
// fake clock, with workers that run each attempt for a time of that clock.
#include "actors/dispatcher.hpp"
#include "actors/scheduler.hpp"
#include "actors/worker.hpp"
#include "tests/actors/store_fixture.hpp"

#include <algorithm>
#include <map>
#include <numeric>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

constexpr auto step = 1ms;

struct limits_fixture : store_fixture {
  struct job {
    attempt_batch_ptr batch;
    attempt_batch::slot* slot;
    timestamp ends_at;
  };

  limits_fixture() {
    advance(1s); // off the epoch, which means "not begun"
    keep(system.spawn(errand::scheduler, actor, retention{24h, 24h},
                      wall_clock{[this] { return wall_now(); }}));
    run();
  }

  void start_workers(size_t n) {
    const worker_factory make = [this](const dispatcher_actor&, worker_number number) {
      return keep(system.spawn([this, number](worker_actor::pointer) {
        return worker_actor::behavior_type{
            [this, number](run_atom, const attempt_batch_ptr& batch, uint64_t slot) {
              auto* mine =
                  slot < batch->size() ? batch->take_pinned(slot, number, steady_now()) : nullptr;
              begin(number, batch, mine);
            },
        };
      }));
    };
    crew = keep(system.spawn(errand::dispatcher, actor, make,
                             dispatcher_options{{{"default", n, {}}}, 256, 1000ms, 1}, clock(),
                             logger_ptr{log}));
    run();
  }

  steady_time steady_now() { return actor_fixture::scheduler().clock().now(); }

  /// That slot, or what else is in the batch; else the worker is idle.
  void begin(worker_number who, const attempt_batch_ptr& batch, attempt_batch::slot* slot) {
    if (!slot)
      slot = batch->take_next(who, steady_now());
    if (!slot) {
      jobs.erase(who);
      caf::anon_send(crew, idle_atom_v, who);
      return;
    }
    jobs[who] = {batch, slot, now() + lengths[starts.size() % lengths.size()]};
    starts.push_back(now());
    busiest = std::max(busiest, jobs.size());
  }

  void step_on() {
    advance(step);
    const auto running = jobs;
    for (const auto& [who, ended] : running) {
      if (ended.ends_at > now())
        continue;
      attempt_report report;
      report.ref = ended.slot->spec.ref;
      report.outcome = attempt_outcome::succeeded;
      report.started_at = report.finished_at = now();
      caf::anon_send(actor, finish_atom_v, report);
      ended.slot->reported = true;
      jobs.erase(who);
      begin(who, ended.batch, nullptr);
    }
    run();
  }

  void limit(const queue_settings& settings) {
    queue_order order{"mail", queue_order::what::put};
    order.settings = settings;
    caf::anon_send(actor, queue_atom_v, client, request_number{1}, order, request_key_ptr{});
    run();
  }

  void submit_all(size_t n) {
    batch_entry entry;
    entry.spec.kind = "noop";
    entry.spec.queue = "mail";
    submit_batch(2, std::vector<batch_entry>(n, entry));
    run();
  }

  std::vector<std::chrono::milliseconds> lengths{step}; ///< Of attempts, in turn.
  dispatcher_actor crew;
  std::map<worker_number, job> jobs;
  std::vector<timestamp> starts;
  size_t busiest = 0;
};

} // namespace

TEST_CASE_METHOD(limits_fixture, "a queue that may run four at a time keeps four workers busy") {
  constexpr int tasks = 400;
  lengths = GENERATE(values<std::vector<std::chrono::milliseconds>>(
      {{2ms}, {20ms}, {80ms}, {2ms, 2ms, 2ms, 60ms, 10ms}}));
  const auto workers = GENERATE(size_t{4}, size_t{8});
  queue_settings four;
  four.concurrency = 4;
  limit(four);
  start_workers(workers);
  const auto begin = now();
  submit_all(tasks);
  const auto work = std::accumulate(lengths.begin(), lengths.end(), 0ms) * tasks
                    / static_cast<int>(lengths.size());
  const auto patience = begin + work;
  while ((starts.size() < tasks || !jobs.empty()) && now() < patience)
    step_on();
  INFO(workers << " workers, " << starts.size() << " starts, " << (now() - begin) / 1ms
               << " ms for " << work / 1ms << " ms of work");
  CHECK(busiest == 4);
  CHECK(now() - begin <= work / 4 * 1.05);
}

TEST_CASE_METHOD(limits_fixture, "a rate of 100 a second starts one every 10 ms, at its time") {
  constexpr size_t limit_at_once = 100;
  queue_settings rated;
  rated.rate = {limit_at_once, 1s};
  limit(rated);
  start_workers(4);
  const auto begin = now();
  submit_all(4000);
  while (now() < begin + 30s)
    step_on();
  // The bucket was full: so many go at once, and then it is what comes in.
  REQUIRE(starts.size() > 2 * limit_at_once);
  const auto steady = starts.size() - limit_at_once;
  CHECK(steady >= 2940);
  CHECK(steady <= 3060);
  auto longest_wait = 0us;
  for (size_t i = limit_at_once + 1; i < starts.size(); ++i)
    longest_wait = std::max(longest_wait, starts[i] - starts[i - 1]);
  CHECK(longest_wait <= 10ms + 2 * step);
}

TEST_CASE_METHOD(limits_fixture, "within a second after the clock was put back a rate goes on") {
  queue_settings rated;
  rated.rate = {10, 1s};
  limit(rated);
  start_workers(4);
  submit_all(400);
  const auto begin = now();
  while (now() < begin + 2s)
    step_on();
  const auto before = starts.size();
  REQUIRE(before < 40);
  jump = -1h;
  while (now() < begin + 22s)
    step_on();
  CHECK(starts.size() - before >= 188);
  CHECK(starts.size() - before <= 202);
}
