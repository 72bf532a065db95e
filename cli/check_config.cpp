// `errand check-config`: the settings that `serve` would use here.
#include "cli/commands.hpp"
#include "handlers/registry.hpp"
#include "server/configured_handlers.hpp"
#include "server/exec_options.hpp"
#include "server/routes.hpp"

#include <ostream>

namespace errand {

int check_config(const cli_call& call, const loaded_settings& settings) {
  for (const auto& warning : settings.warnings)
    call.err << "errand: warning: " << warning << '\n';
  if (const auto unusable = unusable_commands(settings.options); !unusable.empty()) {
    tell(call, unusable);
    return exit_usage;
  }
  handler_registry known;
  add_builtin_handlers(known);
  add_configured_handlers(known, settings.options, nullptr);
  for (const auto& warning : routes_without_handler(settings.options.routes, known.kinds()))
    call.err << "errand: warning: " << warning << '\n';
  call.out << to_toml(settings);
  return exit_done;
}

} // namespace errand
