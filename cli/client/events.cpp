// `errand events`: what happens, as it happens.
#include "cli/client/command_set.hpp"
#include "cli/client/event_stream.hpp"
#include "cli/client/times.hpp"
#include "server/printable.hpp"

#include <memory>

namespace errand::client {

namespace {

struct event_flags {
  std::vector<std::string> types;
  std::string queue, kind, task;
};

std::string path_of(const event_flags& flags) {
  std::string path = "/v1/events";
  for (const auto& type : flags.types)
    add_parameter(path, "types", type);
  add_parameter(path, "queue", flags.queue);
  add_parameter(path, "kind", flags.kind);
  add_parameter(path, "task", flags.task);
  return path;
}

ink ink_of_event(const std::string& name) {
  const auto dot = name.find('.');
  return dot == name.npos ? ink::yellow : ink_of_state(name.substr(dot + 1));
}

/// The fields that no column shows.
std::string rest_of(const json& data) {
  std::string text;
  for (const auto& [name, value] : data.items()) {
    if (name == "at" || name == "state" || value.is_null())
      continue;
    const bool is_bare = name == "task" || name == "queue" || name == "schedule" || name == "kind";
    const auto shown = value.is_string() ? value.get<std::string>() : value.dump();
    text += (text.empty() ? "" : " ") + (is_bare ? shown : name + '=' + shown);
  }
  return without_controls(text);
}

void print_event(const session& s, const stream_event& event) {
  auto data = json::parse(event.data, nullptr, false);
  if (data.is_discarded())
    data = without_controls(event.data);
  if (s.as_json) {
    s.print_json(json{{"id", event.id}, {"event", event.name}, {"data", std::move(data)}});
    return;
  }
  const auto name = without_controls(event.name);
  const auto padding = name.size() < 14 ? 14 - name.size() : 0;
  const auto at =
      value_of(data, "at").is_string() ? local_time(text_of(data, "at")) : local_time(system_now());
  s.print(at + "  " + s.inked(ink_of_event(name), name) + std::string(padding + 2, ' ')
          + (data.is_object() ? rest_of(data) : "") + '\n');
}

} // namespace

void add_events(command_set& set) {
  const auto flags = std::make_shared<event_flags>();
  auto& command =
      set.add("events", "Print what happens, until Ctrl-C; goes on when the server restarts.",
              [flags](session& s) {
                follow(s, path_of(*flags), [&s](const stream_event& event) {
                  print_event(s, event);
                  return true;
                });
                return exit_done;
              });
  command
      .add_option("--types", flags->types, "such as task.failed; may be repeated, or have commas")
      ->type_name("TYPE")
      ->allow_extra_args(false)
      ->delimiter(',');
  command.add_option("--queue", flags->queue, "exactly that one")->type_name("NAME");
  command.add_option("--kind", flags->kind, "exactly that one")->type_name("KIND");
  command.add_option("--task", flags->task, "exactly that one")->type_name("ID");
}

} // namespace errand::client
