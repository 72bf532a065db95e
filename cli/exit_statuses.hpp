// What the exit statuses mean, for --help and the manual page.
#pragma once

#include "cli/cli.hpp"

#include <array>
#include <string>

namespace errand {

struct exit_meaning {
  int status;
  const char* meaning;
};

inline constexpr std::array<exit_meaning, 6> exit_meanings{
    {{exit_done, "done"},
     {exit_failed, "it did not work; with --wait: the task failed or was cancelled"},
     {exit_usage, "a flag, a variable or a file is wrong; nothing was done"},
     {exit_refused, "the server refused; standard error says why"},
     {exit_unreachable, "the server could not be reached, or did not answer"},
     {exit_wait_over, "the task had not ended when the time of --wait=SECONDS was over"}}};

/// The same as lines, for the end of a help text.
inline std::string exit_statuses_text() {
  std::string text = "Exit statuses:\n";
  for (const auto& [status, meaning] : exit_meanings)
    text += "  " + std::to_string(status) + "  " + meaning + '\n';
  return text;
}

} // namespace errand
