// `errand schedules`: lists them; runs one now, pauses and resumes it.
#include "cli/client/command_set.hpp"
#include "cli/client/pages.hpp"
#include "cli/client/times.hpp"
#include "server/printable.hpp"

#include <memory>

namespace errand::client {

namespace {

std::string when(const json& schedule) {
  const auto& cron = value_of(schedule, "cron");
  return cron.is_string() ? cron.get<std::string>()
                          : "every " + text_of(schedule, "every_s") + " s";
}

std::string next_of(const json& schedule) {
  if (value_of(schedule, "paused") == json(true))
    return "paused";
  const auto& next = value_of(schedule, "next_runs");
  return next.is_array() && !next.empty() && next[0].is_string()
             ? local_time(next[0].get<std::string>())
             : "-";
}

std::string last_of(const json& schedule) {
  const auto& last = value_of(schedule, "last_outcome");
  if (!last.is_object())
    return "-";
  const auto& detail = value_of(last, "detail");
  return text_of(last, "outcome")
         + (detail.is_string() ? ": " + detail.get<std::string>() : std::string());
}

int list_schedules(session& s) {
  const auto all = all_pages(s, "/v1/schedules", "schedules");
  if (s.as_json) {
    s.print_json(all);
    return exit_done;
  }
  table rows({{"SCHEDULE", false, true},
              {"WHEN", false, true},
              {"ZONE", false, true},
              {"KIND", false, true},
              {"NEXT"},
              {"LAST", false, true}});
  for (const auto& each : all["schedules"]) {
    const auto next = next_of(each);
    rows.add({text_of(each, "name"), when(each), text_of(each, "time_zone"),
              text_of(value_of(each, "task"), "kind"),
              cell(next, next == "paused" ? ink::yellow : ink::plain), last_of(each)});
  }
  s.print(rows);
  return exit_done;
}

int order_schedule(session& s, const std::string& name, const std::string& verb) {
  const auto answer = s.server.ask(
      {.method = "POST", .path = "/v1/schedules/" + percent_encoded(name) + "/" + verb});
  if (s.as_json)
    s.print_json(answer.text);
  else if (verb == "run")
    s.print(without_controls(text_of(answer.value, "id")) + '\n');
  else
    s.print(without_controls(name) + ": "
            + (verb == "pause" ? "paused" : "next run " + next_of(answer.value)) + '\n');
  return exit_done;
}

void add_verb(command_set& set, CLI::App& schedules, const std::string& verb,
              const std::string& description) {
  const auto name = std::make_shared<std::string>();
  auto& command = set.add(schedules, verb, description,
                          [name, verb](session& s) { return order_schedule(s, *name, verb); });
  command.add_option("NAME", *name, "of the schedule")->required()->type_name("");
}

} // namespace

void add_schedules(command_set& set) {
  auto& schedules =
      set.add("schedules", "List schedules; run one now, pause it, resume it.", list_schedules);
  add_verb(set, schedules, "run", "Make its task now, beside its times; prints the task's id.");
  add_verb(set, schedules, "pause", "Make no tasks until it is resumed.");
  add_verb(set, schedules, "resume", "Go on; what was missed does not come later.");
}

} // namespace errand::client
