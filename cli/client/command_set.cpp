#include "cli/client/command_set.hpp"

#include "cli/commands.hpp"
#include "cli/exit_statuses.hpp"

#include <csignal>

namespace errand::client {

namespace {

constexpr const char* default_url = "http://127.0.0.1:8002";

std::string variable(const cli_call& call, std::string_view name) {
  for (const auto& [each, value] : call.variables)
    if (each == name)
      return value;
  return "";
}

std::string first_of(const std::string& a, const std::string& b) {
  return a.empty() ? b : a;
}

std::string token_in(const std::string& file) {
  auto token = file_content("--token-file", file);
  while (token.ends_with('\n') || token.ends_with('\r') || token.ends_with(' '))
    token.pop_back();
  if (token.empty())
    throw failure{exit_usage, {"--token-file: the file is empty"}};
  return token;
}

} // namespace

command_set::command_set(CLI::App& app) : app_(app) {
  add_submit(*this);
  add_get(*this);
  add_list(*this);
  add_orders(*this);
  add_log(*this);
  add_explain(*this);
  add_queues(*this);
  add_schedules(*this);
  add_workers(*this);
  add_events(*this);
  add_top(*this);
}

CLI::App& command_set::add(CLI::App& parent, const std::string& name,
                           const std::string& description, action run) {
  auto& command = *parent.add_subcommand(name, description);
  command.group(&parent == &app_ ? "Client, of a server that runs" : "Commands");
  command.footer(exit_statuses_text());
  command
      .add_option("--url", url_,
                  "of the server, http or https\nERRAND_URL, by default "
                      + std::string(default_url))
      ->type_name("URL")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  command
      .add_option("--token-file", token_file_,
                  "has the token, which otherwise stands in ERRAND_TOKEN")
      ->type_name("FILE")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  command.add_flag("--json", as_json_, "print what the server answers, as JSON");
  command.require_subcommand(0, 1);
  actions_.emplace(&command, std::move(run));
  return command;
}

CLI::App& command_set::add(const std::string& name, const std::string& description, action run) {
  return add(app_, name, description, std::move(run));
}

int command_set::run(const CLI::App& command, const cli_call& call) const {
  // Who closes our output ends us by a failed write.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const auto token = token_file_.empty() ? variable(call, "ERRAND_TOKEN") : token_in(token_file_);
    const auto url = first_of(first_of(url_, variable(call, "ERRAND_URL")), default_url);
    connection server(url, token);
    session s(call, server, as_json_);
    return actions_.at(&command)(s);
  } catch (const failure& f) {
    tell(call, f.told);
    return f.exit_status;
  }
}

} // namespace errand::client
