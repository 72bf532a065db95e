// `errand check-config`: the settings that `serve` would use here.
#include "cli/commands.hpp"

#include <ostream>

namespace errand {

int check_config(const cli_call& call, const loaded_settings& settings) {
  for (const auto& warning : settings.warnings)
    call.err << "errand: warning: " << warning << '\n';
  call.out << to_toml(settings);
  return exit_done;
}

} // namespace errand
