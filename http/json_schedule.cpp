#include "http/json_schedule.hpp"

#include "http/cursor.hpp"
#include "http/flat_reader.hpp"
#include "http/json_codec.hpp"
#include "task/spec_rules.hpp"

#include <array>
#include <optional>
#include <utility>

namespace errand {

namespace {

constexpr std::string_view schedule_rule =
    R"(a JSON object such as {"cron": "0 3 * * *", "task": {"kind": "noop"}})";
constexpr std::string_view task_rule = R"(a task such as {"kind": "noop"})";
constexpr std::string_view boolean_rule = "true or false";

using fault = std::optional<std::string>;

fault refused(const flat_value& value, std::string_view rule) {
  if (value.is_number())
    return "is a number; it must be " + std::string(rule);
  return not_as_ruled(value, rule);
}

/// A text that `why_not` finds nothing wrong with.
auto take_text(std::string& into, fault (*why_not)(std::string_view), std::string_view rule) {
  return [&into, why_not, rule](const flat_value& value) -> fault {
    if (!value.is_string())
      return refused(value, rule);
    into = value.text;
    return why_not(into);
  };
}

/// One of the words that `parse` knows.
template <class Policy>
auto take_policy(Policy& into, std::optional<Policy> (*parse)(std::string_view),
                 std::string_view rule) {
  return [&into, parse, rule](const flat_value& value) -> fault {
    const auto policy = value.is_string() ? parse(value.text) : std::nullopt;
    if (!policy)
      return refused(value, rule);
    into = *policy;
    return std::nullopt;
  };
}

void write_outcome(json_writer& w, const std::optional<fire_outcome>& last) {
  if (!last) {
    w.null();
    return;
  }
  w.begin_object();
  w.key("outcome").string(to_string(last->outcome));
  w.key("at").time(last->at);
  w.key("detail").string_if_any(last->detail);
  w.end_object();
}

void write_schedule(json_writer& w, const schedule& row, const redaction& hidden,
                    const std::vector<timestamp>& next_runs,
                    const std::vector<std::string>& warnings) {
  w.begin_object();
  w.key("name").string(row.name);
  if (row.spec.every > duration{0})
    w.key("every_s").seconds(row.spec.every);
  else
    w.key("cron").string(row.spec.cron);
  w.key("time_zone").string(row.spec.time_zone);
  write_spec(w.key("task"), row.spec.task, hidden);
  w.key("missed").string(to_string(row.spec.missed));
  w.key("overlap").string(to_string(row.spec.overlap));
  w.key("paused").boolean(row.spec.paused);
  w.key("created_at").time(row.created_at);
  w.key("updated_at").time(row.updated_at);
  w.key("next_runs").begin_array();
  for (const auto run : next_runs)
    w.time(run);
  w.end_array();
  w.key("last_run_at").time(row.last_run_at);
  if (row.last_task)
    w.key("last_task_id").string(row.last_task->to_string());
  else
    w.key("last_task_id").null();
  write_outcome(w.key("last_outcome"), row.last_outcome);
  write_warnings(w, warnings);
  w.end_object();
}

} // namespace

decoded_schedule decode_schedule(std::string_view body) {
  schedule_spec spec;
  bool has_cron = false, has_every = false, has_task = false;
  const auto fields = std::to_array<flat_field>({
      {"cron", cron_rule,
       [&](const flat_value& value) {
         has_cron = true;
         return take_text(spec.cron, cron_fault, cron_rule)(value);
       }},
      {"every_s", every_rule,
       [&](const flat_value& value) -> fault {
         has_every = true;
         if (!value.is_number())
           return refused(value, every_rule);
         auto why_not = every_fault(value.number);
         if (!why_not)
           spec.every = duration_of(value.number);
         return why_not;
       }},
      {"missed", missed_rule, take_policy(spec.missed, parse_missed_policy, missed_rule)},
      {"overlap", overlap_rule, take_policy(spec.overlap, parse_overlap_policy, overlap_rule)},
      {"paused", boolean_rule,
       [&](const flat_value& value) -> fault {
         if (!value.boolean())
           return refused(value, boolean_rule);
         spec.paused = *value.boolean();
         return std::nullopt;
       }},
      {"task", task_rule,
       [&](const flat_value& value) {
         has_task = true;
         return refused(value, task_rule);
       },
       [&](spec_reader& task) {
         has_task = true;
         auto faults = task.take_faults();
         spec.task = task.take_entry().spec;
         for (auto& each : scheduled_task_faults(spec.task)) {
           // What has no place here needs no advice how to have it right.
           std::erase_if(faults, [&](const auto& other) { return other.pointer == each.pointer; });
           faults.push_back(std::move(each));
         }
         return faults;
       }},
      {"time_zone", time_zone_rule, take_text(spec.time_zone, time_zone_fault, time_zone_rule)},
  });
  const auto check = [&](bool) {
    std::vector<field_error> faults;
    if (has_cron && has_every)
      faults.push_back({"/every_s", "is given together with cron; keep one of the two"});
    if (!has_cron && !has_every)
      faults.push_back(
          {"/cron", "is missing, and so is every_s; one of the two must say when to fire"});
    if (!has_task)
      faults.push_back({"/task", "is missing; it must be " + std::string(task_rule)});
    return faults;
  };
  if (auto why = read_flat_object(body, schedule_rule, "a schedule", fields, check))
    return std::move(*why);
  return spec;
}

std::string encode_schedule(const schedule& row, const redaction& hidden,
                            const std::vector<timestamp>& next_runs,
                            const std::vector<std::string>& warnings) {
  std::string out;
  json_writer w(out);
  write_schedule(w, row, hidden, next_runs, warnings);
  return out;
}

std::string encode_schedules(const schedule_page& page, const redaction& hidden) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.key("schedules").begin_array();
  for (const auto& [row, next_runs] : page.schedules)
    write_schedule(w, row, hidden, next_runs, {});
  w.end_array();
  if (page.next)
    w.key("next_cursor").string(encode_cursor(*page.next));
  else
    w.key("next_cursor").null();
  w.end_object();
  return out;
}

} // namespace errand
