// Waits for the end of a task, and says how it ended.
#pragma once

#include "cli/client/session.hpp"

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

namespace errand::client {

/// The flag --wait[=SECONDS], as given.
class wait_flag {
public:
  /// `help` says what happens after the wait.
  void add_to(CLI::App& command, const std::string& help);

  bool is_given() const { return option_->count() > 0; }

  /// Nothing: as long as it takes. Throws failure (usage) if it is no number above 0.
  std::optional<double> seconds() const;

private:
  CLI::Option* option_ = nullptr;
};

bool has_ended(const json& task);

/// Blocks until the task has ended or `seconds` are over, with a progress bar on a terminal; gives
/// the task as it is then. Goes on when the server restarts. Throws failure (unreachable) if it
/// stays away. Ctrl-C ends the program and says how to find the task, which goes on.
document wait_for_end(const session& s, document task, std::optional<double> seconds);

/// The exit status for a task after the wait; says on standard error what is not well.
int told_end(const session& s, const json& task);

/// "exception: boom (attempt 2)", "requested", or empty.
std::string reason_of(const json& task);

} // namespace errand::client
