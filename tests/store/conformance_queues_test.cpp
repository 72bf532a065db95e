// What queues are told, and what is told of them.
#include "tests/store/conformance.hpp"

namespace errand::test {

namespace {

using namespace std::chrono_literals;
using what = queue_order::what;

queue_settings many_settings() {
  queue_settings settings;
  settings.concurrency = 4;
  settings.group_concurrency = 2;
  settings.rate = rate_limit{100, 1500ms};
  settings.weight = 0.25;
  settings.paused = true;
  settings.paused_until = noon + 1h;
  return settings;
}

queue_settings limited(int64_t n) {
  queue_settings settings;
  settings.concurrency = n;
  return settings;
}

queue_settings paused(queue_settings settings = {}, std::optional<timestamp> until = {}) {
  settings.paused = true;
  settings.paused_until = until;
  return settings;
}

status_or<queue_change> try_to_configure(store_fixture& fixture, const queue_order& order,
                                         timestamp now = noon) {
  auto done = fixture.committed([&] { return fixture.db().configure_queue(order, now); });
  REQUIRE(done);
  return *done;
}

queue_change configure(store_fixture& fixture, const queue_order& order, timestamp now = noon) {
  auto done = try_to_configure(fixture, order, now);
  REQUIRE(done.ok());
  return *done;
}

void preset(store_fixture& fixture, const std::map<std::string, queue_settings>& presets) {
  REQUIRE(fixture.committed([&] { return fixture.db().preset_queues(presets); }));
}

/// As a new server finds it.
void restart(store_fixture& fixture, const std::map<std::string, queue_settings>& presets) {
  if (fixture.place().is_durable())
    fixture.reopen();
  preset(fixture, presets);
}

/// Nothing if there is no such queue.
std::optional<queue_settings> settings_of(store_fixture& fixture, const std::string& queue) {
  const auto found = fixture.reader().queue(queue);
  if (found.ok())
    return found->settings;
  CHECK(found.why().code() == ec::not_found);
  CHECK(found.why().message().find(queue) != std::string::npos);
  return std::nullopt;
}

std::vector<std::string> end_pauses(store_fixture& fixture, timestamp now) {
  std::vector<std::string> names;
  for (const auto& [queue, settings] :
       fixture.committed([&] { return fixture.db().end_pauses(now); })) {
    CHECK(settings_of(fixture, queue).value_or(queue_settings{}) == settings);
    names.push_back(queue);
  }
  return names;
}

} // namespace

TEST_CASE("what a queue is told is there afterwards, also when the store is opened again",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto change = configure(fixture, {"mail", what::put, many_settings()});
  CHECK(change.before == queue_settings{});
  CHECK(change.after == many_settings());
  CHECK(settings_of(fixture, "mail") == many_settings());
  if (!fixture.place().is_durable())
    return;
  fixture.reopen_after_crash();
  CHECK(settings_of(fixture, "mail") == many_settings());
  CHECK(configure(fixture, {"mail", what::put, limited(1)}).before == many_settings());
  CHECK(settings_of(fixture, "mail") == limited(1));
}

TEST_CASE("a queue that was never used and told nothing is not found", "[store]") {
  FOR_EVERY_STORE(fixture);
  CHECK(!settings_of(fixture, "mail"));
  fixture.insert("mail");
  CHECK(settings_of(fixture, "mail") == queue_settings{});
  CHECK(!settings_of(fixture, "mai"));
}

TEST_CASE("a queue that is given the defaults is as if it had never been told anything",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  configure(fixture, {"mail", what::put, limited(3)});
  CHECK(configure(fixture, {"mail", what::put, {}}).before == limited(3));
  CHECK(!settings_of(fixture, "mail"));
  configure(fixture, {"mail", what::pause});
  configure(fixture, {"mail", what::resume});
  CHECK(!settings_of(fixture, "mail"));
}

TEST_CASE("pause and resume leave the other settings as they are", "[store]") {
  FOR_EVERY_STORE(fixture);
  configure(fixture, {"mail", what::put, limited(3)});
  CHECK(configure(fixture, {"mail", what::pause}).after == paused(limited(3)));
  const auto again = configure(fixture, {"mail", what::pause, {}, noon + 1min});
  CHECK(again.before == paused(limited(3)));
  CHECK(again.after == paused(limited(3), noon + 1min));
  CHECK(configure(fixture, {"mail", what::pause}).after == paused(limited(3)));
  const auto resumed = configure(fixture, {"mail", what::resume});
  CHECK(resumed.before == paused(limited(3)));
  CHECK(resumed.after == limited(3));
  CHECK(configure(fixture, {"mail", what::resume}).after == limited(3)); // does no harm
  CHECK(settings_of(fixture, "mail") == limited(3));
}

TEST_CASE("a pause whose end has passed is refused and changes nothing", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto [order, pointer] = GENERATE(table<queue_order, std::string>({
      {{"mail", what::pause, {}, noon}, "/until"},
      {{"mail", what::put, paused({}, noon - 1h)}, "/paused_until"},
  }));
  const auto refused = try_to_configure(fixture, order);
  REQUIRE(!refused.ok());
  CHECK(refused.why().code() == ec::invalid);
  REQUIRE(refused.why().fields().size() == 1);
  CHECK(refused.why().fields()[0].pointer == pointer);
  CHECK(!settings_of(fixture, "mail"));
}

TEST_CASE("a pause ends by itself, once, when its time has come", "[store]") {
  FOR_EVERY_STORE(fixture);
  configure(fixture, {"late", what::pause, {}, noon + 2h});
  configure(fixture, {"mail", what::put, paused(limited(3), noon + 1h)});
  configure(fixture, {"for ever", what::pause});
  CHECK(fixture.db().next_due() == noon + 1h);
  CHECK(end_pauses(fixture, noon + 1h - 1us).empty());
  if (fixture.place().is_durable())
    fixture.reopen();
  CHECK(fixture.db().next_due() == noon + 1h);
  CHECK(end_pauses(fixture, noon + 1h) == std::vector<std::string>{"mail"});
  CHECK(settings_of(fixture, "mail") == limited(3));
  CHECK(end_pauses(fixture, noon + 1h).empty());
  CHECK(fixture.db().next_due() == noon + 2h);
  CHECK(end_pauses(fixture, noon + 3h) == std::vector<std::string>{"late"});
  CHECK(!settings_of(fixture, "late"));
  CHECK(!fixture.db().next_due());
  CHECK(settings_of(fixture, "for ever") == paused());
}

TEST_CASE("the next due time is the earliest of tasks and pauses", "[store]") {
  FOR_EVERY_STORE(fixture);
  task_spec later;
  later.kind = "noop";
  later.delay = 1h;
  fixture.insert(later);
  configure(fixture, {"mail", what::pause, {}, noon + 2h});
  CHECK(fixture.db().next_due() == noon + 1h);
  configure(fixture, {"mail", what::pause, {}, noon + 30min});
  CHECK(fixture.db().next_due() == noon + 30min);
}

TEST_CASE("settings told in a transaction that fails are forgotten with it", "[store]") {
  FOR_EVERY_STORE(fixture);
  configure(fixture, {"mail", what::put, limited(3)});
  {
    const auto full = fixture.place().fill_disk();
    if (!full)
      return;
    store_fixture::require_ok(fixture.db().begin());
    fixture.db().configure_queue({"mail", what::pause, {}, noon + 1h}, noon);
    fixture.db().configure_queue({"sms", what::put, limited(5)}, noon);
    CHECK(fixture.db().commit().code() == ec::store_full);
  }
  CHECK(!fixture.db().next_due());
  CHECK(settings_of(fixture, "mail") == limited(3));
  CHECK(!settings_of(fixture, "sms"));
  CHECK(configure(fixture, {"mail", what::resume}).before == limited(3));
  CHECK(configure(fixture, {"sms", what::put, limited(6)}).before == queue_settings{});
}

TEST_CASE("what the configuration presets holds until a client says otherwise", "[store]") {
  FOR_EVERY_STORE(fixture);
  restart(fixture, {{"mail", limited(3)}, {"sms", limited(4)}});
  CHECK(settings_of(fixture, "mail") == limited(3));
  restart(fixture, {{"mail", limited(5)}, {"sms", limited(4)}}); // the file was edited
  CHECK(settings_of(fixture, "mail") == limited(5));

  configure(fixture, {"mail", what::put, limited(9)});
  restart(fixture, {{"mail", limited(6)}});
  CHECK(settings_of(fixture, "mail") == limited(9));
  CHECK(!settings_of(fixture, "sms")); // went with its entry in the file
  restart(fixture, {});
  CHECK(settings_of(fixture, "mail") == limited(9));
}

TEST_CASE("a client's defaults stand against what the configuration presets", "[store]") {
  FOR_EVERY_STORE(fixture);
  const std::map<std::string, queue_settings> presets{{"mail", paused(limited(3))}};
  restart(fixture, presets);
  configure(fixture, {"mail", what::put, {}});
  restart(fixture, presets);
  CHECK(settings_of(fixture, "mail") == queue_settings{});
  restart(fixture, {});
  CHECK(!settings_of(fixture, "mail")); // nothing is left to stand against
}

TEST_CASE("a queue that is told what the configuration says follows it again", "[store]") {
  FOR_EVERY_STORE(fixture);
  restart(fixture, {{"mail", limited(3)}});
  configure(fixture, {"mail", what::pause});
  restart(fixture, {{"mail", limited(3)}});
  CHECK(settings_of(fixture, "mail") == paused(limited(3))); // a pause survives
  configure(fixture, {"mail", what::resume});
  restart(fixture, {{"mail", limited(4)}});
  CHECK(settings_of(fixture, "mail") == limited(4));
}

TEST_CASE("queues are told page by page, by name, with what they hold", "[store]") {
  FOR_EVERY_STORE(fixture);
  fixture.insert("b", 0, noon - 5s);
  task_spec echo; // of another kind
  echo.kind = "echo";
  echo.queue = "b";
  echo.priority = 1;
  fixture.insert(echo, noon - 1s);
  fixture.insert("c", 0, noon);
  fixture.claim({{"worker-1"}, 0, from({"c"})});
  configure(fixture, {"a", what::put, limited(2)});
  configure(fixture, {"c", what::pause});
  fixture.insert("d");

  std::vector<queue_view> all;
  queue_list_request request{GENERATE(size_t{1}, size_t{3}, size_t{100})};
  for (;;) {
    const auto page = fixture.reader().queues(request);
    REQUIRE(page.ok());
    CHECK(page->queues.size() <= request.limit);
    all.insert(all.end(), page->queues.begin(), page->queues.end());
    if (!page->next)
      break;
    CHECK(*page->next == all.back().name);
    request.after = page->next;
  }
  REQUIRE(all.size() == 4);
  CHECK(all[0].name == "a");
  CHECK(all[0].settings == limited(2));
  CHECK(all[0].counts.empty());
  CHECK(!all[0].oldest_queued);
  CHECK(all[1].name == "b");
  CHECK(all[1].counts == std::map<task_state, int64_t>{{task_state::queued, 2}});
  CHECK(all[1].oldest_queued == noon - 5s);
  CHECK(all[2].name == "c");
  CHECK(all[2].settings == paused());
  CHECK(all[2].counts == std::map<task_state, int64_t>{{task_state::running, 1}});
  CHECK(!all[2].oldest_queued);
  CHECK(all[3].name == "d");
}

TEST_CASE("the oldest queued task is the one that fell due first, not the one accepted first",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  task_spec later;
  later.kind = "noop";
  later.delay = 10min;
  fixture.insert(later, noon);
  fixture.insert("default", -5, noon + 1min);
  fixture.insert("default", 5, noon + 2min);
  fixture.promote_due(noon + 10min);
  REQUIRE(fixture.reader().queue("default").ok());
  CHECK(fixture.reader().queue("default")->oldest_queued == noon + 1min);
}

TEST_CASE("all queues together hold what each of them holds", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto none = fixture.reader().totals();
  REQUIRE(none.ok());
  CHECK(none->counts.empty());
  CHECK(!none->oldest_queued);
  fixture.insert("a", 0, noon);
  fixture.insert("b", 0, noon - 5s);
  fixture.insert("b", 0, noon - 3s);
  fixture.claim({{"worker-1"}, 0, from({"b"})});
  const auto some = fixture.reader().totals();
  REQUIRE(some.ok());
  CHECK(some->counts
        == std::map<task_state, int64_t>{{task_state::queued, 2}, {task_state::running, 1}});
  CHECK(some->oldest_queued == noon - 3s);
}

TEST_CASE("a purge takes what has not started, and nothing else", "[store]") {
  FOR_EVERY_STORE(fixture);
  task_spec later;
  later.kind = "noop";
  later.delay = 1h;
  const auto scheduled = fixture.insert(later).id;
  const auto failing = fixture.insert();
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed)); // it will be retried
  const auto succeeding = fixture.insert();
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  const auto running = fixture.insert();
  fixture.claim_one();
  const auto queued = fixture.insert();
  task_spec after;
  after.kind = "noop";
  after.after = {running.id};
  const auto waiting = fixture.insert(after).id;
  for (const auto& id : {scheduled, queued.id, waiting}) {
    CHECK(fixture.order(id, task_order::purge));
    CHECK(!fixture.order(id, task_order::purge)); // not there any more
  }
  for (const auto& kept : {failing, succeeding, running}) {
    CHECK(!fixture.order(kept.id, task_order::purge));
    CHECK(fixture.get(kept.id).id == kept.id);
  }
  fixture.check_counters();
}

TEST_CASE("who comes after a task that is purged is settled with it", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto gone = fixture.insert();
  task_spec after;
  after.kind = "noop";
  after.after = {gone.id};
  const auto downstream = fixture.insert(after).id;
  REQUIRE(fixture.order(gone.id, task_order::purge));
  CHECK(fixture.get(downstream).state == task_state::cancelled);
  CHECK(fixture.consequences().size() == 2);
}

TEST_CASE("a ready task's place tells what its queue is told and what runs beside it", "[store]") {
  FOR_EVERY_STORE(fixture);
  configure(fixture, {"mail", what::put, limited(2)});
  task_spec spec;
  spec.kind = "noop";
  spec.queue = "mail";
  std::vector<task_id> running;
  for (int i = 0; i < 12; ++i) {
    spec.group = i % 4 == 0 ? "acme" : "other";
    running.push_back(fixture.insert(spec).id);
  }
  fixture.insert("sms");
  configure(fixture, {"mail", what::put, {}});
  REQUIRE(fixture.claim({workers(13), 0, {}}).size() == 13);
  configure(fixture, {"mail", what::put, limited(2)});
  spec.group = "acme";
  const auto id = fixture.insert(spec).id;
  auto place = fixture.reader().place(id);
  REQUIRE(place.ok());
  CHECK(place->queue == limited(2));
  CHECK(place->beside.in_queue == 12);
  CHECK(place->beside.in_group == 3);
  REQUIRE(place->beside.first_in_queue.size() == 10);
  CHECK(place->beside.first_in_queue.back() == running[9]);
  CHECK(place->beside.first_in_group == std::vector{running[0], running[4], running[8]});
  CHECK(!place->bucket);
  spec.group.clear();
  place = fixture.reader().place(fixture.insert(spec).id);
  REQUIRE(place.ok());
  CHECK(place->beside.in_group == 0);
  place = fixture.reader().place(running[0]);
  REQUIRE(place.ok());
  CHECK(place->beside.in_queue == 0); // it is not ready
  CHECK(place->queue == limited(2));
}

} // namespace errand::test
