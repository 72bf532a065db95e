// Who starts next. Queues share the workers' time by their weights, as far as their limits let them
// start anything; within a queue it is priority, then turns of the groups (sqlite_lines.cpp), then
// age.
#include "store/sqlite_store.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace errand {

namespace {

/// Attempts claimed ahead wait in memory, so their arguments together may not be larger than this
/// (bytes; the last one may exceed it).
constexpr size_t ahead_args_max = 8 << 20;

} // namespace

claim_result sqlite_store::claim(const claim_request& request, timestamp now) {
  return verb([&] {
    claim_result result;
    const auto idle = request.idle_workers.size();
    const auto wanted = idle + request.ahead;
    size_t args_size = 0;
    std::set<std::string_view> dry; // queues that gave less than they were asked for
    while (result.attempts.size() < wanted) {
      const auto sources = sources_of(request.filter.get(), dry, now, result.more_at);
      std::vector<fair_share::candidate> candidates;
      for (const auto& each : sources) {
        const auto [running, seconds] = running_time_.until(now, each.queue);
        candidates.push_back(
            {each.queue, each.rules->weight, each.most, static_cast<size_t>(running), seconds});
      }
      const auto turns = shares_.next(wanted - result.attempts.size(), candidates);
      if (turns.empty())
        break;

      std::vector<size_t> asked(sources.size());
      for (const auto turn : turns)
        ++asked[turn];
      std::vector<std::vector<ready_task>> picked(sources.size());
      for (size_t i = 0; i < sources.size(); ++i) {
        if (asked[i] > 0)
          picked[i] = pick(sources[i], asked[i]);
        if (picked[i].size() < asked[i])
          dry.insert(sources[i].queue);
      }
      std::vector<size_t> next(sources.size());
      for (const auto turn : turns) {
        if (next[turn] == picked[turn].size())
          continue;
        const auto& from = sources[turn];
        const auto& task = picked[turn][next[turn]++];
        auto row = read_ready(task.sequence);
        if (row.expires_at && *row.expires_at <= now) {
          cancel_expired(row.attempt.ref.id, now);
          dry.erase(from.queue); // another of its group may have this turn
        } else {
          const bool ahead = result.attempts.size() >= idle;
          if (ahead && row.stays_until_wanted)
            return result;
          if (args_size > (ahead ? ahead_args_max : request.args_max))
            return result;
          const auto worker =
              ahead ? std::nullopt
                    : std::optional<std::string_view>(request.idle_workers[result.attempts.size()]);
          args_size += row.attempt.args_json.size();
          result.attempts.push_back(start(std::move(row), task.group, worker, now));
          if (from.rules->rate)
            buckets_.take(from.queue, *from.rules->rate, now);
        }
        if (task.is_last)
          leave_line(from.queue, task.group, task.kind, task.rank);
      }
    }
    return result;
  });
}

/// The queues that may start something, with how much; also when the passing of time will let one
/// start that may not now.
std::vector<sqlite_store::source> sqlite_store::sources_of(const work_filter* filter,
                                                           const std::set<std::string_view>& except,
                                                           timestamp now,
                                                           std::optional<timestamp>& more_at) {
  std::vector<source> sources;
  more_at.reset();
  for (const auto queue : counters_.ready()) {
    if (except.contains(queue))
      continue;
    source candidate{queue, &queues_.of(queue), {}, 0};
    int64_t most = 0;
    for (const auto& each : counters_.ready_kinds(queue))
      if (!filter || filter->takes(queue, each.kind)) {
        candidate.kinds.push_back(each);
        most += each.n;
      }
    const auto& rules = *candidate.rules;
    if (most == 0 || is_paused(rules, now))
      continue;
    if (rules.concurrency)
      most = std::min(most, *rules.concurrency - counters_.running(queue));
    if (rules.rate && most > 0) {
      most = std::min(most, buckets_.available(queue, *rules.rate, now));
      if (const auto at = buckets_.next_at(queue, *rules.rate, now))
        more_at = std::min(more_at.value_or(*at), *at);
    }
    if (most <= 0)
      continue;
    candidate.most = static_cast<size_t>(most);
    sources.push_back(std::move(candidate));
  }
  return sources;
}

sqlite_store::ready_row sqlite_store::read_ready(int64_t sequence) {
  sqlite_execution row(sql_.ready_task, sequence);
  if (!row.next())
    throw sqlite_error(damaged_index());
  ready_row ready;
  auto& attempt = ready.attempt;
  attempt.ref.id = task_id::from_parts(sequence, row.integer(0));
  attempt.ref.attempt = static_cast<int>(row.integer(1)) + 1;
  attempt.kind = row.text(2);
  attempt.queue = row.text(3);
  attempt.args_json = row.text(4);
  attempt.timeout = duration(row.integer(5));
  attempt.traceparent = row.text(7);
  ready.drops_key =
      !row.is_null(8) && static_cast<unique_until>(row.integer(8)) == unique_until::started;
  // What is claimed ahead may be given back: another may hold its key by then. And should it kill
  // the server again, nothing that had not even started may be lost with it.
  ready.stays_until_wanted = row.integer(6) > 0 || ready.drops_key;
  ready.expires_at = row.maybe_time(9);
  ready.due_at = row.time(10);
  return ready;
}

attempt_spec sqlite_store::start(ready_row row, std::string_view group,
                                 std::optional<std::string_view> worker, timestamp now) {
  const auto running = next_state(task_state::queued, task_event::claim);
  assert(running);
  auto& attempt = row.attempt;
  attempt.started_at = now;
  attempt.waited = std::max(now - row.due_at, duration(0));
  const auto sequence = attempt.ref.id.sequence();
  sqlite_execution(sql_.claim, *running, int64_t{attempt.ref.attempt}, now, worker, sequence).run();
  if (row.drops_key)
    sqlite_execution(sql_.drop_key, sequence).run();
  counters_.move(attempt.queue, attempt.kind, task_state::queued, *running);
  ages_.remove(attempt.queue, row.due_at);
  groups_.begin(attempt.queue, group);
  running_time_.begin(attempt.queue, sequence, now);
  return std::move(attempt);
}

/// Its time was over before a worker was free.
void sqlite_store::cancel_expired(const task_id& id, timestamp now) {
  auto row = find(id);
  cancel_row(*row, cancel_reason::expired, now);
  consequences_.push_back(fact_of(*row));
}

} // namespace errand
