#include "cli/setting_flags.hpp"

#include "server/nearest_name.hpp"
#include "server/printable.hpp"

namespace errand {

namespace {

CLI::Option* add_flag(CLI::App& command, std::string_view flag, std::string_view value_name,
                      const std::string& help) {
  return command.add_option(std::string(flag), help)
      ->type_name(std::string(value_name))
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> flags;
  for (const auto* option : command.get_options())
    for (const auto& name : option->get_lnames())
      flags.push_back("--" + name);
  return flags;
}

std::vector<std::string> given_to(const CLI::App& command, std::string_view flag) {
  const auto* option = command.get_option_no_throw(std::string(flag));
  return option ? option->results() : std::vector<std::string>{};
}

} // namespace

void add_config_flag(CLI::App& command) {
  add_flag(command, config_flag, "FILE",
           "settings in TOML\n" + std::string(config_variable) + ", by default "
               + std::string(default_config_file) + " where it exists");
}

void add_setting_flag(CLI::App& command, const setting& s) {
  if (s.flag.empty())
    return;
  add_flag(command, s.flag, s.value_name,
           std::string(s.help) + "\n" + variable_of(s) + ", by default "
               + shown_value(s, Options{}));
}

settings_sources sources_of(const CLI::App& command, const cli_call& call) {
  settings_sources sources;
  sources.variables = call.variables;
  for (const auto& s : all_settings())
    if (!s.flag.empty())
      for (auto& value : given_to(command, s.flag))
        sources.flags.emplace_back(s.flag, std::move(value));
  if (auto files = given_to(command, config_flag); !files.empty())
    sources.config_file = files.back();
  return sources;
}

std::vector<std::string> stray_arguments(const CLI::App& command) {
  std::vector<std::string> errors;
  bool may_be_value = false; // of the unknown flag before it
  for (const auto& argument : command.remaining()) {
    const bool is_flag = argument.size() > 1 && argument[0] == '-';
    if (is_flag) {
      const auto name = argument.substr(0, argument.find('='));
      errors.push_back((is_printable(name) ? name : string_literal(name))
                       + ": there is no such flag" + did_you_mean(name, flags_of(command), 2));
    } else if (!may_be_value) {
      errors.push_back(string_literal(argument) + ": " + command.get_name()
                       + " takes no such argument");
    }
    may_be_value = is_flag && argument.find('=') == argument.npos;
  }
  return errors;
}

} // namespace errand
