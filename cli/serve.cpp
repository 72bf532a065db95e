// `errand serve`: the settings become a TaskServer, which then runs.
#include "cli/check_settings.hpp"
#include "cli/commands.hpp"
#include "server/spdlog_logger.hpp"

#include <errand/server.hpp>

#include <cstdio>
#include <cstdlib>
#include <ostream>

namespace errand {

int serve(const cli_call& call, const loaded_settings& settings) {
  const auto& options = settings.options;
  const auto log = make_logger(options.log_level, options.log_format);
  for (const auto& warning : settings.warnings)
    log->warn(warning);
  if (!settings.config_file.empty())
    log->debug("settings read", {{"file", settings.config_file}});
  // A start would refuse these, too, but not tell them from an address that is taken.
  if (const auto found = check_settings(options); !found.faults.empty()) {
    tell(call, found.faults);
    return exit_usage;
  }
  try {
    TaskServer server(options);
    if (server.run())
      return exit_done;
  } catch (const StartError& error) {
    tell(call, {error.what()});
    return exit_failed;
  }
  // A handler still runs, on a thread that nothing can end; destructors must not pull the ground
  // from under it. Its task was put back, so this is an orderly end all the same.
  call.out.flush();
  call.err.flush();
  std::fflush(nullptr);
  std::_Exit(exit_done);
}

} // namespace errand
