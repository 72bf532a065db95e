// The command line: `errand COMMAND …`. Runs on main()'s thread and knows the process only by what
// it is given here, so that tests can call it.
#pragma once

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace errand {

/// Exit statuses of all commands.
inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1; ///< It was asked rightly, and did not work out.
inline constexpr int exit_usage = 2;  ///< A flag, variable or file is wrong; nothing was done.

struct cli_call {
  std::vector<std::string> arguments; ///< Without the program's name.

  /// Of the environment, those whose names begin with ERRAND_.
  std::vector<std::pair<std::string, std::string>> variables;

  std::ostream& out;
  std::ostream& err;
};

/// Carries out one command and gives the exit status. Does not throw. `serve` blocks until a signal
/// ends it, and leaves the process by itself when a handler still runs after the stop.
int run_cli(const cli_call& call);

} // namespace errand
