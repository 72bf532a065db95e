// Values that flags and arguments of a command line can't have, told in the words that all refusals
// have: the parser's own texts speak of its types. Nothing here asks a server. Pure.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace errand {

/// Says of each argument "--flag=" that nothing stands behind it. The parser would take the next
/// argument for the value, or, of a flag without one, see no difference; so where this finds
/// something, nothing else that is known of the command line holds.
std::vector<std::string> bare_assignments(const CLI::App& command,
                                          const std::vector<std::string>& arguments);

/// Says what is wrong with the values that were given to the command: one is empty, as a variable
/// of a shell is that was never set; is no number (cli/number_values.hpp); came more than once, or
/// not at all. Flags of settings are left to server/settings.hpp. Also after a parse that failed.
std::vector<std::string> wrong_values(CLI::App& command);

/// True if wrong_values() has found what this is about, and so it needs no words of its own.
bool is_about_values(const CLI::ParseError& error);

/// What the parser found, of a command or (null) of none.
std::string worded(const CLI::ParseError& error, const CLI::App* command);

} // namespace errand
