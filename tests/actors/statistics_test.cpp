#include "actors/statistics.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

#include <algorithm>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

struct statistics_fixture : actor_fixture {
  statistics_fixture() {
    actor = keep(system.spawn(statistics, known_labels{{"default"}, {"echo"}}, clock()));
    client = spawn_client();
  }

  void commit(std::vector<task_fact> facts, duration took = 1ms) {
    caf::anon_send(actor, facts_atom_v,
                   std::make_shared<const std::vector<task_fact>>(std::move(facts)), took);
    run();
  }

  statistics_view ask(std::vector<std::string> queues = {}) {
    caf::anon_send(actor, stats_atom_v, client, request_number{1}, std::move(queues));
    answers.clear();
    run();
    REQUIRE(answers.size() == 1);
    return *std::get<statistics_ptr>(answers[0].content);
  }

  metrics_view ask_metrics(std::vector<std::string> queues = {}) {
    caf::anon_send(actor, metrics_atom_v, client, request_number{1}, std::move(queues));
    answers.clear();
    run();
    REQUIRE(answers.size() == 1);
    return *std::get<metrics_ptr>(answers[0].content);
  }

  statistics_actor actor;
  client_actor client;
};

task_fact fact(task_state state, const std::string& queue = "mail") {
  return {task_id::from_parts(1, 1), state, 1, "send", queue};
}

task_fact accepted(task_state state, const std::string& queue = "mail") {
  auto made = fact(state, queue);
  made.is_new = true;
  return made;
}

bool is_near(std::optional<duration> told, duration truth) {
  return told && *told >= truth * 95 / 100 && *told <= truth * 105 / 100;
}

} // namespace

TEST_CASE_METHOD(statistics_fixture, "each fact counts as what it tells") {
  struct row {
    task_fact what;
    std::vector<tally> expected;
  };
  const auto [what, expected] = GENERATE(values<row>({
      {accepted(task_state::queued), {tally::submitted}},
      {accepted(task_state::scheduled), {tally::submitted}},
      {accepted(task_state::waiting), {tally::submitted}},
      {accepted(task_state::cancelled), {tally::submitted, tally::cancelled}},
      {fact(task_state::queued), {}}, // became due, or was put back
      {fact(task_state::running), {tally::started}},
      {fact(task_state::retrying), {tally::retried}},
      {fact(task_state::succeeded), {tally::succeeded}},
      {fact(task_state::failed), {tally::failed}},
      {fact(task_state::cancelled), {tally::cancelled}},
  }));
  commit({what});
  const auto view = ask({"mail"});
  CAPTURE(to_string(what.state));
  for (const auto each : all_tallies) {
    const auto n = static_cast<uint64_t>(std::count(expected.begin(), expected.end(), each));
    CHECK(view.all.last_minute[each] == n);
    CHECK(view.all.last_hour[each] == n);
    CHECK(view.queues.at("mail").last_minute[each] == n);
  }
}

TEST_CASE_METHOD(statistics_fixture, "progress is no start") {
  auto told = fact(task_state::running);
  told.progress = std::make_shared<const task_progress>();
  commit({told});
  CHECK(ask().all.last_minute[tally::started] == 0);
}

TEST_CASE_METHOD(statistics_fixture, "waits, runs and commits are measured, for the server and by "
                                     "queue") {
  auto begun = fact(task_state::running, "mail");
  begun.waited = 40ms;
  auto ended = fact(task_state::succeeded, "sms");
  ended.ran = 3s;
  commit({begun, ended}, 7ms);
  commit({}, 7ms);
  const auto view = ask({"mail", "sms", "other"});
  CHECK(is_near(view.all.waited.p50, 40ms));
  CHECK(is_near(view.all.ran.p99, 3s));
  CHECK(is_near(view.commits.p95, 7ms));
  CHECK(view.commits.count == 2);
  CHECK(view.queues.at("mail").waited.count == 1);
  CHECK(view.queues.at("mail").ran.count == 0);
  CHECK(is_near(view.queues.at("sms").ran.p50, 3s));
  CHECK(!view.queues.contains("other"));
  CHECK(ask().queues.empty()); // none was asked for
}

TEST_CASE_METHOD(statistics_fixture, "what happened is forgotten when its time is over") {
  commit({fact(task_state::running)});
  advance(61s);
  CHECK(ask().all.last_minute[tally::started] == 0);
  CHECK(ask().all.last_hour[tally::started] == 1);
  advance(60min);
  CHECK(ask().all.last_hour[tally::started] == 0);
}

TEST_CASE_METHOD(statistics_fixture, "no more queues are counted than there is room for, until "
                                     "others have been idle for an hour") {
  std::vector<task_fact> facts;
  for (size_t i = 0; i < max_counted_queues; ++i)
    facts.push_back(fact(task_state::running, "q" + std::to_string(i)));
  commit(facts);
  commit({fact(task_state::running, "late"), fact(task_state::running, "q0")});
  auto view = ask({"late", "q0"});
  CHECK(view.all.last_minute[tally::started] == max_counted_queues + 2);
  CHECK(!view.queues.contains("late"));
  CHECK(view.queues.at("q0").last_minute[tally::started] == 2);
  advance(30min);
  commit({fact(task_state::running, "q0")});
  advance(30min);
  commit({fact(task_state::running, "late")});
  view = ask({"late", "q0", "q1"});
  CHECK(view.queues.contains("late"));
  CHECK(view.queues.contains("q0")); // was busy since
  CHECK(!view.queues.contains("q1"));
}

TEST_CASE_METHOD(statistics_fixture, "it is known since when is counted") {
  run();
  const auto began = now();
  advance(5s);
  CHECK(ask().since == began);
}

TEST_CASE_METHOD(statistics_fixture,
                 "what is counted since the start is told as a whole, and stays") {
  auto begun = fact(task_state::running);
  begun.waited = 40ms;
  commit({accepted(task_state::queued), begun}, 7ms);
  advance(2h);
  commit({}, 3ms);
  const auto view = ask_metrics();
  REQUIRE(view.tasks.pairs().size() == 1);
  CHECK(view.tasks.pairs()[0].n[tally::submitted] == 1);
  CHECK(view.tasks.pairs()[0].n[tally::started] == 1);
  CHECK(view.tasks.waited().at(view.tasks.queues().find("mail")).sum() == 40'000);
  CHECK(view.commits.took.count() == 2);
  CHECK(view.commits.took.sum() == 10'000);
  CHECK(view.commits.changes.sum() == 2);
  CHECK(view.commits.failed == 0);
}

TEST_CASE_METHOD(statistics_fixture, "commits that failed are counted apart") {
  caf::anon_send(actor, refused_atom_v);
  run();
  const auto view = ask_metrics();
  CHECK(view.commits.failed == 1);
  CHECK(view.commits.took.count() == 0);
}

TEST_CASE_METHOD(statistics_fixture, "queues that hold tasks have labels before anything happens") {
  CHECK(ask_metrics({"mail"}).tasks.label_of_queue("mail") == "mail");
  CHECK(ask_metrics().tasks.label_of_queue("mail") == "mail");
}

TEST_CASE_METHOD(statistics_fixture, "the process is looked at when somebody asks") {
  const auto process = ask_metrics().process;
  REQUIRE(process);
  CHECK(process->resident_bytes > 1'000'000);
  CHECK(process->virtual_bytes > process->resident_bytes);
  CHECK(process->open_fds >= 3);
  CHECK(process->max_fds >= process->open_fds);
  // Counted in hundredths of a second, so it takes some looks.
  CHECK(eventually([&] { return ask_metrics().process->cpu_time.count() > 0; }));
  CHECK(process->started < system_now());
  CHECK(process->started > system_now() - 1h);
}

TEST_CASE_METHOD(statistics_fixture, "an actor tells how many messages stand behind the question") {
  const auto facts = std::make_shared<const std::vector<task_fact>>();
  for (int i = 0; i < 2; ++i)
    caf::anon_send(actor, facts_atom_v, facts, duration{1});
  caf::anon_send(actor, mailbox_atom_v, client, request_number{1});
  for (int i = 0; i < 3; ++i)
    caf::anon_send(actor, facts_atom_v, facts, duration{1});
  caf::anon_send(actor, mailbox_atom_v, client, request_number{2});
  answers.clear();
  run();
  REQUIRE(answers.size() == 2);
  CHECK(std::get<actor_view_ptr>(answers[0].content)->mailbox == 4);
  CHECK(std::get<actor_view_ptr>(answers[1].content)->mailbox == 0);
  CHECK(ask_metrics().commits.took.count() == 5); // none of them was lost
}
