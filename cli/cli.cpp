#include "cli/cli.hpp"

#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/manual.hpp"
#include "cli/setting_flags.hpp"
#include "cli/wrong_values.hpp"
#include "server/printable.hpp"
#include "server/version.hpp"

#include <exception>
#include <ostream>

namespace errand {

namespace {

/// The commands that need neither settings nor a server.
int run_bare(const cli_call& call, const command_line& line) {
  const auto* command = line.chosen();
  if (command == line.token_new)
    return new_token(call, line.token_name, line.token_scopes, line.as_json);
  if (command == line.completion) {
    const auto script = completion_script(tree_of(line.app), line.shell);
    if (!script) {
      tell(call, {"SHELL is " + string_literal(line.shell) + ", but must be bash, zsh or fish"});
      return exit_usage;
    }
    call.out << *script;
  } else if (command == line.manual) {
    call.out << manual_page(tree_of(line.app));
  } else if (command == line.version) {
    if (line.as_json)
      call.out << R"({"name":"errand","version":")" << version_text << "\"}\n";
    else
      call.out << "errand " << version_text << '\n';
  } else {
    call.out << line.app.help(); // of the command, if there is one, with what stands before it
  }
  return exit_done;
}

int run_command(const cli_call& call, const command_line& line, std::vector<std::string> errors) {
  const auto* command = line.chosen();
  loaded_settings settings;
  const bool needs_settings =
      command && (command == line.serve || command == line.check_config || command == line.health);
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
  if (command && line.client->holds(command))
    return line.client->run(*command, call);
  if (!needs_settings)
    return run_bare(call, line);
  if (command == line.serve)
    return serve(call, settings);
  if (command == line.check_config)
    return check_config(call, settings, line.as_json);
  return health(call, settings, line.url, line.as_json);
}

/// All that is wrong with the command line itself. `thrown`: where the parser stopped, or null.
std::vector<std::string> errors_of(const cli_call& call, const command_line& line,
                                   const CLI::ParseError* thrown) {
  auto* command = line.chosen();
  if (command)
    if (auto bare = bare_assignments(*command, call.arguments); !bare.empty())
      return bare;
  auto errors = command ? wrong_values(*command) : std::vector<std::string>{};
  if (thrown && (errors.empty() || !is_about_values(*thrown)))
    errors.insert(errors.begin(), worded(*thrown, command));
  const auto stray = line.wrong_arguments(call.arguments);
  errors.insert(errors.end(), stray.begin(), stray.end());
  return errors;
}

int parse_and_run(const cli_call& call) {
  command_line line;
  try {
    // This overload of parse() wants the last argument first.
    std::vector<std::string> reversed(call.arguments.rbegin(), call.arguments.rend());
    line.app.parse(reversed);
  } catch (const CLI::Success& help_or_version) {
    return line.app.exit(help_or_version, call.out, call.err);
  } catch (const CLI::ParseError& error) {
    return run_command(call, line, errors_of(call, line, &error));
  }
  return run_command(call, line, errors_of(call, line, nullptr));
}

} // namespace

void tell(const cli_call& call, const std::vector<std::string>& errors) {
  for (const auto& error : errors)
    call.err << "errand: " << error << '\n';
}

int run_cli(const cli_call& call) {
  try {
    const auto status = parse_and_run(call);
    if (status != exit_done || call.out.flush())
      return status;
    tell(call, {"standard output can't be written to"});
    return exit_failed;
  } catch (const std::exception& error) {
    tell(call, {error.what()});
    return exit_failed;
  }
}

} // namespace errand
