// What tasks do and did, as metrics.
#include "http/metric_families.hpp"

#include <algorithm>

namespace errand {

namespace {

double seconds_of(duration time) {
  return std::chrono::duration<double>(time).count();
}

/// A counter of all pairs of queue and kind.
void add_tally(exposition& to, const task_counters& tasks, tally what) {
  for (const auto& pair : tasks.pairs())
    to.add({{"queue", tasks.queues().name(pair.queue)}, {"kind", tasks.kinds().name(pair.kind)}},
           static_cast<double>(pair.n[what]));
}

void add_ends(exposition& to, const task_counters& tasks) {
  for (const auto what : {tally::succeeded, tally::failed, tally::cancelled})
    for (const auto& pair : tasks.pairs())
      to.add({{"queue", tasks.queues().name(pair.queue)},
              {"kind", tasks.kinds().name(pair.kind)},
              {"outcome", to_string(what)}},
             static_cast<double>(pair.n[what]));
}

void add_times(exposition& to, std::string_view label, const label_names& names,
               const std::vector<bucket_histogram>& times) {
  for (size_t place = 0; place < times.size(); ++place)
    if (times[place].count() > 0)
      to.add_seconds({{label, names.name(place)}}, times[place]);
}

/// What is told of the queues that share a label.
struct depth {
  std::map<task_state, int64_t> counts;
  std::optional<timestamp> oldest;

  void add(const std::map<task_state, int64_t>& more, std::optional<timestamp> time) {
    for (const auto& [state, n] : more)
      counts[state] += n;
    if (time)
      oldest = std::min(oldest.value_or(*time), *time);
  }
};

std::map<std::string, depth> depths_of(const task_counters& tasks, const store_totals& totals,
                                       const queue_page& queues) {
  std::map<std::string, depth> depths;
  std::map<task_state, int64_t> told;
  for (const auto& queue : queues.queues) {
    depths[tasks.label_of_queue(queue.name)].add(queue.counts, queue.oldest_queued);
    for (const auto& [state, n] : queue.counts)
      told[state] += n;
  }
  if (!queues.next)
    return depths;
  // What is beyond the page. The two were not counted at the same moment.
  std::map<task_state, int64_t> rest;
  for (const auto& [state, n] : totals.counts)
    rest[state] = std::max<int64_t>(0, n - told[state]);
  depths[std::string(other_label)].add(rest, totals.oldest_queued);
  return depths;
}

} // namespace

void add_task_metrics(exposition& to, const metrics_view& counted) {
  const auto& tasks = counted.tasks;
  to.counter("errand_tasks_submitted_total", "Tasks that were accepted.");
  add_tally(to, tasks, tally::submitted);
  to.counter("errand_attempts_started_total", "Attempts that were handed to a worker.");
  add_tally(to, tasks, tally::started);
  to.counter("errand_attempts_retried_total",
             "Attempts that failed or were postponed, and are followed by another.");
  add_tally(to, tasks, tally::retried);
  to.counter("errand_tasks_ended_total", "Tasks that came to their end, by what it was.");
  add_ends(to, tasks);
  to.histogram("errand_task_wait_seconds", "How long tasks were due before an attempt started.");
  add_times(to, "queue", tasks.queues(), tasks.waited());
  to.histogram("errand_task_run_seconds", "How long attempts took.");
  add_times(to, "kind", tasks.kinds(), tasks.ran());

  const auto& commits = counted.commits;
  to.histogram("errand_commit_seconds", "How long commits of the store took.");
  to.add_seconds({}, commits.took);
  to.histogram("errand_commit_changes", "Changes of tasks that shared a commit.");
  to.add_numbers({}, commits.changes);
  to.counter("errand_commits_failed_total", "Commits that the store refused.");
  to.add(static_cast<double>(commits.failed));
}

void add_depth_metrics(exposition& to, const metrics_view& counted, const store_totals& totals,
                       const queue_page& queues, timestamp now) {
  auto depths = depths_of(counted.tasks, totals, queues);
  to.gauge("errand_tasks", "Tasks in the store.");
  for (auto& [queue, depth] : depths)
    for (const auto state : all_task_states)
      to.add({{"queue", queue}, {"state", to_string(state)}},
             static_cast<double>(depth.counts[state]));
  to.gauge("errand_oldest_queued_seconds",
           "How long the task that is queued longest has been due; 0 if none is queued.");
  for (const auto& [queue, depth] : depths)
    to.add({{"queue", queue}}, depth.oldest ? std::max(0.0, seconds_of(now - *depth.oldest)) : 0.0);
  to.gauge("errand_leases", "Attempts that workers outside have.");
  to.add(static_cast<double>(totals.leases));
}

} // namespace errand
