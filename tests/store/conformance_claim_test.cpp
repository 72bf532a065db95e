// Who gets what in which order.
#include "tests/store/conformance.hpp"

#include <map>

namespace errand::test {

namespace {

using namespace std::chrono_literals;

/// What was claimed, by the names of the tasks' ids.
class named_tasks {
public:
  explicit named_tasks(store_fixture& fixture) : fixture_(fixture) {}

  void insert(const std::string& name, const std::string& queue = "default", int priority = 0) {
    names_[fixture_.insert(queue, priority).id] = name;
  }

  std::string operator()(const std::vector<attempt_spec>& claimed) const {
    std::string text;
    for (const auto& attempt : claimed)
      text += (text.empty() ? "" : " ") + names_.at(attempt.ref.id);
    return text;
  }

private:
  store_fixture& fixture_;
  std::map<task_id, std::string> names_;
};

} // namespace

TEST_CASE("within a queue the higher priority goes first, then the older task", "[store]") {
  FOR_EVERY_STORE(fixture);
  named_tasks names(fixture);
  names.insert("low", "default", -100);
  names.insert("old");
  names.insert("new");
  names.insert("high", "default", 100);
  names.insert("newest");
  names.insert("higher than zero", "default", 1);
  CHECK(names(fixture.claim({workers(2), 1, {}})) == "high higher than zero old");
  CHECK(names(fixture.claim({workers(1), 99, {}})) == "new newest low");
  CHECK(fixture.claim({workers(1), 99, {}}).empty());
}

TEST_CASE("queues with ready tasks take turns, and go on where the last claim stopped", "[store]") {
  FOR_EVERY_STORE(fixture);
  named_tasks names(fixture);
  for (const auto* n : {"1", "2", "3", "4", "5"})
    names.insert(std::string("a") + n, "a");
  for (const auto* n : {"1", "2"})
    names.insert(std::string("b") + n, "b", 100); // Priority is within a queue.
  for (const auto* n : {"1", "2", "3"})
    names.insert(std::string("c") + n, "c");
  CHECK(names(fixture.claim({workers(4), 0, {}})) == "a1 b1 c1 a2");
  CHECK(names(fixture.claim({workers(1), 0, {}})) == "b2");
  CHECK(names(fixture.claim({workers(0), 2, {}})) == "c2 a3");
  CHECK(names(fixture.claim({workers(1), 9, {}})) == "c3 a4 a5");
  CHECK(fixture.claim({workers(9), 9, {}}).empty());
}

TEST_CASE("a claim looks only into the queues that it names", "[store]") {
  FOR_EVERY_STORE(fixture);
  named_tasks names(fixture);
  names.insert("a1", "a");
  names.insert("b1", "b");
  names.insert("c1", "c");
  names.insert("c2", "c");
  CHECK(names(fixture.claim({workers(9), 0, from({"c", "nobody's", "b", "c"})})) == "b1 c1 c2");
  CHECK(fixture.claim({workers(9), 0, from({"nobody's"})}).empty());
  CHECK(names(fixture.claim({workers(9), 0, {}})) == "a1");
}

TEST_CASE("a claim of nothing gets nothing", "[store]") {
  FOR_EVERY_STORE(fixture);
  fixture.insert();
  CHECK(fixture.claim({{}, 0, {}}).empty());
  CHECK(fixture.counts()["default"][task_state::queued] == 1);
}

TEST_CASE("the first attempts are the idle workers', in their order; those ahead are nobody's yet",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  for (int i = 0; i < 4; ++i)
    fixture.insert();
  const auto claimed = fixture.claim({{"anna", "bert"}, 2, {}});
  REQUIRE(claimed.size() == 4);
  CHECK(fixture.get(claimed[0].ref.id).worker == "anna");
  CHECK(fixture.get(claimed[1].ref.id).worker == "bert");
  for (const size_t i : {2, 3}) {
    const auto ahead = fixture.get(claimed[i].ref.id);
    CHECK(ahead.worker.empty());
    CHECK(ahead.state == task_state::running);
    REQUIRE(ahead.attempts.size() == 1);
    CHECK(ahead.attempts[0].worker.empty());
  }
  REQUIRE(fixture.finish(claimed[3].ref, attempt_outcome::succeeded));
  CHECK(fixture.get(claimed[3].ref.id).worker == "worker-9");
  REQUIRE(fixture.lose(claimed[2].ref));
  CHECK(fixture.get(claimed[2].ref.id).attempts.at(0).worker.empty());
}

TEST_CASE("a task that was once lost is not claimed ahead, nor is what comes after it", "[store]") {
  FOR_EVERY_STORE(fixture);
  named_tasks names(fixture);
  names.insert("lost");
  REQUIRE(fixture.lose(fixture.claim_one()));
  names.insert("2");
  names.insert("first", "default", 1);

  CHECK(fixture.counts()["default"][task_state::queued] == 3);
  CHECK(names(fixture.claim({{}, 5, {}})) == "first");
  CHECK(fixture.claim({{}, 5, {}}).empty());
  CHECK(names(fixture.claim({workers(1), 5, {}})) == "lost 2");
}

TEST_CASE("a claim in the transaction that made tasks ready finds them", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto running = fixture.insert();
  const auto ref = fixture.claim_one();
  fixture.committed([&] {
    REQUIRE(fixture.db().release(ref, noon));
    const auto added = fixture.db().insert(running.spec, noon);
    REQUIRE(added);
    const auto claimed = fixture.db().claim({workers(5), 0, {}}, noon).attempts;
    REQUIRE(claimed.size() == 2);
    CHECK(claimed[0].ref.id == ref.id);
    CHECK(claimed[1].ref.id == (*added)->task.id);
    CHECK(fixture.db().finish(report_of(claimed[1].ref, attempt_outcome::succeeded)));
    return true;
  });
  const task_counts expected = {
      {"default", {{task_state::running, 1}, {task_state::succeeded, 1}}}};
  CHECK(fixture.counts() == expected);
}

TEST_CASE("large arguments bound how much is claimed ahead, not what idle workers get", "[store]") {
  FOR_EVERY_STORE(fixture);
  task_spec spec;
  spec.kind = "echo";
  spec.args_json = std::string(1 << 20, 'x');
  fixture.committed([&] {
    for (int i = 0; i < 30; ++i)
      fixture.db().insert(spec, noon);
    return true;
  });
  const auto ahead = fixture.claim({workers(1), 100, {}}).size();
  CHECK(ahead > 1);
  CHECK(ahead < 15);
  CHECK(fixture.claim({workers(30), 100, {}}).size() == 30 - ahead);
}

} // namespace errand::test
