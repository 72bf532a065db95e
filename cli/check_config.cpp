// `errand check-config`: the settings that `serve` would use here.
#include "cli/commands.hpp"
#include "server/exec_options.hpp"

#include <ostream>

namespace errand {

int check_config(const cli_call& call, const loaded_settings& settings) {
  for (const auto& warning : settings.warnings)
    call.err << "errand: warning: " << warning << '\n';
  if (const auto unusable = unusable_commands(settings.options); !unusable.empty()) {
    tell(call, unusable);
    return exit_usage;
  }
  call.out << to_toml(settings);
  return exit_done;
}

} // namespace errand
