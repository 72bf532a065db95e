#include "http/explain.hpp"

#include "http/json_writer.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <map>

namespace errand {

namespace {

std::string text_of(duration time) {
  std::string text;
  json_writer(text).seconds(std::chrono::round<std::chrono::milliseconds>(time));
  return text + " s";
}

/// "at 2026-…, in 12.5 s", or that this has passed.
std::string when(timestamp time, timestamp now) {
  return "at " + to_rfc3339(time)
         + (time > now ? ", in " + text_of(time - now) : ", " + text_of(now - time) + " ago");
}

std::string counted(int64_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

std::string text_of(const task_error& error) {
  return error.type + ": " + quoted(error.message, 200);
}

reason run_at_ahead(const task& row, timestamp now) {
  return {"run_at_ahead",
          row.run_at > now
              ? "It is not to run before its run_at, " + when(row.run_at, now) + "."
              : "Its run_at was " + when(row.run_at, now) + "; it is about to be queued."};
}

reason retry_backoff(const task& row, timestamp now) {
  const bool postponed = !row.attempts.empty() && row.attempts.back().outcome == "postponed";
  std::string text = postponed ? "The handler asked in attempt " + std::to_string(row.attempt)
                                     + " to be run again later"
                               : "Failure " + std::to_string(row.failures) + " of at most "
                                     + std::to_string(row.spec.max_attempts);
  if (!postponed && row.error)
    text += " (" + text_of(*row.error) + ")";
  return {"retry_backoff", text + (postponed ? ": " : " is followed by another attempt ")
                               + when(row.run_at, now) + "."};
}

reason waiting_for(const pending_upstream& upstream) {
  std::string text = "It waits for " + counted(static_cast<int64_t>(upstream.count), "task");
  const auto* separator = ": ";
  for (const auto& [id, state] : upstream.first) {
    text.append(separator).append(id.to_string()).append(" (").append(to_string(state)).append(")");
    separator = ", ";
  }
  if (upstream.count > upstream.first.size())
    text += ", and " + std::to_string(upstream.count - upstream.first.size()) + " more";
  return {"waiting_for", text + "."};
}

reason running(const task& row, const circumstances& known) {
  for (const auto& worker : known.workers)
    if (worker.state == worker_view::what::running && worker.attempt->id == row.id)
      return {"running", "Attempt " + std::to_string(row.attempt) + " runs on " + worker.name
                             + " since " + to_rfc3339(worker.since) + ", for "
                             + text_of(known.now - worker.since) + "."};
  return {"running", "Attempt " + std::to_string(row.attempt)
                         + " is handed out, and a worker is about to begin or has just ended it."};
}

reason ended(const task& row, timestamp now) {
  std::string text = "It " + std::string(row.state == task_state::cancelled ? "was " : "")
                     + std::string(to_string(row.state));
  if (row.finished_at)
    text += " " + when(*row.finished_at, now);
  if (row.cancel_reason)
    text += ", reason: " + std::string(to_string(*row.cancel_reason));
  if (row.state == task_state::failed && row.error)
    text += ", with " + text_of(*row.error);
  return {"ended", text + "."};
}

/// Nothing if some worker is free.
std::optional<reason> workers_busy(const std::vector<worker_view>& workers) {
  std::map<std::string, int64_t> by_kind;
  int64_t busy = 0, stuck = 0;
  for (const auto& worker : workers) {
    switch (worker.state) {
    case worker_view::what::idle:
      return std::nullopt;
    case worker_view::what::running:
      ++busy;
      ++by_kind[worker.kind];
      break;
    case worker_view::what::stuck:
      ++stuck;
      break;
    }
  }
  std::string text = busy > 0 ? std::to_string(busy) + " of " + counted(busy, "worker") + " busy"
                              : "There is no worker that could take it";
  const auto* separator = ": ";
  for (const auto& [kind, n] : by_kind) {
    text.append(separator).append(std::to_string(n)).append(" with ").append(kind);
    separator = ", ";
  }
  if (stuck > 0)
    text +=
        "; " + counted(stuck, "handler") + " ignored the end of timeout_s, and each keeps a thread";
  return reason{"workers_busy", text + "."};
}

reason behind_others(const task_place& place) {
  const auto n = std::min(*place.ready_before, place_counted_max);
  return {"behind_others", (n < *place.ready_before ? "More than " : "") + counted(n, "ready task")
                               + " of the queue " + place.row.spec.queue
                               + (n == 1 ? " comes" : " come") + " before it, by priority or age."};
}

void explain_ready(const circumstances& known, std::vector<reason>& reasons) {
  if (known.place.ready_before.value_or(0) > 0)
    reasons.push_back(behind_others(known.place));
  if (auto busy = workers_busy(known.workers))
    reasons.push_back(std::move(*busy));
  if (reasons.empty())
    reasons.push_back({"about_to_start", "Nothing holds it up: a worker is about to take it."});
}

} // namespace

std::vector<reason> explain(const circumstances& known) {
  const auto& row = known.place.row;
  if (is_final(row.state))
    return {ended(row, known.now)};
  std::vector<reason> reasons;
  if (!known.store.ok())
    reasons.push_back({"store_failing", "The store takes no writes, so nothing can start or end: "
                                            + known.store.message()});
  switch (row.state) {
  case task_state::scheduled:
    reasons.push_back(run_at_ahead(row, known.now));
    break;
  case task_state::retrying:
    reasons.push_back(retry_backoff(row, known.now));
    break;
  case task_state::queued:
    explain_ready(known, reasons);
    break;
  case task_state::running:
    reasons.push_back(running(row, known));
    break;
  case task_state::waiting:
    reasons.push_back(waiting_for(known.place.waits_for));
    break;
  case task_state::succeeded:
  case task_state::failed:
  case task_state::cancelled:
    break;
  }
  if (row.cancel_requested)
    reasons.push_back({"cancel_requested",
                       "A client cancelled it; it ends with this attempt, unless that succeeds."});
  if (!known.has_handler)
    reasons.push_back({"no_handler", "No handler of this server is for the kind " + row.spec.kind
                                         + "; it stays as it is until there is one."});
  return reasons;
}

std::optional<int64_t> position_in_queue(const task_place& place) {
  if (!place.ready_before || *place.ready_before > place_counted_max)
    return std::nullopt;
  return *place.ready_before + 1;
}

} // namespace errand
