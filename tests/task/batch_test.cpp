#include "task/batch.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>

using namespace errand;

namespace {

/// A task "name" that comes after those refs.
batch_entry entry(std::string ref, std::vector<std::string> siblings = {}) {
  batch_entry made;
  made.ref = std::move(ref);
  for (auto& sibling : siblings)
    made.siblings.push_back({made.siblings.size(), std::move(sibling)});
  return made;
}

std::vector<field_error> faults(std::vector<batch_entry> tasks,
                                std::optional<batch_entry> then = {}) {
  const auto batch = arrange(std::move(tasks), std::move(then));
  REQUIRE_FALSE(batch.ok());
  CHECK(batch.why().code() == ec::invalid);
  return batch.why().fields();
}

using places = std::vector<size_t>;

} // namespace

TEST_CASE("a batch keeps its order unless a task stands before one that it comes after") {
  struct row {
    std::vector<batch_entry> tasks;
    places order;
  };
  const std::vector<row> rows = {
      {{}, {}},
      {{entry(""), entry(""), entry("")}, {0, 1, 2}},
      {{entry("a"), entry("b", {"a"}), entry("c", {"a", "b"})}, {0, 1, 2}},
      {{entry("a", {"b"}), entry("b"), entry("c")}, {1, 0, 2}},
      {{entry("a", {"b"}), entry("b", {"c"}), entry("c"), entry("")}, {2, 1, 0, 3}},
      {{entry("a", {"d", "d"}), entry("b"), entry("c", {"a"}), entry("d")}, {1, 3, 0, 2}},
  };
  for (const auto& [tasks, order] : rows) {
    const auto batch = arrange(tasks, std::nullopt);
    REQUIRE(batch.ok());
    CHECK(batch->order == order);
    CHECK(batch->tasks.size() == tasks.size());
  }
}

TEST_CASE("tasks know which of their batch they come after, and whether one comes after them") {
  const auto batch = arrange({entry("a", {"b"}), entry("b"), entry("c", {"a", "b"})}, std::nullopt);
  REQUIRE(batch.ok());
  CHECK(batch->tasks[0].siblings == places{1});
  CHECK(batch->tasks[2].siblings == places{0, 1});
  CHECK(batch->tasks[0].awaited);
  CHECK(batch->tasks[1].awaited);
  CHECK_FALSE(batch->tasks[2].awaited);
}

TEST_CASE("then comes after all tasks of its batch, and after what it names") {
  auto then = entry("", {"b"});
  then.spec.after = {task_id{}};
  const auto batch = arrange({entry("a"), entry("b"), entry("c")}, std::move(then));
  REQUIRE(batch.ok());
  REQUIRE(batch->has_then);
  REQUIRE(batch->tasks.size() == 4);
  CHECK(batch->tasks[3].siblings == places{0, 1, 2});
  CHECK(batch->tasks[3].spec.after.size() == 1);
  CHECK(batch->order == places{0, 1, 2, 3});
  CHECK(batch->tasks[2].awaited);
  CHECK(batch->pointer(3) == "/then");
  CHECK(batch->pointer(2) == "/tasks/2");
}

TEST_CASE("an id between refs is pointed at where it was written") {
  auto mixed = entry("m");
  mixed.spec.after = {task_id{}, task_id{}, task_id{}};
  mixed.siblings = {{0, "a"}, {2, "b"}, {3, "a"}}; // #a id #b #a id id
  const auto batch = arrange({entry("a"), entry("b"), mixed}, std::nullopt);
  REQUIRE(batch.ok());
  CHECK(batch->after_pointer(2, 0) == "/tasks/2/after/1");
  CHECK(batch->after_pointer(2, 1) == "/tasks/2/after/4");
  CHECK(batch->after_pointer(2, 2) == "/tasks/2/after/5");
}

TEST_CASE("a ref that is unknown or given twice is pointed at, all of them up to 32") {
  const auto unknown = faults({entry("a"), entry("b", {"a", "x"})}, entry("", {"y"}));
  REQUIRE(unknown.size() == 2);
  CHECK(unknown[0].pointer == "/tasks/1/after/1");
  CHECK(unknown[0].detail.find("\"#x\"") != std::string::npos);
  CHECK(unknown[1].pointer == "/then/after/0");

  const auto twice = faults({entry("a"), entry("b"), entry("a")});
  REQUIRE(twice.size() == 1);
  CHECK(twice[0].pointer == "/tasks/2/ref");
  CHECK(twice[0].detail.find("/tasks/0") != std::string::npos);

  CHECK(faults(std::vector<batch_entry>(100, entry("", {"x"}))).size() == max_faults);
}

TEST_CASE("tasks that wait for each other are refused, and the circle is named") {
  const auto itself = faults({entry(""), entry("a", {"a"})});
  REQUIRE(itself.size() == 1);
  CHECK(itself[0].pointer == "/tasks/1/after/0");
  CHECK(itself[0].detail.find("/tasks/1 after /tasks/1;") != std::string::npos);

  // 0 only hangs on the circle 1 -> 3 -> 2 -> 1.
  const auto three = faults({entry("z", {"a"}), entry("a", {"q", "c"}), entry("b", {"a"}),
                             entry("c", {"b"}), entry("q")});
  REQUIRE(three.size() == 1);
  CHECK(three[0].pointer == "/tasks/1/after/1");
  CHECK(three[0].detail.find("/tasks/1 after /tasks/3 after /tasks/2 after /tasks/1;")
        != std::string::npos);

  std::vector<batch_entry> ring;
  for (int i = 0; i < 10'000; ++i)
    ring.push_back(entry(std::to_string(i), {std::to_string((i + 1) % 10'000)}));
  const auto large = faults(std::move(ring));
  REQUIRE(large.size() == 1);
  CHECK(large[0].detail.find("after 9992 more after /tasks/0;") != std::string::npos);
  CHECK(large[0].detail.size() < 400);
}

TEST_CASE("a batch of 10,000 in the worst order is put right") {
  std::vector<batch_entry> tasks;
  for (int i = 0; i < 10'000; ++i)
    tasks.push_back(i == 9999 ? entry("9999") : entry(std::to_string(i), {std::to_string(i + 1)}));
  const auto batch = arrange(std::move(tasks), std::nullopt);
  REQUIRE(batch.ok());
  CHECK(batch->order.front() == 9999);
  CHECK(std::is_sorted(batch->order.rbegin(), batch->order.rend()));
}

TEST_CASE("whether a task may run after one that has ended is for its policy to say") {
  CHECK(satisfies(task_state::succeeded, dependency_policy::cancel));
  CHECK_FALSE(satisfies(task_state::failed, dependency_policy::cancel));
  CHECK_FALSE(satisfies(task_state::cancelled, dependency_policy::cancel));
  for (const auto state : {task_state::succeeded, task_state::failed, task_state::cancelled})
    CHECK(satisfies(state, dependency_policy::run));
  for (const auto policy : {dependency_policy::cancel, dependency_policy::run})
    CHECK(parse_dependency_policy(to_string(policy)) == policy);
  CHECK_FALSE(parse_dependency_policy("Run"));
}
