// `errand check-config`: the settings that `serve` would use here.
#include "cli/check_settings.hpp"
#include "cli/commands.hpp"

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
  const auto found = check_settings(settings.options);
  if (!found.faults.empty()) {
    tell(call, found.faults);
    return exit_usage;
  }
  for (const auto& warning : found.warnings)
    call.err << "errand: warning: " << warning << '\n';
  const auto text = to_toml(settings);
  call.out << (as_json ? json_of(text) : text);
  return exit_done;
}

} // namespace errand
