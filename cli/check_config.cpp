// `errand check-config`: the settings that `serve` would use here.
#include "cli/commands.hpp"
#include "handlers/registry.hpp"
#include "server/configured_handlers.hpp"
#include "server/exec_options.hpp"
#include "server/pools.hpp"
#include "server/routes.hpp"

#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>
#include <toml++/toml.h>

namespace errand {

namespace {

std::string json_of(const std::string& toml_text) {
  const auto table = toml::parse(toml_text);
  std::ostringstream text;
  text << toml::json_formatter(table);
  return nlohmann::ordered_json::parse(text.str()).dump() + '\n';
}

} // namespace

int check_config(const cli_call& call, const loaded_settings& settings, bool as_json) {
  for (const auto& warning : settings.warnings)
    call.err << "errand: warning: " << warning << '\n';
  if (const auto unusable = unusable_commands(settings.options); !unusable.empty()) {
    tell(call, unusable);
    return exit_usage;
  }
  handler_registry known;
  add_builtin_handlers(known);
  add_configured_handlers(known, settings.options, nullptr);
  if (const auto wrong = kinds_without_handler(settings.options, known.kinds()); !wrong.empty()) {
    tell(call, wrong);
    return exit_usage;
  }
  for (const auto& warning : routes_without_handler(settings.options.routes, known.kinds()))
    call.err << "errand: warning: " << warning << '\n';
  const auto text = to_toml(settings);
  call.out << (as_json ? json_of(text) : text);
  return exit_done;
}

} // namespace errand
