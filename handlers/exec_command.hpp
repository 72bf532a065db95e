// The commands of the configuration, made ready to be run: what can be known to be wrong with them
// is found here, before any task needs them.
#pragma once

#include "handlers/child_process.hpp"

#include <errand/options.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace errand {

struct exec_command {
  std::vector<std::string> argv; ///< With placeholders, save in the first, the program's path.
  std::string directory;
  std::optional<process_owner> owner; ///< If it is not the server's own user.
  std::vector<std::string> environment;
  size_t max_output_bytes = 0;
  std::chrono::steady_clock::duration grace{};
};

/// By name.
using exec_commands = std::map<std::string, exec_command>;

/// What is wrong with one key of a command's table.
struct exec_fault {
  std::string command;
  std::string key;  ///< "argv"
  std::string text; ///< To stand behind the two.
};

struct prepared_commands {
  exec_commands commands; ///< To be used only if there are no faults.
  std::vector<exec_fault> faults;
};

/// Looks on this machine for the programs, directories and users. Blocks on the disk, and on
/// whatever knows the users. Precondition: the values are such as options.hpp allows.
prepared_commands prepare_commands(const std::map<std::string, ExecCommand>& configured);

} // namespace errand
