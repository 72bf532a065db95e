// The commands, after the command line was understood. Each gives the exit status.
#pragma once

#include "cli/cli.hpp"
#include "server/settings.hpp"

#include <string>
#include <vector>

namespace errand {

/// A server with these settings, until SIGINT or SIGTERM.
int serve(const cli_call& call, const loaded_settings& settings);

/// Prints the settings as an errand.toml, or as JSON.
int check_config(const cli_call& call, const loaded_settings& settings, bool as_json);

/// Asks a server whether it is ready; for containers, whose images have no HTTP client. An empty
/// `url` means the server on this machine that has these settings. Blocks for 5 s at most.
int health(const cli_call& call, const loaded_settings& settings, const std::string& url,
           bool as_json);

/// Prints a new token, and on standard error what errand.toml is to have for it; or both as JSON.
int new_token(const cli_call& call, const std::string& name, const std::vector<std::string>& scopes,
              bool as_json);

/// Prints the errors, one a line.
void tell(const cli_call& call, const std::vector<std::string>& errors);

} // namespace errand
