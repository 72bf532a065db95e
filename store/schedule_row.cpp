#include "store/schedule_row.hpp"

#include "store/task_row.hpp"

#include <nlohmann/json.hpp>

namespace errand {

namespace {

using nlohmann::json;

task_spec task_from_json(const std::string& text) {
  task_spec spec;
  const auto parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object())
    return spec;
  const auto time = [&](const char* name, duration otherwise) {
    return duration(parsed.value(name, otherwise.count()));
  };
  const auto part = [&](const char* name) {
    return parsed.contains(name) ? std::optional(parsed[name].dump()) : std::nullopt;
  };
  spec.kind = parsed.value("kind", spec.kind);
  spec.queue = parsed.value("queue", spec.queue);
  spec.priority = parsed.value("priority", spec.priority);
  spec.delay = time("delay_us", spec.delay);
  spec.timeout = time("timeout_us", spec.timeout);
  spec.max_attempts = parsed.value("max_attempts", spec.max_attempts);
  spec.max_crashes = parsed.value("max_crashes", spec.max_crashes);
  spec.group = parsed.value("group", spec.group);
  spec.callback_url = parsed.value("callback_url", spec.callback_url);
  spec.retry = retry_from_json(part("retry"));
  spec.tags = tags_from_json(part("tags"));
  if (parsed.contains("expires_in_us"))
    spec.expires_in = time("expires_in_us", {});
  if (parsed.contains("unique_key"))
    spec.unique = unique_rule{parsed.value("unique_key", std::string()),
                              static_cast<unique_until>(parsed.value("unique_until", 2)),
                              time("unique_window_us", {}),
                              static_cast<unique_conflict>(parsed.value("unique_conflict", 1))};
  return spec;
}

} // namespace

const char* const schedule_columns =
    "number, name, cron, every_us, anchor_us, time_zone, task, args, missed, overlap, paused,"
    " created_at_us, updated_at_us, next_run_at_us, last_run_at_us, last_task, last_task_tail,"
    " outcome, outcome_at_us, outcome_detail";

schedule read_schedule(const sqlite_execution& row) {
  schedule s;
  int i = 0;
  s.number = row.integer(i++);
  s.name = row.text(i++);
  s.spec.cron = row.text(i++);
  s.spec.every = duration(row.integer(i++));
  s.anchor = row.time(i++);
  s.spec.time_zone = row.text(i++);
  s.spec.task = task_from_json(row.text(i++));
  s.spec.task.args_json = row.text(i++);
  s.spec.missed = static_cast<missed_policy>(row.integer(i++));
  s.spec.overlap = static_cast<overlap_policy>(row.integer(i++));
  s.spec.paused = row.integer(i++) != 0;
  s.created_at = row.time(i++);
  s.updated_at = row.time(i++);
  s.next_run_at = row.maybe_time(i++);
  s.last_run_at = row.maybe_time(i++);
  if (!row.is_null(i))
    s.last_task = task_id::from_parts(row.integer(i), row.integer(i + 1));
  i += 2;
  if (!row.is_null(i))
    s.last_outcome = fire_outcome{row.time(i + 1), static_cast<fire_outcome::what>(row.integer(i)),
                                  row.text(i + 2)};
  return s;
}

std::string scheduled_task_to_json(const task_spec& spec) {
  json out{{"kind", spec.kind},
           {"queue", spec.queue},
           {"priority", spec.priority},
           {"delay_us", spec.delay.count()},
           {"timeout_us", spec.timeout.count()},
           {"max_attempts", spec.max_attempts},
           {"max_crashes", spec.max_crashes},
           {"group", spec.group}};
  if (const auto retry = retry_to_json(spec.retry))
    out["retry"] = json::parse(*retry);
  if (const auto tags = tags_to_json(spec.tags))
    out["tags"] = json::parse(*tags);
  if (!spec.callback_url.empty())
    out["callback_url"] = spec.callback_url;
  if (spec.expires_in)
    out["expires_in_us"] = spec.expires_in->count();
  if (const auto& rule = spec.unique) {
    out["unique_key"] = rule->key;
    out["unique_until"] = static_cast<int>(rule->until);
    out["unique_window_us"] = rule->window.count();
    out["unique_conflict"] = static_cast<int>(rule->on_conflict);
  }
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace errand
