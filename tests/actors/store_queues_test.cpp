// What queues are told, and what is counted.
#include "tests/actors/store_fixture.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

struct queue_fixture : store_fixture {
  void tell(request_number request, const queue_order& what, request_key_ptr key = {}) {
    caf::anon_send(actor, queue_atom_v, client, request, what, std::move(key));
    run();
  }

  std::vector<event_type> noticed() {
    std::vector<event_type> all;
    for (const auto& each : std::exchange(notices, {}))
      all.push_back(each.type);
    return all;
  }

  bool is_paused_now(const std::string& queue) {
    const auto view = reader->queue(queue);
    return view.ok() && view->settings.paused;
  }

  queue_settings told(size_t index) {
    return *std::get<queue_settings_ptr>(answers.at(index).content);
  }

  using types = std::vector<event_type>;
};

} // namespace

TEST_CASE_METHOD(queue_fixture, "a queue that is told something answers with its settings, and "
                                "others hear of it after the commit") {
  queue_order order{"mail", queue_order::what::put};
  order.settings.concurrency = 3;
  tell(1, order);
  CHECK(told(0).concurrency == 3);
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].queue == "mail");
  CHECK(notices[0].settings == order.settings);
  CHECK(noticed() == types{event_type::queue_changed});
  tell(2, order);
  CHECK(noticed().empty()); // nothing has changed
  tell(3, {"mail", queue_order::what::pause});
  CHECK(told(2).paused);
  CHECK(told(2).concurrency == 3);
  CHECK(noticed() == types{event_type::queue_paused});
  tell(4, {"mail", queue_order::what::resume});
  CHECK(noticed() == types{event_type::queue_resumed});
}

TEST_CASE_METHOD(queue_fixture, "what the store refuses to tell a queue is answered, and nobody "
                                "else hears of it") {
  tell(1, {"mail", queue_order::what::pause, {}, now() - 1s});
  CHECK(refused(0) == ec::invalid);
  faults->refuse = true;
  tell(2, {"mail", queue_order::what::pause});
  CHECK(refused(1) == ec::store_full);
  CHECK(notices.empty());
  CHECK(!is_paused_now("mail"));
}

TEST_CASE_METHOD(queue_fixture, "the scheduler is told when a pause ends, and ends it then") {
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  due.clear();
  const auto end = now() + 10s;
  tell(1, {"mail", queue_order::what::pause, {}, end});
  REQUIRE(due.size() == 1);
  CHECK(due[0] == end);
  noticed();
  advance(10s);
  const auto before = faults->commits;
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  CHECK(faults->commits == before + 1);
  CHECK(noticed() == types{event_type::queue_resumed});
  CHECK(!is_paused_now("mail"));
  REQUIRE(due.size() == 2);
  CHECK(!due[1]);
}

TEST_CASE_METHOD(queue_fixture, "an order to a queue that comes twice with a key is carried out "
                                "once") {
  const auto key = std::make_shared<const request_key>(
      request_key{{"k", std::string(32, 'f')}, [](const answer_content&) {
                    return kept_reply{{"k", std::string(32, 'f')}, 200, "t", {}, "first"};
                  }});
  tell(1, {"mail", queue_order::what::pause}, key);
  tell(2, {"mail", queue_order::what::resume});
  tell(3, {"mail", queue_order::what::pause}, key);
  CHECK(std::get<kept_reply_ptr>(answers.at(2).content)->body == "first");
  CHECK(!is_paused_now("mail"));
}

TEST_CASE_METHOD(queue_fixture,
                 "statistics are told of every commit, with what is new and how long "
                 "attempts waited and ran") {
  submit(1);
  submit_batch(2, std::vector<batch_entry>(2));
  run();
  REQUIRE(counted.size() == 3);
  for (const auto& fact : counted) {
    CHECK(fact.is_new);
    CHECK(!fact.waited);
    CHECK(!fact.ran);
  }
  claim();
  run();
  REQUIRE(counted.size() == 4);
  CHECK(!counted[3].is_new);
  CHECK(counted[3].waited == claimed.at(0).waited);
  attempt_report report;
  report.ref = claimed.at(0).ref;
  report.outcome = attempt_outcome::failed;
  report.started_at = now();
  report.finished_at = now() + 3s;
  caf::anon_send(actor, finish_atom_v, report);
  run();
  REQUIRE(counted.size() == 5);
  CHECK(counted[4].state == task_state::retrying);
  CHECK(counted[4].ran == 3s);
  advance(10s);
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  REQUIRE(counted.size() == 6);
  CHECK(counted[5].state == task_state::queued);
  CHECK(!counted[5].is_new);
  CHECK(commits_told == faults->commits);
  faults->refuse = true;
  submit(3);
  run();
  CHECK(counted.size() == 6);
  CHECK(commits_told == faults->commits);
}

TEST_CASE_METHOD(queue_fixture, "a wall clock that is set while attempts run neither counts as the "
                                "time that they took nor takes from their queue's share") {
  task_spec spec;
  spec.kind = "noop";
  for (const auto* queue : {"a", "b"})
    for (request_number i = 0; i < 30; ++i) {
      spec.queue = queue;
      submit(1 + i, spec);
    }
  claim();
  run();
  const auto first = claimed.at(0);
  const auto began = wall_now();
  const duration by = GENERATE(duration{2h}, duration{-2h});
  jump = by;
  SECTION("while it runs") {}
  SECTION("until it has ended") {
    attempt_report report;
    report.ref = first.ref;
    report.outcome = attempt_outcome::succeeded;
    report.started_at = began;
    report.finished_at = wall_now();
    report.ran = 1ms;
    caf::anon_send(actor, finish_atom_v, report);
    run();
    CHECK(counted.back().ran == 1ms);
  }
  int64_t served = 0;
  for (size_t i = 1; i <= 20; ++i) {
    claim();
    run();
    served += claimed.at(i).queue == first.queue;
  }
  CHECK(std::abs(served - 10) <= 2);
}
