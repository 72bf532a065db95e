#include "task/task_counters.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <set>

using namespace errand;
using namespace std::chrono_literals;

namespace {

task_fact fact(task_state state, const std::string& queue, const std::string& kind) {
  return {task_id::from_parts(1, 1), state, 1, kind, queue};
}

task_fact accepted(const std::string& queue, const std::string& kind) {
  auto made = fact(task_state::queued, queue, kind);
  made.is_new = true;
  return made;
}

/// Zero if there is no such pair.
uint64_t counted(const task_counters& counters, const std::string& queue, const std::string& kind,
                 tally what) {
  uint64_t n = 0;
  for (const auto& pair : counters.pairs())
    if (counters.queues().name(pair.queue) == queue && counters.kinds().name(pair.kind) == kind)
      n += pair.n[what];
  return n;
}

uint64_t sum(const task_counters& counters, tally what) {
  uint64_t n = 0;
  for (const auto& pair : counters.pairs())
    n += pair.n[what];
  return n;
}

/// Submits of `queues` times `kinds` invented names.
void flood(task_counters& counters, int queues, int kinds) {
  for (int queue = 0; queue < queues; ++queue)
    for (int kind = 0; kind < kinds; ++kind)
      counters.count(accepted("q" + std::to_string(queue), "k" + std::to_string(kind)));
}

} // namespace

TEST_CASE("facts are counted by queue and kind") {
  task_counters counters;
  counters.count(accepted("mail", "send"));
  counters.count(accepted("mail", "send"));
  counters.count(accepted("mail", "echo"));
  counters.count(accepted("sms", "send"));
  counters.count(fact(task_state::running, "mail", "send"));
  counters.count(fact(task_state::retrying, "mail", "send"));
  counters.count(fact(task_state::succeeded, "mail", "send"));
  counters.count(fact(task_state::failed, "sms", "send"));
  counters.count(fact(task_state::cancelled, "sms", "send"));
  counters.count(fact(task_state::queued, "mail", "send")); // was put back, or fell due
  CHECK(counted(counters, "mail", "send", tally::submitted) == 2);
  CHECK(counted(counters, "mail", "echo", tally::submitted) == 1);
  CHECK(counted(counters, "sms", "send", tally::submitted) == 1);
  CHECK(counted(counters, "mail", "send", tally::started) == 1);
  CHECK(counted(counters, "mail", "send", tally::retried) == 1);
  CHECK(counted(counters, "mail", "send", tally::succeeded) == 1);
  CHECK(counted(counters, "sms", "send", tally::failed) == 1);
  CHECK(counted(counters, "sms", "send", tally::cancelled) == 1);
  CHECK(counters.pairs().size() == 3);
}

TEST_CASE("a task that is cancelled with its submit counts as both, and progress as nothing") {
  task_counters counters;
  auto both = fact(task_state::cancelled, "mail", "send");
  both.is_new = true;
  counters.count(both);
  auto told = fact(task_state::running, "mail", "send");
  told.progress = std::make_shared<const task_progress>();
  counters.count(told);
  CHECK(counted(counters, "mail", "send", tally::submitted) == 1);
  CHECK(counted(counters, "mail", "send", tally::cancelled) == 1);
  CHECK(counted(counters, "mail", "send", tally::started) == 0);
}

TEST_CASE("waits are counted by queue, and runs by kind") {
  task_counters counters;
  auto begun = fact(task_state::running, "mail", "send");
  begun.waited = 3ms;
  auto ended = fact(task_state::succeeded, "mail", "send");
  ended.ran = 2s;
  counters.count(begun);
  counters.count(ended);
  const auto& waited = counters.waited().at(counters.queues().find("mail"));
  const auto& ran = counters.ran().at(counters.kinds().find("send"));
  CHECK(waited.count() == 1);
  CHECK(waited.sum() == 3000);
  CHECK(ran.count() == 1);
  CHECK(ran.sum() == 2'000'000);
}

TEST_CASE("however many queues and kinds are invented, labels are bounded and nothing is lost") {
  task_counters counters(known_labels{{"default"}, {"echo", "sleep"}});
  const auto max = static_cast<int>(max_label_names);
  flood(counters, 3 * max, 3 * max);
  CHECK(counters.queues().size() == 1 + 1 + max_label_names);
  CHECK(counters.kinds().size() == 1 + 2 + max_label_names);
  CHECK(counters.pairs().size() <= max_label_pairs + counters.queues().size());
  CHECK(sum(counters, tally::submitted) == static_cast<uint64_t>(9) * max * max);
  CHECK(counted(counters, "q0", "k0", tally::submitted) == 1);
  std::set<std::pair<size_t, size_t>> seen;
  for (const auto& pair : counters.pairs())
    CHECK(seen.insert({pair.queue, pair.kind}).second);
}

TEST_CASE("of a pair that is one too many its queue is told, and its kind as another") {
  task_counters counters;
  const auto max = static_cast<int>(max_label_names);
  flood(counters, static_cast<int>(max_label_pairs) / max, max);
  REQUIRE(counters.pairs().size() == max_label_pairs);
  counters.count(accepted("late", "k0"));
  counters.count(accepted("late", "k1"));
  CHECK(counted(counters, "late", "other", tally::submitted) == 2);
  counters.count(accepted("q0", "k0"));
  CHECK(counted(counters, "q0", "k0", tally::submitted) == 2);
}

TEST_CASE("the server's own names have labels even after a flood of others") {
  task_counters counters(known_labels{{"default"}, {"echo"}});
  flood(counters, 60, 1);
  flood(counters, 1, 60);
  counters.count(accepted("default", "echo"));
  CHECK(counted(counters, "default", "echo", tally::submitted) == 1);
}

TEST_CASE("queues that hold tasks get labels while there is room") {
  task_counters counters;
  counters.admit_queues({"mail"});
  CHECK(counters.label_of_queue("mail") == "mail");
  CHECK(counters.label_of_queue("sms") == "other");
  flood(counters, 60, 1);
  counters.admit_queues({"late"});
  CHECK(counters.label_of_queue("late") == "other");
  CHECK(counters.label_of_queue("mail") == "mail");
}
