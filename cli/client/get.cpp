// `errand get ID`: everything about one task.
#include "cli/client/command_set.hpp"
#include "cli/client/times.hpp"
#include "cli/client/wait.hpp"
#include "server/printable.hpp"

#include <memory>

namespace errand::client {

namespace {

struct get_flags {
  std::string id;
  wait_flag wait;
};

constexpr size_t name_width = 12;

bool is_time(const std::string& name) {
  return name.ends_with("_at");
}

std::string shown(const std::string& name, const json& value) {
  if (value.is_string())
    return is_time(name) ? local_time(value.get<std::string>())
                         : without_controls(value.get<std::string>());
  return printable_json(value.dump());
}

std::string line(const std::string& name, const std::string& text) {
  const auto shown_name = without_controls(name);
  const auto padding = shown_name.size() < name_width ? name_width - shown_name.size() : 0;
  return shown_name + std::string(padding + 2, ' ') + text + '\n';
}

std::string progress_of(const json& progress) {
  const auto percent = static_cast<int>(number_of(progress, "fraction") * 100);
  const auto& message = value_of(progress, "message");
  return std::to_string(percent) + " %"
         + (message.is_string() ? "  " + without_controls(message.get<std::string>()) : "");
}

/// Fields in the server's order; what is null or empty says nothing.
std::string fields_of(const session& s, const json& task) {
  std::string text;
  for (const auto& [name, value] : task.items()) {
    const bool says_nothing = value.is_null() || value == json(false)
                              || (value.is_structured() && value.empty() && name != "result");
    if (name == "attempts" || (says_nothing && name != "result"))
      continue;
    if (name == "result" && text_of(task, "state") != "succeeded")
      continue;
    if (name == "state") {
      const auto state = without_controls(text_of(task, "state"));
      text += line(name, s.inked(ink_of_state(state), state));
    } else if (name == "error") {
      text += line(name, reason_of(json{{"error", value}}));
    } else if (name == "progress") {
      text += line(name, progress_of(value));
    } else {
      text += line(name, shown(name, value));
    }
  }
  return text;
}

std::string took(const json& attempt) {
  const auto begin = parse_rfc3339(text_of(attempt, "started_at"));
  const auto end = parse_rfc3339(text_of(attempt, "finished_at"));
  if (!begin || !end)
    return "-";
  return span_text(std::chrono::duration<double>(*end - *begin).count());
}

table attempts_of(const json& attempts) {
  table rows({{"ATTEMPT", true},
              {"OUTCOME"},
              {"STARTED"},
              {"TOOK", true},
              {"WORKER"},
              {"ERROR", false, true}});
  for (const auto& each : attempts) {
    const auto outcome = text_of(each, "outcome");
    rows.add({text_of(each, "number"), cell(outcome, ink_of_state(outcome)),
              local_time(text_of(each, "started_at")), took(each), text_of(each, "worker"),
              reason_of(each)});
  }
  return rows;
}

int get(session& s, const get_flags& flags) {
  const auto patience = flags.wait.is_given() ? flags.wait.seconds() : std::nullopt;
  auto task = s.server.get("/v1/tasks/" + percent_encoded(flags.id));
  if (flags.wait.is_given())
    task = wait_for_end(s, std::move(task), patience);
  if (s.as_json) {
    s.print_json(task.text);
  } else {
    s.print(fields_of(s, task.value));
    if (const auto& attempts = value_of(task.value, "attempts");
        attempts.is_array() && !attempts.empty()) {
      s.print("\n");
      s.print(attempts_of(attempts));
    }
  }
  return flags.wait.is_given() ? told_end(s, task.value) : exit_done;
}

} // namespace

void add_get(command_set& set) {
  const auto flags = std::make_shared<get_flags>();
  auto& command = set.add("get", "Show a task, now or once it has ended.",
                          [flags](session& s) { return get(s, *flags); });
  command.add_option("ID", flags->id, "of the task")->required()->type_name("");
  flags->wait.add_to(command, "show it once it has ended; --wait=SECONDS: not longer");
}

} // namespace errand::client
