#include "actors/events.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

constexpr size_t buffer = 5;

struct events_fixture : actor_fixture {
  events_fixture() {
    actor = keep(system.spawn(events, buffer, clock(), logger_ptr{log}));
    client = spawn_client();
  }

  void commit(std::vector<task_fact> facts) {
    caf::anon_send(actor, facts_atom_v,
                   std::make_shared<const std::vector<task_fact>>(std::move(facts)));
    run();
  }

  void happened(const task_id& id, task_state state) {
    commit({task_fact{id, state, 1, "kind", "queue"}});
  }

  void notify(std::vector<notice> notices) {
    caf::anon_send(actor, notices_atom_v,
                   std::make_shared<const std::vector<notice>>(std::move(notices)));
    run();
  }

  void logged(std::vector<task_id> tasks) {
    caf::anon_send(actor, logged_atom_v, std::move(tasks));
    run();
  }

  void watch(request_number request, const task_id& id) {
    caf::anon_send(actor, watch_atom_v, client, request, id);
    run();
  }

  void follow(request_number request, const task_id& id) {
    caf::anon_send(actor, follow_atom_v, client, request, id);
    run();
  }

  /// The answer that comes at once.
  event_slice subscribe(request_number request, event_filter filter = {},
                        std::optional<uint64_t> after = {}) {
    caf::anon_send(actor, subscribe_atom_v, client, request,
                   subscription{std::move(filter), after});
    answers.clear();
    run();
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].request == request);
    const auto slice = *std::get<event_slice_ptr>(answers[0].content);
    answers.clear();
    return slice;
  }

  event_slice slice(size_t index) { return *std::get<event_slice_ptr>(answers.at(index).content); }

  events_actor actor;
  client_actor client;
  task_id one = task_id::from_parts(1, 1);
  task_id two = task_id::from_parts(2, 2);
};

std::vector<event_type> types(const event_slice& slice) {
  std::vector<event_type> all;
  for (const auto& each : slice.events)
    all.push_back(each.type);
  return all;
}

using all_of = std::vector<event_type>;

} // namespace

TEST_CASE_METHOD(events_fixture, "a watcher hears of its task's end, once") {
  watch(10, one);
  watch(11, one);
  watch(12, two);
  happened(one, task_state::running);
  logged({one});
  CHECK(answers.empty());
  happened(one, task_state::succeeded);
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].request == 10);
  CHECK(answers[1].request == 11);
  CHECK(std::get<status>(answers[0].content).ok());
  happened(one, task_state::succeeded);
  CHECK(answers.size() == 2);
}

TEST_CASE_METHOD(events_fixture, "who stopped watching is not told") {
  watch(10, one);
  watch(11, one);
  caf::anon_send(actor, unwatch_atom_v, client, request_number{10}, one);
  caf::anon_send(actor, unwatch_atom_v, client, request_number{99}, two);
  run();
  happened(one, task_state::failed);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].request == 11);
}

TEST_CASE_METHOD(events_fixture, "who follows a task hears each time that its log grows, and of "
                                 "its end") {
  follow(10, one);
  follow(11, two);
  logged({one});
  logged({one});
  CHECK(answers.size() == 2);
  happened(one, task_state::retrying);
  CHECK(answers.size() == 2);
  happened(one, task_state::failed);
  REQUIRE(answers.size() == 3);
  for (const auto& each : answers)
    CHECK(each.request == 10);
  logged({one});
  CHECK(answers.size() == 3);
}

TEST_CASE_METHOD(events_fixture, "every fact is in the log at debug level") {
  happened(one, task_state::running);
  REQUIRE(log->lines.size() == 1);
  CHECK(log->lines[0] == "task running");
}

TEST_CASE_METHOD(events_fixture, "a subscriber gets what happens from then on, numbered") {
  happened(one, task_state::queued);
  const auto open = subscribe(7);
  CHECK(open.events.empty());
  CHECK(!open.gap);
  CHECK(!open.more);
  task_fact half{one, task_state::running, 1, "kind", "queue"};
  half.progress = std::make_shared<const task_progress>(task_progress{0.5, "half"});
  commit({task_fact{one, task_state::running, 1, "kind", "queue"}, half});
  happened(one, task_state::succeeded);
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].request == 7);
  CHECK(types(slice(0)) == all_of{event_type::running, event_type::progress});
  CHECK(types(slice(1)) == all_of{event_type::succeeded});
  const auto first = slice(0).events.at(0);
  CHECK(first.id == open.last + 1);
  CHECK(first.at == now());
  CHECK(first.fact->id == one);
  CHECK(slice(0).events.at(1).id == open.last + 2);
  CHECK(slice(0).events.at(1).fact->progress->message == "half");
  CHECK(slice(1).last == open.last + 3);
}

TEST_CASE_METHOD(events_fixture, "a filter lets through what fits in every respect") {
  event_filter filter;
  SECTION("the task") {
    filter.task = two;
  }
  SECTION("the queue") {
    filter.queue = "mail";
  }
  SECTION("the kind") {
    filter.kind = "send";
  }
  SECTION("one of the types") {
    filter.types = {event_type::failed, event_type::cancelled};
  }
  SECTION("all of these") {
    filter = {{event_type::failed}, "mail", "send", two};
  }
  subscribe(7, filter);
  happened(one, task_state::succeeded);
  CHECK(answers.empty());
  commit({task_fact{two, task_state::failed, 1, "send", "mail"}});
  REQUIRE(answers.size() == 1);
  REQUIRE(slice(0).events.size() == 1);
  CHECK(slice(0).events[0].fact->id == two);
}

TEST_CASE_METHOD(events_fixture, "all subscribers of a client are told of a commit in one message, "
                                 "and those who want the same get the same") {
  for (request_number request = 0; request < 100; ++request)
    subscribe(request, request % 2 == 0 ? event_filter{} : event_filter{{}, "queue", {}, {}});
  caf::anon_send(actor, facts_atom_v,
                 std::make_shared<const std::vector<task_fact>>(
                     1, task_fact{one, task_state::queued, 0, "kind", "queue"}));
  CHECK(scheduler().run() == 2); // messages: one to EVENTS, one to the client
  REQUIRE(answers.size() == 100);
  std::map<event_slice_ptr, int> slices;
  for (const auto& each : answers)
    ++slices[std::get<event_slice_ptr>(each.content)];
  REQUIRE(slices.size() == 2);
  CHECK(slices.begin()->second == 50);
}

TEST_CASE_METHOD(events_fixture, "what happens to a queue is an event among those of tasks") {
  const auto before = subscribe(7).last;
  happened(one, task_state::queued);
  notify({{event_type::queue_paused, "mail"}, {event_type::queue_purged, "sms", {}, 5}});
  happened(two, task_state::queued);
  REQUIRE(answers.size() == 3);
  const auto events = slice(1).events;
  REQUIRE(events.size() == 2);
  CHECK(!events[0].fact);
  CHECK(events[0].notice->queue == "mail");
  CHECK(events[1].notice->tasks == 5);
  const auto all = subscribe(8, {}, before);
  CHECK(types(all)
        == all_of{event_type::queued, event_type::queue_paused, event_type::queue_purged,
                  event_type::queued});
  CHECK(all.last == before + 4);
  CHECK(types(subscribe(9, {}, before + 2))
        == all_of{event_type::queue_purged, event_type::queued});
}

TEST_CASE_METHOD(events_fixture,
                 "an event of a queue passes by its queue and type, and no filter of "
                 "tasks") {
  struct row {
    event_filter filter;
    bool expected;
  };
  const auto [filter, expected] = GENERATE_REF(values<row>({
      {{{}, "mail", {}, {}}, true},
      {{{}, "sms", {}, {}}, false},
      {{{event_type::queue_paused, event_type::queued}, {}, {}, {}}, true},
      {{{event_type::queue_resumed}, {}, {}, {}}, false},
      {{{}, {}, "send", {}}, false},
      {{{}, {}, {}, one}, false},
  }));
  subscribe(7, filter);
  notify({{event_type::queue_paused, "mail"}});
  CHECK(answers.size() == (expected ? 1 : 0));
}

TEST_CASE_METHOD(events_fixture, "who left is not told") {
  const event_filter filter{{}, "queue", {}, {}};
  subscribe(7, filter);
  subscribe(8, filter);
  caf::anon_send(actor, leave_atom_v, client, request_number{7}, filter);
  caf::anon_send(actor, leave_atom_v, client, request_number{8}, event_filter{});
  run();
  happened(one, task_state::queued);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].request == 8);
}

TEST_CASE_METHOD(events_fixture, "a subscriber that comes back misses nothing and gets nothing "
                                 "twice") {
  const auto before = subscribe(7).last;
  happened(one, task_state::queued);
  commit({task_fact{one, task_state::running, 1, "kind", "queue"},
          task_fact{two, task_state::queued, 0, "kind", "queue"}});
  const auto all = subscribe(8, {}, before);
  CHECK(!all.gap);
  CHECK(types(all) == all_of{event_type::queued, event_type::running, event_type::queued});
  CHECK(all.last == before + 3);
  const auto rest = subscribe(9, {}, before + 2); // within a commit
  CHECK(types(rest) == all_of{event_type::queued});
  CHECK(subscribe(10, {}, before + 3).events.empty());
  CHECK(!subscribe(11, {}, before + 3).gap);
  happened(one, task_state::succeeded);
  CHECK(answers.size() == 5);
}

TEST_CASE_METHOD(events_fixture, "what the buffer has no more is told as a gap, and what it has "
                                 "follows") {
  const auto start = subscribe(7).last;
  for (size_t i = 0; i < buffer + 2; ++i)
    happened(one, task_state::queued);
  const auto kept = subscribe(8, {}, start + 2);
  CHECK(!kept.gap);
  CHECK(kept.events.size() == buffer);
  const auto cut = subscribe(9, {}, start + 1);
  CHECK(cut.gap);
  REQUIRE(cut.events.size() == buffer);
  CHECK(cut.events[0].id == start + 3);
}

TEST_CASE_METHOD(events_fixture,
                 "an id from before the start, or never given, resumes with a gap") {
  const auto start = subscribe(7).last;
  const auto id = GENERATE_COPY(as<uint64_t>{}, 0, 1, start - 1, start + 1, UINT64_MAX);
  INFO(id);
  const auto slice = subscribe(8, {}, id);
  CHECK(slice.gap);
  CHECK(slice.events.empty());
  CHECK(slice.last == start);
}

TEST_CASE_METHOD(events_fixture, "a long way back goes in steps, and is live only at its end") {
  const auto start = subscribe(7).last;
  commit(
      std::vector<task_fact>(2 * resume_step + 1, {one, task_state::queued, 0, "kind", "queue"}));
  uint64_t expected = start;
  auto step = subscribe(8, {}, start);
  for (int steps = 0; step.more; ++steps) {
    REQUIRE(steps < 2);
    CHECK(step.events.size() == resume_step);
    happened(two, task_state::queued); // nothing of this comes by itself
    CHECK(answers.size() == 1);        // but to request 7
    for (const auto& each : step.events)
      CHECK(each.id == ++expected);
    step = subscribe(8, {}, step.last);
    CHECK(!step.gap);
  }
  CHECK(step.events.size() == 3);
  CHECK(step.last == expected + 3);
  happened(two, task_state::running);
  CHECK(answers.size() == 2);
}

TEST_CASE("a ring without room gives numbers and keeps nothing") {
  event_ring ring{100, 0};
  const auto facts = std::make_shared<const std::vector<task_fact>>(3);
  CHECK(ring.add({}, facts).first == 100);
  CHECK(ring.add({}, facts).first == 103);
  CHECK(ring.newest() == 105);
  CHECK(ring.after(105, {}, 10).gap == false);
  CHECK(ring.after(104, {}, 10).gap);
  CHECK(facts.use_count() == 1);
}

TEST_CASE_METHOD(events_fixture,
                 "many subscribers are told of what comes quickly in few messages") {
  constexpr request_number many = 1000;
  for (request_number request = 0; request < many; ++request)
    subscribe(request);
  happened(one, task_state::queued); // at once
  CHECK(answers.size() == many);
  happened(one, task_state::running);
  happened(one, task_state::succeeded);
  CHECK(answers.size() == many);

  SECTION("after a pace") {
    advance(many * pace_per_subscriber);
    REQUIRE(answers.size() == 2 * many);
    CHECK(types(slice(many)) == all_of{event_type::running, event_type::succeeded});
    advance(many * pace_per_subscriber);
    CHECK(answers.size() == 2 * many);
    happened(two, task_state::queued); // there was a pause: at once again
    CHECK(answers.size() == 3 * many);
  }
  SECTION("or when another comes, who must not get twice what it gets first") {
    caf::anon_send(actor, subscribe_atom_v, client, many, subscription{{}, slice(0).last});
    run();
    REQUIRE(answers.size() == 2 * many + 1);
    CHECK(answers.back().request == many);
    CHECK(slice(2 * many).events.size() == 2);
    advance(many * pace_per_subscriber);
    CHECK(answers.size() == 2 * many + 1);
  }
}
