#include "http/task_values.hpp"

#include "http/json_batch.hpp"
#include "http/json_codec.hpp"
#include "http/json_schedule.hpp"
#include "task/state.hpp"

namespace errand {

namespace {

using nlohmann::json;

// -- Into JSON ------------------------------------------------------------------------------------

std::string text_of(Time time) {
  return to_rfc3339(std::chrono::floor<duration>(time));
}

/// The enumerations of include/errand/ begin at 0, and those inside, which are stored, at 1.
template <class Inside, class Outside>
constexpr Inside inside_of(Outside value) {
  return static_cast<Inside>(static_cast<uint8_t>(value) + 1);
}

static_assert(inside_of<task_state>(TaskState::scheduled) == task_state::scheduled
              && inside_of<task_state>(TaskState::cancelled) == task_state::cancelled);
static_assert(inside_of<unique_until>(Unique::Until::started) == unique_until::started
              && inside_of<unique_until>(Unique::Until::window) == unique_until::window);
static_assert(inside_of<unique_conflict>(Unique::OnConflict::keep) == unique_conflict::keep
              && inside_of<unique_conflict>(Unique::OnConflict::reject) == unique_conflict::reject);
static_assert(inside_of<missed_policy>(Schedule::Missed::skip) == missed_policy::skip
              && inside_of<missed_policy>(Schedule::Missed::run_all) == missed_policy::run_all);
static_assert(inside_of<overlap_policy>(Schedule::Overlap::allow) == overlap_policy::allow
              && inside_of<overlap_policy>(Schedule::Overlap::cancel_previous)
                     == overlap_policy::cancel_previous);

json json_of(const Unique& unique) {
  json object{{"key", unique.key},
              {"until", to_string(inside_of<unique_until>(unique.until))},
              {"on_conflict", to_string(inside_of<unique_conflict>(unique.on_conflict))}};
  if (unique.until == Unique::Until::window)
    object["window_s"] = unique.window.count();
  return object;
}

json json_of(const TaskSpec& spec) {
  json object{{"kind", spec.kind},
              {"args", spec.args},
              {"queue", spec.queue},
              {"priority", spec.priority},
              {"timeout_s", spec.timeout.count()},
              {"max_attempts", spec.max_attempts},
              {"max_crashes", spec.max_crashes},
              {"retry",
               {{"min_backoff_s", spec.retry.min_backoff.count()},
                {"max_backoff_s", spec.retry.max_backoff.count()},
                {"factor", spec.retry.factor},
                {"jitter", spec.retry.jitter}}},
              {"after", spec.after},
              {"tags", spec.tags}};
  if (spec.delay)
    object["delay_s"] = spec.delay->count();
  if (spec.run_at)
    object["run_at"] = text_of(*spec.run_at);
  if (spec.expires_in)
    object["expires_in_s"] = spec.expires_in->count();
  if (spec.expires_at)
    object["expires_at"] = text_of(*spec.expires_at);
  if (spec.unique)
    object["unique"] = json_of(*spec.unique);
  if (!spec.group.empty())
    object["group"] = spec.group;
  if (spec.run_after_failure)
    object["on_dependency_failure"] = "run";
  if (!spec.callback_url.empty())
    object["callback_url"] = spec.callback_url;
  return object;
}

json json_of(const Schedule& what) {
  json object{{"task", json_of(what.task)},
              {"time_zone", what.time_zone},
              {"missed", to_string(inside_of<missed_policy>(what.missed))},
              {"overlap", to_string(inside_of<overlap_policy>(what.overlap))},
              {"paused", what.paused}};
  if (!what.cron.empty())
    object["cron"] = what.cron;
  if (what.every)
    object["every_s"] = what.every->count();
  // What a schedule's task may not have is refused also where it says nothing.
  if (what.task.after.empty())
    object["task"].erase("after");
  return object;
}

/// Text of a program need not be UTF-8; the rules for clients refuse what is not.
std::string dumped(const json& object) {
  try {
    return object.dump();
  } catch (const json::exception& error) {
    throw RequestError(RequestError::Fault::invalid,
                       std::string("it has text that is not UTF-8: ") + error.what());
  }
}

// -- Out of it ------------------------------------------------------------------------------------

RequestError refused(const problem& why) {
  if (!why.errors.empty())
    return refused(why.errors);
  return {RequestError::Fault::invalid, why.detail};
}

template <class Value, class Decoded>
Value taken(Decoded decoded) {
  if (const auto* why = std::get_if<problem>(&decoded))
    throw refused(*why);
  return std::move(std::get<Value>(decoded));
}

std::optional<Time> time_of(std::optional<timestamp> time) {
  return time ? std::optional<Time>(*time) : std::nullopt;
}

} // namespace

std::string_view to_string(TaskState state) {
  return to_string(inside_of<task_state>(state));
}

TaskState to_outside(task_state state) {
  return static_cast<TaskState>(static_cast<uint8_t>(state) - 1);
}

RequestError refused(const std::vector<field_error>& why) {
  std::string text;
  for (const auto& error : why)
    text += (text.empty() ? "" : "; ") + error.pointer + ' ' + error.detail;
  return {RequestError::Fault::invalid, text};
}

task_spec to_inside(const TaskSpec& spec) {
  return taken<task_spec>(decode_spec(dumped(json_of(spec))));
}

task_batch to_inside(const std::vector<TaskSpec>& specs) {
  auto tasks = json::array();
  for (const auto& spec : specs) {
    tasks.push_back(json_of(spec));
    tasks.back()["ref"] = std::to_string(tasks.size() - 1);
  }
  return taken<written_batch>(decode_batch(dumped({{"tasks", std::move(tasks)}}))).batch;
}

schedule_spec to_inside(const Schedule& what) {
  return taken<schedule_spec>(decode_schedule(dumped(json_of(what))));
}

task_id to_inside(const TaskId& id) {
  if (const auto parsed = task_id::parse(id))
    return *parsed;
  throw RequestError(RequestError::Fault::not_found, "there is no task \"" + id
                                                         + "\"; ids look like "
                                                           "01890a5d-ac96-774b-bcce-b302099a8057");
}

Task to_outside(const task& row) {
  Task made;
  made.id = row.id.to_string();
  made.kind = row.spec.kind;
  made.queue = row.spec.queue;
  made.args = json::parse(row.spec.args_json, nullptr, false);
  made.priority = row.spec.priority;
  made.tags = row.spec.tags;
  made.state = to_outside(row.state);
  made.created_at = row.created_at;
  made.run_at = row.run_at;
  made.started_at = time_of(row.started_at);
  made.finished_at = time_of(row.finished_at);
  made.attempt = row.attempt;
  if (row.result_json)
    made.result = json::parse(*row.result_json, nullptr, false);
  if (row.error)
    made.error = Task::Error{row.error->type, row.error->message, row.error->attempt};
  if (row.progress)
    made.progress = Task::Progress{row.progress->fraction, row.progress->message};
  made.cancel_requested = row.cancel_requested;
  if (row.cancel_reason)
    made.cancel_reason = to_string(*row.cancel_reason);
  return made;
}

RequestError to_outside(const status& why) {
  using fault = RequestError::Fault;
  const auto kind = [&] {
    switch (why.code()) {
    case ec::not_found:
      return fault::not_found;
    case ec::wrong_state:
      return fault::wrong_state;
    case ec::invalid:
    case ec::key_reused:
      return fault::invalid;
    case ec::store_full:
      return fault::store_full;
    case ec::draining:
      return fault::stopped;
    case ec::timed_out:
      return fault::timed_out;
    case ec::not_unique:
      return fault::not_unique;
    case ec::ok:
    case ec::store_failed:
    case ec::store_locked:
    case ec::store_newer:
      return fault::store_failed;
    }
    return fault::store_failed;
  };
  return {kind(), why.message()};
}

} // namespace errand
