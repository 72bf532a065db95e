// Completion scripts for shells, made from what the parser knows. Pure.
#pragma once

#include "cli/command_tree.hpp"

#include <optional>
#include <string>

namespace errand {

/// For bash, zsh or fish; nothing for another shell.
std::optional<std::string> completion_script(const described_command& program,
                                             const std::string& shell);

} // namespace errand
