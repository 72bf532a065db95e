#include "http/explain.hpp"

#include "http/json_writer.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

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

/// Null if no worker outside has the attempt.
const lease_view* lease_of(const task& row, const lease_views_ptr& leases) {
  if (!leases)
    return nullptr;
  const auto found = std::find_if(leases->begin(), leases->end(), [&](const lease_view& lease) {
    return lease.attempt.id == row.id && lease.attempt.attempt == row.attempt;
  });
  return found == leases->end() ? nullptr : &*found;
}

reason running(const task& row, const circumstances& known) {
  for (const auto& worker : known.workers)
    if (worker.state == worker_view::what::running && worker.attempt
        && worker.attempt->id == row.id)
      return {"running", "Attempt " + std::to_string(row.attempt) + " runs on " + worker.name
                             + " since " + to_rfc3339(worker.since) + ", for "
                             + text_of(known.now - worker.since) + "."};
  if (const auto* lease = lease_of(row, known.leases))
    return {"running", "Attempt " + std::to_string(row.attempt) + " is leased to the worker "
                           + lease->worker + " since " + to_rfc3339(lease->since) + ", for "
                           + text_of(known.now - lease->since) + "; the lease "
                           + (lease->expires_at > known.now ? "ends " : "ended ")
                           + when(lease->expires_at, known.now) + "."};
  return {"running", "Attempt " + std::to_string(row.attempt)
                         + " is handed out: a worker is about to begin or has just ended it, or it"
                           " is one of more leases than can be shown."};
}

reason ended(const task& row, timestamp now) {
  std::string text = row.state == task_state::cancelled ? "It was " : "It ";
  text += to_string(row.state);
  if (row.finished_at)
    text += " " + when(*row.finished_at, now);
  if (row.cancel_reason)
    text += ", reason: " + std::string(to_string(*row.cancel_reason));
  if (row.cancel_reason == cancel_reason::handler && row.error)
    text += ", which said: " + quoted(row.error->message, 200);
  if (row.state == task_state::failed && row.error)
    text += ", with " + text_of(*row.error);
  return {"ended", text + "."};
}

/// That none of those workers outside waits, and what is known of them.
std::string absence_of(int64_t with_leases, int64_t without) {
  std::string text = "of the workers outside none waits for such tasks: ";
  if (with_leases > 0)
    text += std::to_string(with_leases) + (with_leases == 1 ? " has" : " have") + " leases";
  if (with_leases > 0 && without > 0)
    text += ", ";
  if (without > 0)
    text += std::to_string(without) + (without == 1 ? " does" : " do")
            + " not ask for tasks at the moment";
  return text;
}

/// Those that may run such a task. Nothing if one of them is free.
std::optional<reason> workers_busy(const circumstances& known) {
  const auto& spec = known.place.row.spec;
  std::set<std::string_view> lessees;
  if (known.leases)
    for (const auto& lease : *known.leases)
      lessees.insert(lease.worker);
  std::map<std::string, int64_t> by_kind;
  int64_t busy = 0, stuck = 0, away_with_leases = 0, away_without = 0;
  for (const auto& worker : known.workers) {
    if (worker.runs && !worker.runs->takes(spec.queue, spec.kind))
      continue;
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
    case worker_view::what::away:
      ++(lessees.contains(worker.name) ? away_with_leases : away_without);
      break;
    }
  }
  const bool has_away = away_with_leases + away_without > 0;
  std::string text = busy > 0   ? std::to_string(busy) + " of " + counted(busy, "worker") + " busy"
                     : has_away ? "No worker of this server could take it"
                                : "There is no worker that could take it";
  const auto* separator = ": ";
  for (const auto& [kind, n] : by_kind) {
    text.append(separator).append(std::to_string(n)).append(" with ").append(kind);
    separator = ", ";
  }
  if (stuck > 0)
    text +=
        "; " + counted(stuck, "handler") + " ignored the end of timeout_s, and each keeps a thread";
  if (has_away)
    text += "; " + absence_of(away_with_leases, away_without);
  return reason{"workers_busy", text + "."};
}

/// Whether somebody outside of this server would take it.
bool is_offered(const circumstances& known) {
  const auto& spec = known.place.row.spec;
  return std::any_of(known.workers.begin(), known.workers.end(), [&](const worker_view& worker) {
    return worker.pool.empty() && worker.runs && worker.runs->takes(spec.queue, spec.kind);
  });
}

reason behind_others(const task_place& place) {
  const auto n = std::min(*place.ready_before, place_counted_max);
  return {"behind_others", (n < *place.ready_before ? "More than " : "") + counted(n, "ready task")
                               + (place.row.spec.group.empty() ? "" : " of its group")
                               + " of the queue " + place.row.spec.queue
                               + (n == 1 ? " comes" : " come") + " before it, by priority or age."};
}

reason queue_paused(const std::string& queue, const queue_settings& settings, timestamp now) {
  std::string text = "The queue " + queue + " is paused";
  if (settings.paused_until)
    text += " until " + to_rfc3339(*settings.paused_until) + ", for "
            + text_of(*settings.paused_until - now) + " more.";
  else
    text += ": nothing of it starts until it is resumed.";
  return {"queue_paused", std::move(text)};
}

/// Nothing as long as the limit is not reached.
std::optional<reason> limit_reached(std::string code, const std::string& whose,
                                    std::optional<int64_t> limit, int64_t n,
                                    const std::vector<task_id>& first) {
  if (!limit || n < *limit)
    return std::nullopt;
  std::string text = whose + " may run " + counted(*limit, "attempt") + " at a time, and "
                     + std::to_string(n) + (n == 1 ? " runs" : " run");
  const auto* separator = ": ";
  for (const auto& id : first) {
    text.append(separator).append(id.to_string());
    separator = ", ";
  }
  if (const auto more = n - static_cast<int64_t>(first.size()); more > 0)
    text += ", and " + std::to_string(more) + " more";
  return reason{std::move(code), text + "."};
}

/// Nothing if the bucket has a token, as far as is known: its level is told with each claim.
std::optional<reason> rate_used_up(const task_place& place, timestamp now) {
  const auto& rate = place.queue.rate;
  if (!rate || !place.bucket)
    return std::nullopt;
  const auto per_token =
      std::chrono::duration<double, std::micro>(rate->per) / static_cast<double>(rate->limit);
  const auto [tokens, at] = *place.bucket;
  if (tokens >= 1)
    return std::nullopt;
  // A time ahead is that of a clock that was put back since: the bucket fills from now on.
  const auto next = std::min(at, now) + std::chrono::ceil<duration>(per_token * (1 - tokens));
  if (next <= now)
    return std::nullopt;
  return reason{"queue_rate", "The queue " + place.row.spec.queue + " may start "
                                  + counted(rate->limit, "attempt") + " per " + text_of(rate->per)
                                  + ", and has; the next one may start " + when(next, now) + "."};
}

void explain_limits(const circumstances& known, std::vector<reason>& reasons) {
  const auto& place = known.place;
  const auto& spec = place.row.spec;
  const auto& beside = place.beside;
  const auto note = [&](std::optional<reason> found) {
    if (found)
      reasons.push_back(std::move(*found));
  };
  note(limit_reached("queue_concurrency", "The queue " + spec.queue, place.queue.concurrency,
                     beside.in_queue, beside.first_in_queue));
  if (!spec.group.empty())
    note(limit_reached("group_concurrency",
                       "Each group of the queue " + spec.queue + ", so also " + quoted(spec.group),
                       place.queue.group_concurrency, beside.in_group, beside.first_in_group));
  note(rate_used_up(place, known.now));
}

void explain_ready(const circumstances& known, std::vector<reason>& reasons) {
  explain_limits(known, reasons);
  if (known.place.ready_before.value_or(0) > 0)
    reasons.push_back(behind_others(known.place));
  if (!known.has_handler && !is_offered(known))
    return; // which is told in any state
  if (auto busy = workers_busy(known))
    reasons.push_back(std::move(*busy));
  if (reasons.empty() && !is_paused(known.place.queue, known.now))
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
  if (row.state != task_state::running && is_paused(known.place.queue, known.now))
    reasons.insert(row.state == task_state::queued ? reasons.begin() : reasons.end(),
                   queue_paused(row.spec.queue, known.place.queue, known.now));
  if (row.cancel_requested)
    reasons.push_back({"cancel_requested",
                       "A client cancelled it; it ends with this attempt, unless that succeeds."});
  if (row.state != task_state::running && !known.has_handler && !is_offered(known))
    reasons.push_back(
        {"no_handler", "No handler of this server is for the kind " + row.spec.kind
                           + ", and no worker outside offers to run it; it stays as it is until"
                             " somebody does."});
  return reasons;
}

std::optional<int64_t> position_in_queue(const task_place& place) {
  if (!place.ready_before || *place.ready_before > place_counted_max)
    return std::nullopt;
  return *place.ready_before + 1;
}

} // namespace errand
