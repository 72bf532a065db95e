#include "actors/dispatcher.hpp"
#include "actors/worker.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_double.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

/// Two workers that take what they are told to, and say that they are idle when the test says so.
struct dispatcher_fixture : actor_fixture {
  struct job {
    attempt_batch_ptr batch;
    uint64_t slot;
  };

  explicit dispatcher_fixture(std::vector<pool_options> pools = {{"default", 2, {}}})
      : options{std::move(pools), 64, 1000ms, 1} {
    const worker_factory make = [this](const dispatcher_actor&, worker_number number) {
      ++spawned;
      auto made = keep(system.spawn([this, number](worker_actor::pointer) {
        return worker_actor::behavior_type{
            [this, number](run_atom, const attempt_batch_ptr& batch, uint64_t slot) {
              jobs[number] = {batch, slot};
              if (slot < batch->size())
                batch->take_pinned(slot, number, steady_now());
            },
        };
      }));
      workers[number] = made;
      return made;
    };
    advance(1s); // off the epoch, which means "not begun"
    actor =
        keep(system.spawn(dispatcher, store.spawn(*this), make, options, clock(), logger_ptr{log}));
    run();
  }

  steady_time steady_now() { return scheduler().clock().now(); }

  void claimed(int count, pool_number pool = 0) {
    claimed_attempts message{pool, {}};
    for (int i = 0; i < count; ++i) {
      message.attempts.emplace_back();
      message.attempts.back().ref = {task_id::from_parts(++issued, 1), 1};
      message.attempts.back().timeout = 1h;
    }
    caf::anon_send(actor, claimed_atom_v, message);
    run();
  }

  /// The worker finishes whatever it has and what else is in its batch.
  void finish(worker_number number) {
    auto batch = jobs[number].batch;
    while (batch->take_next(number, steady_now()))
      continue;
    for (size_t i = 0; i < batch->size(); ++i)
      if (batch->at(i).taken_by == number)
        const_cast<attempt_batch::slot&>(batch->at(i)).reported = true;
    jobs.erase(number);
    caf::anon_send(actor, idle_atom_v, number);
    run();
  }

  uint64_t drain(std::chrono::milliseconds patience) {
    caf::anon_send(spawn_drainer(), start_atom_v, static_cast<uint64_t>(patience.count()));
    run();
    return 0;
  }

  using drainer_actor = caf::typed_actor<caf::reacts_to<start_atom, uint64_t>>;
  drainer_actor spawn_drainer() {
    return keep(system.spawn([this](drainer_actor::pointer self) {
      return drainer_actor::behavior_type{
          [this, self](start_atom, uint64_t patience_ms) {
            self->request(actor, std::chrono::minutes{1}, drain_atom_v, patience_ms)
                .then([this](done_atom, uint64_t left) { left_behind = left; },
                      [](const caf::error&) {});
          },
      };
    }));
  }

  store_double store;
  dispatcher_options options;
  dispatcher_actor actor;
  std::map<worker_number, worker_actor> workers;
  std::map<worker_number, job> jobs;
  std::optional<uint64_t> left_behind;
  int spawned = 0;
  int64_t issued = 0;
};

} // namespace

TEST_CASE_METHOD(dispatcher_fixture, "at the start one claim is open for every worker") {
  REQUIRE(store.claims.size() == 1);
  CHECK(store.claims[0].idle_workers == std::vector<std::string>{"worker-1", "worker-2"});
  CHECK(store.claims[0].ahead == 0);
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "one attempt occupies one worker, and the other is claimed for") {
  claimed(1);
  CHECK(jobs.size() == 1);
  CHECK(jobs[1].slot == 0);
  REQUIRE(store.claims.size() == 2);
  CHECK(store.claims[1].idle_workers == std::vector<std::string>{"worker-2"});
}

TEST_CASE_METHOD(dispatcher_fixture, "with all workers busy nothing is claimed") {
  claimed(2);
  CHECK(jobs.size() == 2);
  CHECK(store.claims.size() == 1);
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "quick batches are followed by claims further ahead, to a bound") {
  std::vector<size_t> ahead;
  for (int round = 0; round < 9; ++round) {
    claimed(2);
    finish(1);
    finish(2);
    // The claim that was opened when worker 1 became idle asks as far as was known then.
    ahead.push_back(store.claims.back().ahead);
    claimed(1);
    finish(1);
  }
  CHECK(ahead.back() == 64);
  CHECK(std::is_sorted(ahead.begin(), ahead.end()));
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "a worker that becomes idle is claimed for, also beside a claim ahead") {
  claimed(2);
  finish(1);
  finish(2);
  claimed(2); // quick batches went before: the next claim is ahead, for nobody
  REQUIRE(store.claims.back().idle_workers.empty());
  CHECK(store.claims.back().ahead > 0);
  finish(2);
  CHECK(store.claims.back().idle_workers == std::vector<std::string>{"worker-2"});
}

TEST_CASE_METHOD(dispatcher_fixture, "what waits behind a slow handler goes back unharmed") {
  claimed(5);
  CHECK(jobs.size() == 2);
  advance(longest_wait_in_batch);
  REQUIRE(store.released.size() == 3);
  CHECK(store.released[0].id == task_id::from_parts(3, 1));
  CHECK(jobs[1].batch->take_next(1, steady_now()) == nullptr);
  // and nothing of it goes back twice
  advance(longest_wait_in_batch);
  CHECK(store.released.size() == 3);
}

TEST_CASE_METHOD(dispatcher_fixture, "a free worker helps with a batch that others work on") {
  claimed(1);
  claimed(4);
  CHECK(jobs.size() == 2);
  finish(1);
  // worker 1 took its own batch only; the second batch's other slots are still there
  REQUIRE(jobs.count(1) == 1);
  CHECK(jobs[1].batch == jobs[2].batch);
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "a worker that dies is replaced and its attempt counts as lost") {
  claimed(1);
  caf::anon_send_exit(workers[1], caf::exit_reason::kill);
  run();
  REQUIRE(store.lost.size() == 1);
  CHECK(store.lost[0].id == task_id::from_parts(1, 1));
  CHECK(store.released.empty());
  CHECK(spawned == 3);
  jobs.clear();
  claimed(1); // answers the claim that stood open for worker 2
  claimed(1); // and the next one
  CHECK(jobs.size() == 2);
}

TEST_CASE_METHOD(dispatcher_fixture, "an idle worker that dies is replaced and nothing is lost") {
  caf::anon_send_exit(workers[2], caf::exit_reason::kill);
  run();
  CHECK(spawned == 3);
  CHECK(store.lost.empty());
  CHECK(log->lines == std::vector<std::string>{"a worker died and is replaced"});
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "workers that keep dying right after their start are replaced ever later") {
  const auto kill_newest = [this] {
    caf::anon_send_exit(workers[static_cast<worker_number>(spawned)], caf::exit_reason::kill);
    run();
  };
  kill_newest();
  CHECK(spawned == 3);
  auto wait = 100ms;
  for (int deaths = 2; deaths < 12; ++deaths) {
    kill_newest();
    CHECK(spawned == deaths + 1);
    advance(wait - 1ms);
    run();
    CHECK(spawned == deaths + 1);
    advance(1ms);
    run();
    REQUIRE(spawned == deaths + 2);
    wait = std::min(2 * wait, std::chrono::milliseconds{10'000});
  }
  // One that has lived for a while is forgiven.
  advance(1s);
  kill_newest();
  CHECK(spawned == 14);
}

TEST_CASE_METHOD(dispatcher_fixture, "one more worker is claimed for, and replaced by its like") {
  int made = 0;
  worker_order order;
  order.make = [&](const dispatcher_actor&, worker_number number) {
    ++made;
    auto worker = keep(system.spawn([](worker_actor::pointer) -> worker_actor::behavior_type {
      return {[](run_atom, const attempt_batch_ptr&, uint64_t) {}};
    }));
    workers[number] = worker;
    return worker;
  };
  caf::anon_send(actor, start_atom_v, std::make_shared<const worker_order>(order));
  run();
  CHECK(made == 1);
  claimed(1); // answers the claim for the two that were there before
  CHECK(store.claims.back().idle_workers == std::vector<std::string>{"worker-2", "worker-3"});
  caf::anon_send_exit(workers[3], caf::exit_reason::user_shutdown);
  run();
  CHECK(made == 2);
  CHECK(spawned == 2);
}

TEST_CASE_METHOD(dispatcher_fixture, "a drain with idle workers is over at once") {
  drain(30s);
  CHECK(left_behind == 0u);
}

TEST_CASE_METHOD(dispatcher_fixture, "a drain waits for handlers and claims no more") {
  claimed(1);
  const auto claims = store.claims.size();
  drain(30s);
  CHECK_FALSE(left_behind);
  advance(10s);
  finish(1);
  CHECK(left_behind == 0u);
  CHECK(store.claims.size() == claims);
  CHECK(store.released.empty());
}

TEST_CASE_METHOD(dispatcher_fixture, "what is claimed for a draining server goes straight back") {
  drain(30s);
  claimed(2);
  CHECK(store.released.size() == 2);
  CHECK(jobs.empty());
}

TEST_CASE_METHOD(
    dispatcher_fixture,
    "when the drain's time is over handlers are told to end and their tasks put back") {
  claimed(2);
  drain(1s);
  advance(900ms);
  CHECK(store.released.empty());
  advance(150ms);
  CHECK(store.released.size() == 2);
  CHECK(jobs[1].batch->at(0).cancelled);
  CHECK_FALSE(left_behind);

  SECTION("a handler that ends within the grace is not left behind") {
    finish(1);
    finish(2);
    CHECK(left_behind == 0u);
  }
  SECTION("one that does not is") {
    finish(1);
    for (int i = 0; i < 25; ++i)
      advance(longest_wait_in_batch);
    CHECK(left_behind == 1u);
    CHECK(store.released.size() == 2);
  }
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "a cancelled attempt's handler is told, one that did not begin goes back") {
  claimed(3); // two are pinned and begin; the third waits
  const auto& batch = *jobs[1].batch;
  const auto running = batch.at(1).spec.ref;
  const auto waiting = batch.at(2).spec.ref;
  const attempt_ref unknown{task_id::from_parts(999, 1), 1};
  caf::anon_send(actor, cancel_atom_v, std::vector<attempt_ref>{running, waiting, unknown});
  run();
  CHECK(batch.at(1).cancelled);
  CHECK_FALSE(batch.at(0).cancelled);
  REQUIRE(store.released.size() == 1);
  CHECK(store.released[0].id == waiting.id);
}

namespace {

struct overdue_fixture : dispatcher_fixture {
  /// Until attempts that were claimed before are given up: their hour and the grace.
  void pass_deadline() {
    advance(1h);
    advance(1s);
  }

  std::vector<worker_view> workers_now() {
    caf::anon_send(actor, workers_atom_v, spawn_client(), request_number{7});
    run();
    return *std::get<worker_views_ptr>(answers.back().content);
  }
};

} // namespace

TEST_CASE_METHOD(overdue_fixture, "an attempt is given up a grace after its deadline, once") {
  claimed(1);
  advance(1h);
  CHECK(store.finished.empty());
  advance(1s - overdue_step);
  CHECK(store.finished.empty());
  advance(overdue_step);
  REQUIRE(store.finished.size() == 1);
  const auto& report = store.finished[0];
  CHECK(report.ref.id == task_id::from_parts(1, 1));
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.error_type == "timeout");
  CHECK(report.worker == "worker-1");
  CHECK(report.finished_at - report.started_at == 1h + 1s);
  CHECK(report.ran == 1h + 1s);
  advance(10h);
  CHECK(store.finished.size() == 1);
}

TEST_CASE_METHOD(overdue_fixture, "a stuck worker is shown so, and replaced") {
  claimed(1);
  pass_deadline();
  const auto all = workers_now();
  REQUIRE(all.size() == 3);
  CHECK(all[0].name == "worker-1");
  CHECK(all[0].state == worker_view::what::stuck);
  CHECK(all[0].attempt->id == task_id::from_parts(1, 1));
  CHECK(all[0].since == now() - 1h - 1s);
  CHECK(all[1].state == worker_view::what::idle);
  CHECK_FALSE(all[1].attempt);
  CHECK(all[2].name == "worker-3");
  claimed(1); // for worker-2, which was claimed for already
  CHECK(store.claims.back().idle_workers == std::vector<std::string>{"worker-3"});
}

TEST_CASE_METHOD(overdue_fixture, "no more stuck workers are replaced than the bound allows") {
  claimed(2);
  pass_deadline();
  CHECK(store.finished.size() == 2);
  CHECK(spawned == 3);
  CHECK(workers_now().size() == 3);
}

TEST_CASE_METHOD(overdue_fixture, "a stuck worker that comes back ends if it was replaced") {
  claimed(1);
  pass_deadline();
  finish(1);
  const auto all = workers_now();
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "worker-2");
  CHECK(all[1].name == "worker-3");
}

TEST_CASE_METHOD(overdue_fixture, "a stuck worker that was not replaced works again") {
  claimed(2);
  pass_deadline();
  finish(1); // there are worker-1 and worker-3 now, as many as there should be
  CHECK(workers_now()[0].state == worker_view::what::idle);
  finish(2);
  const auto all = workers_now();
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "worker-1");
  CHECK(all[1].name == "worker-3");
}

TEST_CASE_METHOD(overdue_fixture, "what stands behind a stuck handler goes back") {
  claimed(2);
  claimed(1);
  pass_deadline();
  CHECK(store.released.size() == 1);
}

TEST_CASE_METHOD(overdue_fixture, "a drain does not wait for stuck workers, and counts them") {
  claimed(1);
  pass_deadline();
  drain(30s);
  CHECK(left_behind == 1u);
  CHECK(store.released.empty());
}

namespace {

/// A pool of two for what is quick, and one of one for what is slow.
struct pools_fixture : dispatcher_fixture {
  pools_fixture()
      : dispatcher_fixture({{"default", 2, filter({{}, {{{"slow"}, {}}}})},
                            {"slow", 1, filter({{{"slow"}, {}}, {}})}}) {}

  static work_filter_ptr filter(work_filter what) {
    return std::make_shared<const work_filter>(std::move(what));
  }
};

} // namespace

TEST_CASE_METHOD(pools_fixture, "each pool claims for its own workers what it runs") {
  REQUIRE(store.claims.size() == 2);
  CHECK(store.claiming == std::vector<pool_number>{0, 1});
  CHECK(store.claims[0].idle_workers == std::vector<std::string>{"worker-1", "worker-2"});
  CHECK_FALSE(store.claims[0].filter->takes("slow", "send"));
  CHECK(store.claims[1].idle_workers == std::vector<std::string>{"worker-3"});
  CHECK(store.claims[1].filter->takes("slow", "send"));
  CHECK_FALSE(store.claims[1].filter->takes("default", "send"));
}

TEST_CASE_METHOD(pools_fixture, "what a pool claims is run by its workers, and nobody helps them") {
  claimed(3, 1);
  CHECK(jobs.size() == 1);
  CHECK(jobs.count(3) == 1);
  claimed(3, 0);
  CHECK(jobs.size() == 3);
  finish(1); // both are through with the pool's batch, and idle
  finish(2);
  CHECK(jobs.size() == 1);
}

TEST_CASE_METHOD(pools_fixture, "a busy pool does not keep another from claiming") {
  claimed(1, 1);
  CHECK(store.claiming == std::vector<pool_number>{0, 1});
  claimed(2, 0);
  finish(1);
  CHECK(store.claiming == std::vector<pool_number>{0, 1, 0});
  finish(3);
  CHECK(store.claiming == std::vector<pool_number>{0, 1, 0, 1});
}

TEST_CASE_METHOD(pools_fixture, "a worker that dies is replaced in its pool") {
  caf::anon_send_exit(workers[3], caf::exit_reason::user_shutdown);
  run();
  CHECK(spawned == 4);
  claimed(1, 1);
  CHECK(jobs.count(4) == 1);
}
