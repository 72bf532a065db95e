// `errand log ID`: what a task's handlers wrote, as it is or as it grows.
#include "cli/client/command_set.hpp"
#include "cli/client/event_stream.hpp"
#include "cli/client/times.hpp"
#include "server/printable.hpp"

#include <memory>
#include <sstream>

namespace errand::client {

namespace {

struct log_flags {
  std::string id;
  bool is_followed = false;
};

/// A line of the log as the server's stream has it.
void print_line(const session& s, const json& line) {
  if (s.as_json)
    s.print_json(line);
  else
    s.print(local_time(text_of(line, "at")) + " #" + without_controls(text_of(line, "attempt"))
            + ' ' + without_controls(text_of(line, "line")) + '\n');
}

/// "2026-11-22T21:00:00.123Z #1 fetching 20 pages", taken apart; a line of another form whole.
json parsed(const std::string& text) {
  const auto hash = text.find(" #");
  const auto end = hash == text.npos ? hash : text.find(' ', hash + 2);
  if (end == text.npos)
    return {{"at", nullptr}, {"attempt", nullptr}, {"line", text}};
  const auto attempt = json::parse(text.substr(hash + 2, end - hash - 2), nullptr, false);
  return {{"at", text.substr(0, hash)},
          {"attempt", attempt.is_number() ? attempt : json()},
          {"line", text.substr(end + 1)}};
}

int show_log(session& s, const log_flags& flags) {
  const auto path = "/v1/tasks/" + percent_encoded(flags.id) + "/log";
  if (!flags.is_followed) {
    std::istringstream lines(s.server.get_text(path));
    for (std::string line; std::getline(lines, line);)
      print_line(s, parsed(line));
    return exit_done;
  }
  follow(s, path + "?follow=true", [&s](const stream_event& event) {
    const auto data = json::parse(event.data, nullptr, false);
    if (event.name == "end") {
      if (s.as_json)
        s.print_json(event.data);
      return false;
    }
    if (data.is_object())
      print_line(s, data);
    return true;
  });
  return exit_done;
}

} // namespace

void add_log(command_set& set) {
  const auto flags = std::make_shared<log_flags>();
  auto& command = set.add("log", "Print what a task's handlers wrote.",
                          [flags](session& s) { return show_log(s, *flags); });
  command.add_option("ID", flags->id, "of the task")->required()->type_name("");
  command.add_flag("--follow,-f", flags->is_followed, "go on until the task has ended");
}

} // namespace errand::client
