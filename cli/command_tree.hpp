// The command line as its parser was told, as values: what completions, the manual page and their
// tests are made from. Pure.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace errand {

struct described_flag {
  std::vector<std::string> names; ///< "--follow", "-f"
  std::string value_name;         ///< "FILE", "a|b", or empty
  std::string help;
  bool takes_value = false;
};

struct described_argument {
  std::string name;
  std::string value_name; ///< "a|b", or empty
  std::string help;
  bool is_required = false;
  bool may_repeat = false;
};

struct described_command {
  std::string path;  ///< "queues pause"; empty for the program itself
  std::string name;  ///< "pause"
  std::string group; ///< Under which heading it stands; empty below another command.
  std::string description;
  std::vector<described_flag> flags;
  std::vector<described_argument> arguments;
  std::vector<described_command> inner;
};

described_command tree_of(const CLI::App& app);

/// The command itself and all below it, each before its own.
std::vector<const described_command*> all_commands(const described_command& root);

/// Of "a|b": a and b; nothing for a value's name that names no choices.
std::vector<std::string> choices_of(const std::string& value_name);

} // namespace errand
