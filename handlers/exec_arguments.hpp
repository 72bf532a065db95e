// What a command is given of a task's args: the `{name}` in its argv, and ERRAND_ARG_* in its
// environment. Pure. Whatever a value holds, it stays one argument and one variable: no shell reads
// any of it.
#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// A longer value is on standard input only: the system refuses a program a variable above 128 KiB.
inline constexpr size_t exec_variable_max = 64 << 10;

/// The names of the placeholders in one argument. A placeholder is a name of [A-Za-z0-9_] in
/// braces; in double braces it is no placeholder but the text `{name}`, and other braces are text.
std::vector<std::string> placeholders_in(std::string_view argument);

/// `argv` with each placeholder replaced by that scalar of `args`, an object. Throws PermanentError
/// if there is no such scalar, or if a text that begins with '-' would begin an argument: a program
/// could take it for an option. Behind an argument "--" that is allowed.
std::vector<std::string> filled_in(const std::vector<std::string>& argv,
                                   const nlohmann::json& args);

/// ERRAND_ARG_NAME for each text, number and boolean in `args`, an object. Names are made upper
/// case, and what is neither letter nor digit becomes '_'. Throws PermanentError if two become the
/// same.
std::map<std::string, std::string> argument_variables(const nlohmann::json& args);

} // namespace errand
