// `errand check-config`: the settings that `serve` would use here.
#include "cli/commands.hpp"
#include "handlers/http_handler.hpp"
#include "handlers/registry.hpp"
#include "server/routes.hpp"

#include <ostream>

namespace errand {

int check_config(const cli_call& call, const loaded_settings& settings) {
  for (const auto& warning : settings.warnings)
    call.err << "errand: warning: " << warning << '\n';
  handler_registry builtin;
  add_builtin_handlers(builtin);
  add_http_handler(builtin, nullptr);
  for (const auto& warning : routes_without_handler(settings.options.routes, builtin.kinds()))
    call.err << "errand: warning: " << warning << '\n';
  call.out << to_toml(settings);
  return exit_done;
}

} // namespace errand
