#include "cli/command_line.hpp"

#include "cli/exit_statuses.hpp"
#include "cli/setting_flags.hpp"
#include "server/nearest_name.hpp"
#include "server/printable.hpp"
#include "server/version.hpp"

#include <algorithm>
#include <span>

namespace errand {

namespace {

constexpr const char* server_group = "Server";
constexpr const char* other_group = "This program";

void add_json(CLI::App& command, bool& as_json) {
  command.add_flag("--json", as_json, "print JSON");
}

/// "queues pause"
std::string path_of(const CLI::App& command) {
  const auto* above = command.get_parent();
  return above && above->get_parent() ? path_of(*above) + ' ' + command.get_name()
                                      : command.get_name();
}

std::string not_taken(const CLI::App& command, const std::string& argument) {
  return string_literal(argument) + ": " + command.get_name() + " takes no such argument";
}

/// What stands before the command's name. A flag that the command has only stands in the wrong
/// place, and what follows may be its value.
std::vector<std::string> before_command(const CLI::App& command,
                                        std::span<const std::string> arguments) {
  std::vector<std::string> errors;
  bool may_be_value = false;
  for (const auto& argument : arguments) {
    const auto name = argument.substr(0, argument.find('='));
    const bool is_misplaced = name.starts_with('-') && command.get_option_no_throw(name);
    if (is_misplaced)
      errors.push_back(name + " stands behind the command: errand " + path_of(command) + ' '
                       + name);
    else if (!may_be_value)
      errors.push_back(not_taken(command, argument));
    may_be_value = is_misplaced && name == argument;
  }
  return errors;
}

} // namespace

command_line::command_line() {
  app.set_version_flag("--version", std::string("errand ") + version_text);
  app.get_option("--version")->description("Print the version and exit");
  app.require_subcommand(0, 1);
  app.get_formatter()->column_width(32);
  describe_server();
  client = std::make_unique<client::command_set>(app);
  describe_rest();
  // Not before, since new commands inherit it.
  app.footer(exit_statuses_text()
             + "\nerrand COMMAND --help says more; errand manual is the manual page.");
  // The parser stops at its first error; we go through what is left and tell all of them.
  app.allow_extras();
  for (auto* command : app.get_subcommands({})) {
    command->allow_extras();
    for (auto* inner : command->get_subcommands({}))
      inner->allow_extras();
  }
}

void command_line::describe_server() {
  serve = app.add_subcommand("serve", "Run the server until SIGINT or SIGTERM.");
  serve->group(server_group);
  add_config_flag(*serve);
  for (const auto& s : all_settings())
    add_setting_flag(*serve, s);
  serve->footer(
      "A flag outranks its variable, which outranks the file. What is allowed, the names in\n"
      "the file, and what raising a limit costs: docs/configuration.md");

  check_config = app.add_subcommand(
      "check-config", "Print the settings that serve would use here, or all that is wrong.");
  check_config->group(server_group);
  check_config
      ->add_option("FILE", checked_file,
                   "settings in TOML; by default the file that serve would read")
      ->type_name("");
  add_json(*check_config, as_json);

  health = app.add_subcommand("health", "Exit with 0 if the server is ready, else with 1.");
  health->group(server_group);
  health
      ->add_option("--url", url,
                   "of the server; by default as the settings have it, on this machine")
      ->type_name("URL");
  add_config_flag(*health);
  for (const auto& s : all_settings())
    if (s.flag == "--listen" || s.flag == "--port")
      add_setting_flag(*health, s);
  add_json(*health, as_json);

  token = app.add_subcommand("token", "Make tokens, by which clients show who they are.");
  token->group(server_group);
  token->require_subcommand(0, 1);
  token_new = token->add_subcommand(
      "new", "Print a new token; on standard error, what errand.toml is to have.");
  token_new->add_option("--name", token_name, "whose it is")->type_name("NAME");
  token_new
      ->add_option("--scope", token_scopes,
                   "what it is for: read, submit, work, admin; several with blanks or commas")
      ->type_name("SCOPE")
      ->delimiter(',');
  add_json(*token_new, as_json);
}

void command_line::describe_rest() {
  completion = app.add_subcommand("completion", "Print what makes a shell complete commands.");
  completion->add_option("SHELL", shell, "which one")->type_name("bash|zsh|fish")->required();
  completion->footer("For example, in ~/.bashrc:\n  source <(errand completion bash)");
  manual =
      app.add_subcommand("manual", "Print the manual page; read it by: errand manual | man -l -");
  version = app.add_subcommand("version", "Print the version.");
  add_json(*version, as_json);
  for (auto* each : {completion, manual, version})
    each->group(other_group);
}

CLI::App* command_line::chosen() const {
  auto given = app.get_subcommands();
  if (!given.empty() && !given.front()->get_subcommands().empty())
    given = given.front()->get_subcommands();
  return given.empty() ? nullptr : given.front();
}

std::vector<std::string>
command_line::wrong_arguments(const std::vector<std::string>& given) const {
  const auto* command = chosen();
  const auto left = app.remaining();
  if (command) {
    const auto name = std::find(given.begin(), given.end(), app.get_subcommands()[0]->get_name());
    const auto before = std::min(left.size(), static_cast<size_t>(name - given.begin()));
    auto errors = before_command(*command, std::span(left).first(before));
    const auto stray = stray_arguments(*command);
    errors.insert(errors.end(), stray.begin(), stray.end());
    for (const auto& argument : std::span(left).subspan(before)) // what followed a "--"
      errors.push_back(not_taken(*command, argument));
    return errors;
  }
  if (left.empty() || left.front().starts_with('-'))
    return stray_arguments(app);
  std::vector<std::string> known;
  for (const auto* each : app.get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(each->get_name());
  return {string_literal(left.front()) + ": there is no such command"
          + did_you_mean(left.front(), known)};
}

} // namespace errand
