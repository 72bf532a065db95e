// How a command of the client ends early: thrown where it happens, told to the user in one place
// (command_set.cpp), which also gives the exit status.
#pragma once

#include <string>
#include <vector>

namespace errand::client {

struct failure {
  int exit_status;               ///< As in cli/cli.hpp.
  std::vector<std::string> told; ///< One line each, safe to print; may be empty.
  int http_status = 0;           ///< Of a refusal.
};

} // namespace errand::client
