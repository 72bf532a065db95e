// Attempts that are given away. A lease is a row beside the running task's: it goes with every end
// of the attempt, and only here an attempt with a lease ends.
#include "store/sqlite_store.hpp"
#include "store/task_row.hpp"

#include <algorithm>
#include <utility>

namespace errand {

namespace {

constexpr const char* timeout_message =
    "The attempt reached its timeout_s before its worker told how it ended.";

/// Of the first `max` rows.
template <class Condition>
std::vector<int64_t> first_column(sqlite_statement& statement, const Condition& condition,
                                  size_t max) {
  std::vector<int64_t> values;
  sqlite_execution row(statement, condition, static_cast<int64_t>(max));
  while (row.next())
    values.push_back(row.integer(0));
  return values;
}

} // namespace

/// A lease as its row and its task's tell it.
struct sqlite_store::leased {
  attempt_ref attempt;
  int64_t secret;
  std::string worker;
  duration length;
  timestamp expires_at;
  timestamp deadline;
  timestamp started_at;
  bool cancel_requested;
};

std::optional<lease> sqlite_store::grant_lease(const attempt_spec& attempt, const lease_wish& to,
                                               timestamp now) {
  return verb([&]() -> std::optional<lease> {
    auto row = find(attempt.ref.id);
    if (!row || row->state != task_state::running || row->attempt != attempt.ref.attempt)
      return std::nullopt;
    lease given;
    given.token = {attempt.ref, static_cast<int64_t>(secrets_.next())};
    const auto deadline = attempt.started_at + attempt.timeout;
    given.expires_at = std::min(now + to.length, deadline);
    sqlite_execution(lease_sql_.grant, attempt.ref.id.sequence(), given.token.secret, to.worker,
                     to.length, given.expires_at, deadline)
        .run();
    if (row->spec.after.empty())
      given.upstream.emplace();
    else
      given.upstream = upstream_of(attempt.ref.id);
    given.task = std::move(*row);
    return given;
  });
}

/// Nothing if it is too much.
std::optional<std::vector<upstream_result>> sqlite_store::upstream_of(const task_id& id) {
  std::vector<upstream_result> results;
  size_t bytes = 0;
  sqlite_execution row(lease_sql_.upstream, id.sequence());
  while (row.next()) {
    bytes += row.size(2);
    if (bytes > lease_upstream_max)
      return std::nullopt;
    results.push_back({task_id::from_parts(row.integer(0), row.integer(1)), row.maybe_text(2)});
  }
  return results;
}

/// Whatever has become of its time.
std::optional<sqlite_store::leased> sqlite_store::find_lease(int64_t sequence) {
  sqlite_execution row(lease_sql_.find, sequence);
  if (!row.next())
    return std::nullopt;
  return leased{{task_id::from_parts(sequence, row.integer(0)), static_cast<int>(row.integer(1))},
                row.integer(2),
                row.text(3),
                duration(row.integer(4)),
                row.time(5),
                row.time(6),
                row.time(7),
                row.integer(8) != 0};
}

/// Only if it still holds.
std::optional<sqlite_store::leased> sqlite_store::find_lease(const lease_token& token,
                                                             timestamp now) {
  auto found = find_lease(token.attempt.id.sequence());
  if (found && now < found->expires_at && token == lease_token{found->attempt, found->secret})
    return found;
  return std::nullopt;
}

std::optional<lease_change> sqlite_store::keep_lease(const lease_sign& sign, timestamp now) {
  return verb([&]() -> std::optional<lease_change> {
    lease_change change;
    const auto held = find_lease(sign.token, now);
    if (!held)
      return change;
    change.state = {held->cancel_requested ? lease_state::what::cancel_requested
                                           : lease_state::what::ok,
                    std::min(now + sign.extend_by.value_or(held->length), held->deadline)};
    sqlite_execution(lease_sql_.extend, change.state.expires_at, held->attempt.id.sequence()).run();
    if (sign.progress || !sign.lines.empty())
      change.fact = note({held->attempt, sign.progress, sign.lines});
    return change;
  });
}

std::optional<task_fact> sqlite_store::end_lease(const lease_end& end, timestamp now) {
  return verb([&]() -> std::optional<task_fact> {
    const auto held = find_lease(end.token, now);
    if (!held)
      return std::nullopt;
    if (!end.lines.empty())
      note({held->attempt, std::nullopt, end.lines});
    sqlite_execution(lease_sql_.drop, held->attempt.id.sequence()).run();
    if (end.released)
      return release(held->attempt, now);
    auto report = report_of(*held, end.outcome, now);
    report.result_json = end.result_json;
    report.error_type = end.error_type;
    report.error_message = end.error_message;
    report.retry_in = end.retry_in;
    return finish(report);
  });
}

attempt_report sqlite_store::report_of(const leased& held, attempt_outcome outcome, timestamp now) {
  attempt_report report;
  report.ref = held.attempt;
  report.outcome = outcome;
  report.worker = held.worker;
  report.started_at = held.started_at;
  report.finished_at = now;
  report.ran = ran_unmeasured(held.attempt.id.sequence(), held.deadline - held.started_at, now);
  return report;
}

/// Ends those leases; `end(held)` is what becomes of the attempt of one.
template <class End>
std::vector<task_fact> sqlite_store::end_leases(const std::vector<int64_t>& sequences, End end) {
  std::vector<task_fact> facts;
  for (const auto sequence : sequences) {
    const auto held = find_lease(sequence);
    sqlite_execution(lease_sql_.drop, sequence).run();
    if (auto fact = held ? end(*held) : std::nullopt)
      facts.push_back(std::move(*fact));
  }
  return facts;
}

expired_leases sqlite_store::end_expired_leases(timestamp now, size_t max) {
  return verb([&] {
    expired_leases ended;
    const auto end = [&](const leased& held) {
      if (held.expires_at < held.deadline) { // however late that is noticed
        ended.unheard.insert(held.worker);
        return lose(held.attempt, now);
      }
      auto report = report_of(held, attempt_outcome::failed, now);
      report.error_type = timeout_error;
      report.error_message = timeout_message;
      return finish(report);
    };
    ended.facts = end_leases(first_column(lease_sql_.expired, now, max), end);
    return ended;
  });
}

std::vector<task_fact> sqlite_store::release_leases(const std::string& worker, timestamp now,
                                                    size_t max) {
  return verb([&] {
    const auto end = [&](const leased& held) { return release(held.attempt, now); };
    return end_leases(first_column(lease_sql_.of_worker, worker, max), end);
  });
}

} // namespace errand
