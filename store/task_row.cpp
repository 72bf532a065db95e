// Columns to members and back.
#include "store/task_row.hpp"

#include <nlohmann/json.hpp>

namespace errand {

namespace {

std::string outcome_of(const task& row) {
  if (row.error && row.error->type == worker_lost && row.error->attempt == row.attempt)
    return "lost";
  return std::string(to_string(row.state)); // running, succeeded, failed, cancelled
}

} // namespace

const char* const task_columns =
    "seq, tail, state, queue, priority, kind,"
    " coalesce(args, (SELECT args FROM long_args WHERE long_args.seq = tasks.seq)), tags,"
    " traceparent, timeout_us, delay_us, asked_run_at_us, created_at_us, run_at_us, attempt, "
    "crashes, failures, max_attempts, max_crashes, retry, on_dependency_failure,"
    " unique_key, unique_until, unique_window_us, unique_conflict, expires_at_us, group_name,"
    " cancel_requested, cancel_reason, progress, progress_message,"
    " started_at_us, worker, finished_at_us, result, error_type, error_message, error_attempt,"
    " schedule, nominal_at_us, callback_url";

const char* const select_after = "SELECT upstream, tail FROM dependencies"
                                 " INDEXED BY dependencies_by_downstream"
                                 " WHERE downstream = ? ORDER BY upstream";

const char* const select_upstream_results =
    "SELECT d.upstream, d.tail, t.result FROM dependencies AS d"
    " INDEXED BY dependencies_by_downstream LEFT JOIN tasks AS t"
    " ON t.seq = d.upstream AND t.state = {succeeded}"
    " WHERE d.downstream = ? ORDER BY d.upstream";

task read_task(const sqlite_execution& row, sqlite_statement& after) {
  task t;
  int i = 0;
  const auto sequence = row.integer(i++);
  t.id = task_id::from_parts(sequence, row.integer(i++));
  t.state = row.state(i++);
  t.spec.queue = row.text(i++);
  t.spec.priority = static_cast<int>(row.integer(i++));
  t.spec.kind = row.text(i++);
  t.spec.args_json = row.text(i++);
  t.spec.tags = tags_from_json(row.maybe_text(i++));
  t.spec.traceparent = row.text(i++);
  t.spec.timeout = duration(row.integer(i++));
  t.spec.delay = duration(row.integer(i++));
  t.spec.run_at = row.maybe_time(i++);
  t.created_at = row.time(i++);
  t.run_at = row.time(i++);
  t.attempt = static_cast<int>(row.integer(i++));
  t.crashes = static_cast<int>(row.integer(i++));
  t.failures = static_cast<int>(row.integer(i++));
  t.spec.max_attempts = static_cast<int>(row.integer(i++));
  t.spec.max_crashes = static_cast<int>(row.integer(i++));
  t.spec.retry = retry_from_json(row.maybe_text(i++));
  if (const int policy = i++; !row.is_null(policy)) {
    t.spec.on_dependency_failure = static_cast<dependency_policy>(row.integer(policy));
    sqlite_execution upstream(after, sequence);
    while (upstream.next())
      t.spec.after.push_back(task_id::from_parts(upstream.integer(0), upstream.integer(1)));
  }
  if (auto key = row.maybe_text(i++)) {
    auto& rule = t.spec.unique.emplace();
    rule.key = std::move(*key);
    rule.until = static_cast<unique_until>(row.integer(i));
    rule.window = duration(row.integer(i + 1));
    rule.on_conflict = static_cast<unique_conflict>(row.integer(i + 2));
  }
  i += 3;
  t.spec.expires_at = row.maybe_time(i++);
  t.spec.group = row.text(i++);
  t.cancel_requested = row.integer(i++) != 0;
  if (const int reason = i++; t.state == task_state::cancelled)
    t.cancel_reason = static_cast<cancel_reason>(row.integer(reason));
  if (const int progress = i++; !row.is_null(progress))
    t.progress = task_progress{row.number(progress), row.text(progress + 1)};
  ++i;
  t.started_at = row.maybe_time(i++);
  t.worker = row.text(i++);
  t.finished_at = row.maybe_time(i++);
  t.result_json = row.maybe_text(i++);
  if (auto type = row.maybe_text(i))
    t.error = task_error{std::move(*type), row.text(i + 1), static_cast<int>(row.integer(i + 2))};
  i += 3;
  t.schedule = row.text(i++);
  t.nominal_at = row.maybe_time(i++);
  t.spec.callback_url = row.text(i++);
  return t;
}

std::optional<std::string> tags_to_json(const tag_map& tags) {
  if (tags.empty())
    return std::nullopt;
  return nlohmann::json(tags).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

tag_map tags_from_json(const std::optional<std::string>& text) {
  tag_map tags;
  if (!text)
    return tags;
  const auto parsed = nlohmann::json::parse(*text, nullptr, false);
  if (parsed.is_object())
    for (const auto& [name, value] : parsed.items())
      if (value.is_string())
        tags.emplace(name, value.get<std::string>());
  return tags;
}

std::optional<std::string> retry_to_json(const retry_policy& policy) {
  if (policy == retry_policy{})
    return std::nullopt;
  return nlohmann::json{{"min_backoff_us", policy.min_backoff.count()},
                        {"max_backoff_us", policy.max_backoff.count()},
                        {"factor", policy.factor},
                        {"jitter", policy.jitter}}
      .dump();
}

retry_policy retry_from_json(const std::optional<std::string>& text) {
  retry_policy policy;
  if (!text)
    return policy;
  const auto parsed = nlohmann::json::parse(*text, nullptr, false);
  if (!parsed.is_object())
    return policy;
  policy.min_backoff = duration(parsed.value("min_backoff_us", policy.min_backoff.count()));
  policy.max_backoff = duration(parsed.value("max_backoff_us", policy.max_backoff.count()));
  policy.factor = parsed.value("factor", policy.factor);
  policy.jitter = parsed.value("jitter", policy.jitter);
  return policy;
}

std::optional<attempt_record> last_attempt(const task& row) {
  if (row.attempt == 0)
    return std::nullopt;
  attempt_record last;
  last.number = row.attempt;
  last.started_at = row.started_at.value_or(timestamp{});
  last.finished_at = row.finished_at;
  last.worker = row.worker;
  last.outcome = outcome_of(row);
  if (row.error && row.error->attempt == row.attempt)
    last.error = row.error;
  return last;
}

} // namespace errand
