#include "cli/cli.hpp"

#include "cli/commands.hpp"
#include "cli/setting_flags.hpp"
#include "server/nearest_name.hpp"
#include "server/printable.hpp"
#include "server/version.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <ostream>

namespace errand {

namespace {

/// What the parser has to say, and the commands that it may have found.
struct command_line {
  CLI::App app{"A task server: web applications hand it slow work, and workers do it later.",
               "errand"};
  CLI::App* serve = nullptr;
  CLI::App* check_config = nullptr;
  CLI::App* health = nullptr;
  CLI::App* token = nullptr;
  CLI::App* token_new = nullptr;
  CLI::App* version = nullptr;
  std::string checked_file;
  std::string url;
  std::string token_name;
  std::vector<std::string> token_scopes;
};

void describe(command_line& line) {
  auto& app = line.app;
  app.set_version_flag("--version", std::string("errand ") + version_text);
  app.require_subcommand(0, 1);
  app.get_formatter()->column_width(32);

  line.serve = app.add_subcommand("serve", "Run the server until SIGINT or SIGTERM.");
  add_config_flag(*line.serve);
  for (const auto& s : all_settings())
    add_setting_flag(*line.serve, s);
  line.serve->footer(
      "A flag outranks its variable, which outranks the file. What is allowed, the names in\n"
      "the file, and what raising a limit costs: docs/configuration.md");

  line.check_config = app.add_subcommand(
      "check-config", "Print the settings that serve would use here, or all that is wrong.");
  line.check_config->add_option("FILE", line.checked_file,
                                "settings in TOML; by default the file that serve would read");

  line.health = app.add_subcommand("health", "Exit with 0 if the server is ready, else with 1.");
  line.health
      ->add_option("--url", line.url,
                   "of the server; by default as the settings have it, on this machine")
      ->type_name("URL");
  add_config_flag(*line.health);
  for (const auto& s : all_settings())
    if (s.flag == "--listen" || s.flag == "--port")
      add_setting_flag(*line.health, s);

  line.token = app.add_subcommand("token", "Make tokens, by which clients show who they are.");
  line.token->require_subcommand(0, 1);
  line.token_new = line.token->add_subcommand(
      "new", "Print a new token, and on standard error what errand.toml is to have for it.");
  line.token_new->add_option("--name", line.token_name, "whose it is")->type_name("NAME");
  line.token_new
      ->add_option("--scope", line.token_scopes,
                   "what it is for: read, submit, work, admin; several with blanks or commas")
      ->type_name("SCOPE")
      ->delimiter(',');

  line.version = app.add_subcommand("version", "Print the version.");
  // The parser stops at its first error; we go through what is left and tell all of them.
  app.allow_extras();
  for (auto* command : app.get_subcommands({})) {
    command->allow_extras();
    for (auto* inner : command->get_subcommands({}))
      inner->allow_extras();
  }
}

CLI::App* chosen_command(const command_line& line) {
  auto chosen = line.app.get_subcommands();
  if (!chosen.empty() && !chosen.front()->get_subcommands().empty())
    chosen = chosen.front()->get_subcommands();
  return chosen.empty() ? nullptr : chosen.front();
}

/// Says of every argument that nothing has a use for that it is wrong.
std::vector<std::string> wrong_arguments(const command_line& line) {
  const auto* command = chosen_command(line);
  const auto left = line.app.remaining();
  if (command) {
    auto errors = stray_arguments(*command);
    for (const auto& argument : left) // what followed a "--"
      errors.push_back(string_literal(argument) + ": " + command->get_name()
                       + " takes no such argument");
    return errors;
  }
  if (left.empty() || left.front().starts_with('-'))
    return stray_arguments(line.app);
  std::vector<std::string> known;
  for (const auto* each : line.app.get_subcommands({}))
    known.push_back(each->get_name());
  return {string_literal(left.front()) + ": there is no such command"
          + did_you_mean(left.front(), known)};
}

int run_command(const cli_call& call, const command_line& line, std::vector<std::string> errors) {
  const auto* command = chosen_command(line);
  const auto stray = wrong_arguments(line);
  errors.insert(errors.end(), stray.begin(), stray.end());

  loaded_settings settings;
  const bool needs_settings =
      command && command != line.version && command != line.token && command != line.token_new;
  if (needs_settings) {
    auto sources = sources_of(*command, call);
    if (!line.checked_file.empty())
      sources.config_file = line.checked_file;
    settings = load_settings(sources);
    errors.insert(errors.end(), settings.errors.begin(), settings.errors.end());
  }
  if (!errors.empty()) {
    tell(call, errors);
    // To those who watch a container, 2 means nothing.
    return command && command == line.health ? exit_failed : exit_usage;
  }
  if (command == line.serve)
    return serve(call, settings);
  if (command == line.check_config)
    return check_config(call, settings);
  if (command == line.health)
    return health(call, settings, line.url);
  if (command == line.token_new)
    return new_token(call, line.token_name, line.token_scopes);
  if (command == line.token)
    call.out << line.token->help();
  else if (command == line.version)
    call.out << "errand " << version_text << '\n';
  else
    call.out << line.app.help();
  return exit_done;
}

int parse_and_run(const cli_call& call) {
  command_line line;
  describe(line);
  std::vector<std::string> errors;
  try {
    // This overload of parse() wants the last argument first.
    std::vector<std::string> reversed(call.arguments.rbegin(), call.arguments.rend());
    line.app.parse(reversed);
  } catch (const CLI::Success& help_or_version) {
    return line.app.exit(help_or_version, call.out, call.err);
  } catch (const CLI::ParseError& error) {
    errors.emplace_back(error.what());
  }
  return run_command(call, line, std::move(errors));
}

} // namespace

void tell(const cli_call& call, const std::vector<std::string>& errors) {
  for (const auto& error : errors)
    call.err << "errand: " << error << '\n';
}

int run_cli(const cli_call& call) {
  try {
    return parse_and_run(call);
  } catch (const std::exception& error) {
    tell(call, {error.what()});
    return exit_failed;
  }
}

} // namespace errand
