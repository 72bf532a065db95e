// Searching in bounded steps for what a bulk order is to reach, and a task's place in its queue.
#include "tests/store/conformance.hpp"
#include "tests/store/random_seed.hpp"

#include <algorithm>
#include <random>
#include <set>

namespace errand::test {

namespace {

using namespace std::chrono_literals;

std::vector<task_id> search(store_fixture& fixture, search_request request) {
  std::vector<task_id> ids;
  for (;;) {
    const auto found = fixture.reader().search(request);
    if (!found.ok())
      FAIL(found.why().message());
    CHECK(found->ids.size() <= request.max);
    ids.insert(ids.end(), found->ids.begin(), found->ids.end());
    if (!found->next)
      return ids;
    REQUIRE((!request.before || *found->next < *request.before));
    request.before = found->next;
  }
}

} // namespace

TEST_CASE("a search finds what a list with the same filter has, however it is cut into steps",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto seed = random_seed();
  INFO("ERRAND_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  const auto below = [&](size_t end) { return random() % end; };
  fixture.committed([&] {
    for (int i = 0; i < 200; ++i) {
      task_spec spec;
      spec.kind = "kind-" + std::to_string(below(3));
      spec.queue = "queue-" + std::to_string(below(3));
      if (below(2) == 0)
        spec.tags["size"] = std::to_string(below(3));
      spec.delay = below(4) == 0 ? duration(1h) : duration(0);
      fixture.db().insert(spec, noon + std::chrono::seconds(i));
    }
    return true;
  });
  for (int round = 0; round < 100; ++round) {
    search_request request;
    request.max = 1 + below(30);
    request.look_at_max = 1 + below(60);
    auto& filter = request.filter;
    if (below(2) == 0)
      filter.states = {task_state::queued, task_state::failed};
    if (below(3) == 0)
      filter.states.push_back(task_state::scheduled);
    if (below(3) == 0)
      filter.queue = "queue-1";
    if (below(3) == 0)
      filter.kind = "kind-2";
    if (below(4) == 0)
      filter.tags["size"] = "1";
    if (below(4) == 0)
      filter.created_after = noon + std::chrono::seconds(below(200));
    if (below(4) == 0)
      filter.created_before = noon + std::chrono::seconds(below(200));
    std::vector<task_id> expected;
    list_request same;
    same.filter = filter;
    for (const auto& t : fixture.list(same))
      expected.push_back(t.id);
    CHECK(search(fixture, request) == expected);
  }
}

TEST_CASE("a search comes to its end while tasks are added", "[store]") {
  FOR_EVERY_STORE(fixture);
  std::set<task_id> there;
  for (int i = 0; i < 20; ++i)
    there.insert(fixture.insert().id);
  search_request request;
  request.max = 3;
  std::set<task_id> found;
  for (int steps = 0; steps < 20; ++steps) {
    const auto step = fixture.reader().search(request);
    REQUIRE(step.ok());
    found.insert(step->ids.begin(), step->ids.end());
    request.before = step->next;
    if (!step->next)
      break;
    for (int i = 0; i < 5; ++i)
      fixture.insert();
  }
  CHECK(!request.before);
  CHECK(found == there);
}

TEST_CASE("a ready task's place counts what its queue runs before it", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto urgent = fixture.insert("mail", 10).id;
  const auto first = fixture.insert("mail").id;
  const auto later = fixture.insert("mail").id;
  const auto idle = fixture.insert("mail", -10).id;
  fixture.insert("other", 50);
  const auto before = [&](const task_id& id) { return fixture.reader().place(id)->ready_before; };
  CHECK(before(urgent) == 0);
  CHECK(before(first) == 1);
  CHECK(before(later) == 2);
  CHECK(before(idle) == 3);
  fixture.claim({workers(1), 0, from({"mail"})});
  CHECK(!before(urgent)); // running
  CHECK(before(idle) == 2);
  CHECK(fixture.reader().place(urgent)->row.attempts.size() == 1);
  CHECK(fixture.reader().place(task_id{}).why().code() == ec::not_found);
}

TEST_CASE("a place is counted no further than anybody wants to know", "[store]") {
  FOR_EVERY_STORE(fixture);
  task_spec spec;
  spec.kind = "noop";
  fixture.committed([&] {
    for (int64_t i = 0; i < place_counted_max + 5; ++i) {
      spec.priority = i % 2 == 0 ? 1 : 0;
      fixture.db().insert(spec, noon);
    }
    return true;
  });
  const auto last = fixture.insert();
  CHECK(fixture.reader().place(last.id)->ready_before == place_counted_max + 1);
}

} // namespace errand::test
