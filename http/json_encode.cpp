// encode_task(), encode_page(): what a client gets back. Fields in the order of the documentation.
#include "http/json_codec.hpp"

#include "http/cursor.hpp"
#include "http/json_writer.hpp"

namespace errand {

namespace {

/// What a task takes beside its own texts: about that of a small one.
constexpr size_t usual_size = 768;

void write_error(json_writer& w, const std::optional<task_error>& error) {
  if (!error) {
    w.null();
    return;
  }
  w.begin_object();
  w.key("type").string(error->type);
  w.key("message").string(error->message);
  w.key("attempt").integer(error->attempt);
  w.end_object();
}

void write_progress(json_writer& w, const std::optional<task_progress>& progress) {
  if (!progress) {
    w.null();
    return;
  }
  w.begin_object();
  w.key("fraction").number(progress->fraction);
  w.key("message").string_if_any(progress->message);
  w.end_object();
}

void write_tags(json_writer& w, const tag_map& tags) {
  w.begin_object();
  for (const auto& [key, value] : tags)
    w.key(key).string(value);
  w.end_object();
}

void write_attempts(json_writer& w, const std::vector<attempt_record>& attempts) {
  w.begin_array();
  for (const auto& attempt : attempts) {
    w.begin_object();
    w.key("number").integer(attempt.number);
    w.key("started_at").time(attempt.started_at);
    w.key("finished_at").time(attempt.finished_at);
    w.key("worker").string_if_any(attempt.worker);
    w.key("outcome").string(attempt.outcome);
    write_error(w.key("error"), attempt.error);
    w.key("next_run_at").time(attempt.next_run_at);
    w.end_object();
  }
  w.end_array();
}

void write_retry(json_writer& w, const retry_policy& retry) {
  w.begin_object();
  w.key("min_backoff_s").seconds(retry.min_backoff);
  w.key("max_backoff_s").seconds(retry.max_backoff);
  w.key("factor").number(retry.factor);
  w.key("jitter").number(retry.jitter);
  w.end_object();
}

void write_unique(json_writer& w, const unique_rule& rule) {
  w.begin_object();
  w.key("key").string(rule.key);
  w.key("until").string(to_string(rule.until));
  if (rule.until == unique_until::window)
    w.key("window_s").seconds(rule.window);
  w.key("on_conflict").string(to_string(rule.on_conflict));
  w.end_object();
}

void write_after(json_writer& w, const task_spec& spec) {
  w.key("after").begin_array();
  for (const auto& id : spec.after)
    w.string(id.to_string());
  w.end_array();
  w.key("on_dependency_failure").string(to_string(spec.on_dependency_failure));
}

/// What is shown only if it was asked for.
void write_wishes(json_writer& w, const task_spec& spec) {
  if (!spec.after.empty())
    write_after(w, spec);
  if (spec.expires_at)
    w.key("expires_at").time(*spec.expires_at);
  if (spec.unique)
    write_unique(w.key("unique"), *spec.unique);
  if (!spec.group.empty())
    w.key("group").string(spec.group);
  if (!spec.callback_url.empty())
    w.key("callback_url").string(spec.callback_url);
}

void write_args(json_writer& w, const std::string& args_json, const redaction& hidden) {
  if (hidden.may_concern(args_json))
    w.raw(hidden.shown(args_json));
  else
    w.raw(args_json);
}

/// All but the closing bracket.
void write_task_fields(json_writer& w, const task& row, const redaction& hidden) {
  w.begin_object();
  w.key("id").string(row.id.to_string());
  w.key("kind").string(row.spec.kind);
  write_args(w.key("args"), row.spec.args_json, hidden);
  w.key("queue").string(row.spec.queue);
  w.key("priority").integer(row.spec.priority);
  w.key("state").string(to_string(row.state));
  write_tags(w.key("tags"), row.spec.tags);
  w.key("timeout_s").seconds(row.spec.timeout);
  w.key("max_attempts").integer(row.spec.max_attempts);
  w.key("max_crashes").integer(row.spec.max_crashes);
  write_retry(w.key("retry"), row.spec.retry);
  write_wishes(w, row.spec);
  w.key("created_at").time(row.created_at);
  w.key("run_at").time(row.run_at);
  w.key("started_at").time(row.started_at);
  w.key("finished_at").time(row.finished_at);
  w.key("attempt").integer(row.attempt);
  write_progress(w.key("progress"), row.progress);
  w.key("result").raw(row.result_json ? std::string_view(*row.result_json) : "null");
  write_error(w.key("error"), row.error);
  w.key("cancel_requested").boolean(row.cancel_requested);
  if (row.cancel_reason)
    w.key("cancel_reason").string(to_string(*row.cancel_reason));
  else
    w.key("cancel_reason").null();
  w.key("worker").string_if_any(row.worker);
  w.key("schedule").string_if_any(row.schedule);
  if (row.nominal_at)
    w.key("nominal_at").time(*row.nominal_at);
  if (!row.spec.traceparent.empty())
    w.key("traceparent").string(row.spec.traceparent);
}

} // namespace

void write_spec(json_writer& w, const task_spec& spec, const redaction& hidden) {
  w.begin_object();
  w.key("kind").string(spec.kind);
  write_args(w.key("args"), spec.args_json, hidden);
  w.key("queue").string(spec.queue);
  w.key("priority").integer(spec.priority);
  write_tags(w.key("tags"), spec.tags);
  w.key("timeout_s").seconds(spec.timeout);
  w.key("max_attempts").integer(spec.max_attempts);
  w.key("max_crashes").integer(spec.max_crashes);
  write_retry(w.key("retry"), spec.retry);
  if (spec.delay > duration{0})
    w.key("delay_s").seconds(spec.delay);
  if (spec.expires_in)
    w.key("expires_in_s").seconds(*spec.expires_in);
  write_wishes(w, spec);
  w.end_object();
}

void write_warnings(json_writer& w, const std::vector<std::string>& warnings) {
  if (warnings.empty())
    return;
  w.key("warnings").begin_array();
  for (const auto& warning : warnings)
    w.string(warning);
  w.end_array();
}

std::string encode_task(const task& row, const redaction& hidden, bool with_attempts,
                        const submit_notes& notes) {
  std::string out;
  out.reserve(usual_size + row.spec.args_json.size()
              + (row.result_json ? row.result_json->size() : 0));
  json_writer w(out);
  write_task_fields(w, row, hidden);
  if (with_attempts)
    write_attempts(w.key("attempts"), row.attempts);
  if (notes.duplicate)
    w.key("duplicate").boolean(true);
  write_warnings(w, notes.warnings);
  w.end_object();
  return out;
}

/// For who works on it: with all of its args.
void write_task(json_writer& w, const task& row) {
  write_task_fields(w, row, redaction{});
  w.end_object();
}

std::string encode_page(const std::vector<task>& tasks, const redaction& hidden,
                        std::optional<int64_t> next) {
  std::string out;
  out.reserve(usual_size * (tasks.size() + 1));
  json_writer w(out);
  w.begin_object();
  w.key("tasks").begin_array();
  for (const auto& row : tasks) {
    write_task_fields(w, row, hidden);
    w.end_object();
  }
  w.end_array();
  w.key("next_cursor").string_if_any(next ? encode_cursor(*next) : std::string());
  w.end_object();
  return out;
}

} // namespace errand
