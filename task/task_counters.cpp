#include "task/task_counters.hpp"

namespace errand {

namespace {

void add(std::vector<bucket_histogram>& all, size_t place, duration value) {
  if (all.size() <= place)
    all.resize(place + 1, bucket_histogram(task_time_bounds()));
  all[place].add(value);
}

} // namespace

task_counters::task_counters(const known_labels& known)
    : queues_(max_label_names, known.queues), kinds_(max_label_names, known.kinds) {}

task_counters::pair& task_counters::pair_of(const task_fact& fact) {
  if (last_ < pairs_.size()) {
    auto& last = pairs_[last_];
    if (last.queue != label_names::other && last.kind != label_names::other
        && queues_.name(last.queue) == fact.queue && kinds_.name(last.kind) == fact.kind)
      return last;
  }
  const auto key = [](size_t queue, size_t kind) { return uint64_t{queue} << 32U | kind; };
  const auto queue = queues_.place_of(fact.queue);
  auto kind = kinds_.place_of(fact.kind);
  if (pairs_.size() >= max_label_pairs && !places_.contains(key(queue, kind)))
    kind = label_names::other;
  const auto [found, is_new] = places_.try_emplace(key(queue, kind), pairs_.size());
  if (is_new)
    pairs_.push_back({queue, kind, {}});
  last_ = found->second;
  return pairs_[last_];
}

void task_counters::count(const task_fact& fact) {
  if (fact.progress)
    return;
  auto& counted = pair_of(fact);
  if (fact.is_new)
    ++counted.n[tally::submitted];
  if (const auto what = tally_of(fact))
    ++counted.n[*what];
  if (fact.waited)
    add(waited_, counted.queue, *fact.waited);
  if (fact.ran)
    add(ran_, kinds_.find(fact.kind), *fact.ran);
}

void task_counters::admit_queues(const std::vector<std::string>& queues) {
  for (const auto& queue : queues)
    queues_.place_of(queue);
}

} // namespace errand
