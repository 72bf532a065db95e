// Pages: their order, their filters, and that they neither repeat nor hide anything.
#include "tests/store/conformance.hpp"
#include "tests/store/random_seed.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>

namespace errand::test {

namespace {

using namespace std::chrono_literals;

/// Tasks of all sorts: 3 queues, 3 kinds, 5 states, tags, and a clock that jumps back at times.
void make_tasks(store_fixture& fixture, size_t n, std::mt19937_64& random) {
  const auto below = [&](size_t end) { return random() % end; };
  auto now = noon;
  fixture.committed([&] {
    for (size_t i = 0; i < n; ++i) {
      now += std::chrono::milliseconds(below(2000));
      if (below(50) == 0)
        now -= 60s;
      task_spec spec;
      spec.queue = "queue-" + std::to_string(below(3));
      spec.kind = "kind-" + std::to_string(below(3));
      if (below(3) == 0)
        spec.tags["size"] = std::to_string(below(3));
      if (below(3) == 0)
        spec.tags["color"] = below(2) == 0 ? "red" : "blue";
      if (below(4) == 0)
        spec.delay = 1h;
      REQUIRE(fixture.db().insert(spec, now));
    }
    for (const auto& attempt : fixture.db().claim({workers(n / 2), 0, {}}, now).attempts)
      if (below(5) != 0)
        REQUIRE(fixture.db().finish(report_of(
            attempt.ref,
            below(3) != 0 ? attempt_outcome::succeeded : attempt_outcome::failed_for_good, now)));
    return true;
  });
}

bool matches(const task& t, const list_filter& f) {
  const auto& s = f.states;
  return (s.empty() || std::find(s.begin(), s.end(), t.state) != s.end())
         && t.spec.queue == f.queue.value_or(t.spec.queue)
         && t.spec.kind == f.kind.value_or(t.spec.kind)
         && std::all_of(f.tags.begin(), f.tags.end(),
                        [&](const auto& tag) {
                          const auto found = t.spec.tags.find(tag.first);
                          return found != t.spec.tags.end() && found->second == tag.second;
                        })
         && (!f.created_after || t.created_at > *f.created_after)
         && (!f.created_before || t.created_at < *f.created_before);
}

list_filter random_filter(std::mt19937_64& random, const std::vector<task>& all) {
  const auto below = [&](size_t end) { return random() % end; };
  list_filter filter;
  for (auto n = below(4); n > 0; --n)
    filter.states.push_back(all_task_states[below(all_task_states.size())]);
  std::sort(filter.states.begin(), filter.states.end());
  filter.states.erase(std::unique(filter.states.begin(), filter.states.end()), filter.states.end());
  if (below(3) == 0)
    filter.queue = "queue-" + std::to_string(below(4));
  if (below(3) == 0)
    filter.kind = "kind-" + std::to_string(below(4));
  if (below(4) == 0)
    filter.tags["size"] = std::to_string(below(4));
  if (below(4) == 0)
    filter.tags["color"] = "red";
  if (below(4) == 0)
    filter.created_after = all[below(all.size())].created_at;
  if (below(4) == 0)
    filter.created_before = all[below(all.size())].created_at;
  return filter;
}

std::string ids_of(const std::vector<task>& tasks) {
  std::string text;
  for (const auto& t : tasks)
    text += t.id.to_string() + "\n";
  return text;
}

} // namespace

TEST_CASE("a list is newest first, or oldest first if asked", "[store]") {
  FOR_EVERY_STORE(fixture);
  CHECK(fixture.list().empty());
  std::vector<task_id> ids;
  for (int i = 0; i < 5; ++i)
    ids.push_back(fixture.insert("default", i).id);
  list_request request;
  request.ascending = true;
  request.limit = 2;
  const auto oldest = fixture.list(request);
  request.ascending = false;
  const auto newest = fixture.list(request);
  REQUIRE(oldest.size() == 5);
  REQUIRE(newest.size() == 5);
  for (size_t i = 0; i < 5; ++i) {
    CHECK(oldest[i].id == ids[i]);
    CHECK(newest[i].id == ids[4 - i]);
  }
}

TEST_CASE("a page has as many tasks as asked for, and tells whether there are more", "[store]") {
  FOR_EVERY_STORE(fixture);
  for (int i = 0; i < 4; ++i)
    fixture.insert();
  list_request request;
  for (const size_t limit : {3, 4, 5}) {
    request.limit = limit;
    const auto page = fixture.reader().list(request);
    REQUIRE(page.ok());
    CHECK(page->tasks.size() == std::min<size_t>(limit, 4));
    CHECK(page->next.has_value() == (limit == 3));
  }
}

TEST_CASE("every filter gives just the tasks that match, however it is paged", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto seed = random_seed();
  INFO("ERRAND_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  make_tasks(fixture, 300, random);
  const auto all = fixture.list();
  REQUIRE(all.size() == 300);
  for (int round = 0; round < 200; ++round) {
    list_request request;
    request.filter = random_filter(random, all);
    request.limit = 1 + random() % 40;
    request.ascending = random() % 2 == 0;
    std::vector<task> expected;
    std::copy_if(all.begin(), all.end(), std::back_inserter(expected),
                 [&](const task& t) { return matches(t, request.filter); });
    if (request.ascending)
      std::reverse(expected.begin(), expected.end());
    INFO("round " << round);
    CHECK(ids_of(fixture.list(request)) == ids_of(expected));
  }
}

TEST_CASE("a state that is named twice counts once", "[store]") {
  FOR_EVERY_STORE(fixture);
  fixture.insert();
  list_request request;
  request.filter.states = {task_state::queued, task_state::failed, task_state::queued};
  CHECK(fixture.list(request).size() == 1);
}

TEST_CASE("rows that come, move and go between pages neither repeat nor hide others", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto seed = random_seed();
  INFO("ERRAND_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  const auto below = [&](size_t end) { return random() % end; };
  for (int round = 0; round < 10; ++round) {
    make_tasks(fixture, 60, random);
    list_request request;
    const auto before = fixture.list();
    request.filter = random_filter(random, before);
    request.ascending = below(2) == 0;
    request.limit = 1 + below(12);
    INFO("round " << round);

    std::map<task_id, bool> steady; // Every task that matched at first: whether it still does.
    for (const auto& t : before)
      if (matches(t, request.filter))
        steady[t.id] = true;
    std::multiset<task_id> seen;
    for (size_t pages = 0;; ++pages) {
      const auto page = fixture.reader().list(request);
      REQUIRE(page.ok());
      for (const auto& t : page->tasks)
        seen.insert(t.id);
      if (!page->next)
        break;
      request.after = page->next;
      if (pages > 15)
        continue; // Else a walk in ascending order might never come to its end.
      make_tasks(fixture, below(4), random); // Some come, and some that were there move.
      const auto now = fixture.list();
      for (size_t i = 0; i < 5; ++i) {
        const auto what =
            std::array{task_order::cancel, task_order::retry, task_order::remove}[below(3)];
        fixture.order(now[below(now.size())].id, what); // May be refused.
      }
      std::set<task_id> matching;
      for (const auto& t : fixture.list())
        if (matches(t, request.filter))
          matching.insert(t.id);
      for (auto& [id, still] : steady)
        still = still && matching.contains(id);
    }
    for (const auto& id : seen)
      CHECK(seen.count(id) == 1);
    for (const auto& [id, still] : steady)
      if (still)
        CHECK(seen.count(id) == 1);
  }
}

TEST_CASE("a page of large tasks ends early, and the rest follows", "[store]") {
  FOR_EVERY_STORE(fixture);
  task_spec spec;
  spec.kind = "echo";
  spec.args_json = std::string(1 << 20, 'x');
  fixture.committed([&] {
    for (int i = 0; i < 25; ++i)
      fixture.db().insert(spec, noon);
    return true;
  });
  const auto page = fixture.reader().list({});
  REQUIRE(page.ok());
  CHECK(page->tasks.size() > 1);
  CHECK(page->tasks.size() < 15);
  CHECK(page->next);
  CHECK(fixture.list().size() == 25);
}

} // namespace errand::test
