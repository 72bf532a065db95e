// The keys of errand.toml's tables [exec.NAME], and what is wrong with the commands that they make.
#pragma once

#include "server/config_file.hpp"
#include "server/named_options.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

inline constexpr std::string_view exec_table = "exec";
inline constexpr size_t max_commands = 1000;

/// All but the environment, whose keys are the user's own.
std::span<const named_field<ExecCommand>> exec_fields();

/// Why a command can't be called so, to stand behind that. Nothing if it can.
std::optional<std::string> exec_name_fault(std::string_view name);

/// Whether `name` is a variable of a command's environment: exec.NAME.environment.VARIABLE.
bool is_environment(const config_entry& entry);

/// Reads such an entry. What is wrong with it, to stand behind its key; nothing if all is well.
std::optional<std::string> read_environment(const config_entry& entry, ExecCommand& command);

/// What of the commands of `options`, filled by a program, is not allowed, one line each.
std::vector<std::string> wrong_exec_options(const Options& options);

/// What this machine lacks for the commands of good `options`: programs, directories, users. One
/// line each. Blocks on the disk.
std::vector<std::string> unusable_commands(const Options& options);

} // namespace errand
