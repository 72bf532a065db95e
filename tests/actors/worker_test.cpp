#include "actors/worker.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_double.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

/// Runs attempts by writing down their kind; "bad" fails.
struct worker_fixture : actor_fixture {
  worker_fixture() {
    dispatcher =
        keep(system.spawn([this](dispatcher_actor::pointer) -> dispatcher_actor::behavior_type {
          return {
              [](cancel_atom, const std::vector<attempt_ref>&) {},
              [](claimed_atom, const claimed_attempts&) {},
              [this](idle_atom, worker_number number) { idle.push_back(number); },
              [](start_atom, const worker_order_ptr&) {},
              [](start_atom) {},
              [](sweep_atom) {},
              [](overdue_atom) {},
              [](workers_atom, const client_actor&, request_number) {},
              [](probe_atom, const client_actor&, request_number) {},
              [](mailbox_atom, const client_actor&, request_number) {},
              [](drain_atom, uint64_t) -> caf::result<done_atom, uint64_t> {
                return {done_atom_v, uint64_t{0}};
              },
          };
        }));
    const attempt_runner runner = [this](attempt_batch&, const attempt_batch::slot& slot) {
      ran.push_back(slot.spec.kind);
      if (during_run)
        during_run();
      attempt_report report;
      report.outcome =
          slot.spec.kind == "bad" ? attempt_outcome::failed : attempt_outcome::succeeded;
      report.error_message = slot.spec.kind == "bad" ? "as asked" : "";
      return report;
    };
    actor = keep(system.spawn(worker, worker_number{3}, dispatcher, store.spawn(*this), runner,
                              wall_clock{[this] { return now() + jump; }}));
  }

  attempt_batch_ptr batch(const std::vector<std::string>& kinds, size_t pinned) {
    std::vector<attempt_spec> specs;
    for (const auto& kind : kinds) {
      specs.emplace_back();
      specs.back().kind = kind;
      specs.back().ref = {task_id::from_parts(static_cast<int64_t>(specs.size()), 1), 2};
    }
    return std::make_shared<attempt_batch>(std::move(specs), pinned);
  }

  void run_batch(const attempt_batch_ptr& attempts, uint64_t slot) {
    caf::anon_send(actor, run_atom_v, attempts, slot);
    run();
  }

  store_double store;
  dispatcher_actor dispatcher;
  worker_actor actor;
  std::vector<worker_number> idle;
  std::vector<std::string> ran;
  std::function<void()> during_run;
  duration jump{0}; ///< How far the wall clock was put forward; the steady one was not.
};

} // namespace

TEST_CASE_METHOD(worker_fixture, "a worker runs its pinned slot, then what was claimed ahead") {
  run_batch(batch({"p0", "p1", "a", "b"}, 2), 1);
  CHECK(ran == std::vector<std::string>{"p1", "a", "b"});
  CHECK(idle == std::vector<worker_number>{3});
}

TEST_CASE_METHOD(worker_fixture,
                 "each attempt is reported with its worker, its times and outcome") {
  run_batch(batch({"good", "bad"}, 0), UINT64_MAX);
  REQUIRE(store.finished.size() == 2);
  CHECK(store.finished[0].outcome == attempt_outcome::succeeded);
  CHECK(store.finished[0].worker == "worker-3");
  CHECK(store.finished[0].ref.attempt == 2);
  CHECK(store.finished[0].finished_at == now());
  CHECK(store.finished[1].outcome == attempt_outcome::failed);
  CHECK(store.finished[1].error_message == "as asked");
}

TEST_CASE_METHOD(worker_fixture,
                 "how long an attempt ran is no matter of a wall clock that is set meanwhile") {
  during_run = [&] { jump = 24h * 30; };
  run_batch(batch({"good"}, 0), UINT64_MAX);
  REQUIRE(store.finished.size() == 1);
  const auto& report = store.finished[0];
  CHECK(report.finished_at - report.started_at == 24h * 30);
  REQUIRE(report.ran);
  CHECK(*report.ran >= 0s);
  CHECK(*report.ran < 24h);
}

TEST_CASE_METHOD(worker_fixture, "a batch that was withdrawn leaves a worker idle, not busy") {
  auto attempts = batch({"x", "y"}, 1);
  CHECK(attempts->withdraw().size() == 2);
  run_batch(attempts, 0);
  CHECK(ran.empty());
  CHECK(idle.size() == 1);
}

TEST_CASE_METHOD(worker_fixture, "nothing that a worker reported counts as unreported") {
  auto attempts = batch({"x", "bad"}, 0);
  run_batch(attempts, UINT64_MAX);
  CHECK(attempts->unreported_by(3).empty());
}

TEST_CASE_METHOD(worker_fixture,
                 "a worker that nobody waited for keeps its result to itself and takes no more") {
  auto attempts = batch({"x", "y"}, 0);
  during_run = [&] { const_cast<attempt_batch::slot&>(attempts->at(0)).given_up = true; };
  run_batch(attempts, UINT64_MAX);
  CHECK(ran == std::vector<std::string>{"x"});
  CHECK(store.finished.empty());
  CHECK(idle.size() == 1);
}
