// The command line: `errand COMMAND …`. Runs on main()'s thread and knows the process only by what
// it is given here, so that tests can call it.
#pragma once

#include "cli/terminal.hpp"

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace errand {

/// Exit statuses of all commands.
inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1; ///< It was asked rightly, and did not work out.
inline constexpr int exit_usage = 2;  ///< A flag, variable or file is wrong; nothing was done.
/// Of the commands that ask a server; 1 then is a task that failed or was cancelled.
inline constexpr int exit_refused = 3;     ///< The server refused, and said why.
inline constexpr int exit_unreachable = 4; ///< No connection, or no answer in time.
inline constexpr int exit_wait_over = 5;   ///< The task had not ended when the wait was over.

struct cli_call {
  std::vector<std::string> arguments; ///< Without the program's name.

  /// Of the environment, those whose names begin with ERRAND_.
  std::vector<std::pair<std::string, std::string>> variables;

  std::ostream& out;
  std::ostream& err;

  /// Standard input, for what is read from "-"; null reads as empty.
  std::istream* in = nullptr;

  /// What `out` and `err` go to. Left out: neither is a terminal.
  terminal out_terminal{};
  terminal err_terminal{};
};

/// Carries out one command and gives the exit status. Does not throw. `serve` blocks until a signal
/// ends it, and leaves the process by itself when a handler still runs after the stop.
int run_cli(const cli_call& call);

} // namespace errand
