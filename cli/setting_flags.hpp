// The table of settings as flags of a command, by CLI11. It only takes the command line apart: what
// a value may be, and how a wrong one is told, is for server/settings.hpp to say.
#pragma once

#include "cli/cli.hpp"
#include "server/settings.hpp"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace errand {

/// Adds --config.
void add_config_flag(CLI::App& command);

/// Adds the flag of a setting, with its default and variable in the help text.
void add_setting_flag(CLI::App& command, const setting& s);

/// What was given to the command's flags, and the environment. Also after a parse that failed.
settings_sources sources_of(const CLI::App& command, const cli_call& call);

/// Says of every argument that the command has no use for that it is wrong.
std::vector<std::string> stray_arguments(const CLI::App& command);

} // namespace errand
