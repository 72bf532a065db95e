// The whole command line as the parser knows it.
#pragma once

#include "cli/cli.hpp"
#include "cli/client/command_set.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

namespace errand {

struct command_line {
  command_line();
  command_line(const command_line&) = delete;
  command_line& operator=(const command_line&) = delete;

  /// The command that was given, a word behind another included; null if none was.
  CLI::App* chosen() const;

  /// Says of every argument that nothing has a use for that it is wrong. `given`: all of them.
  std::vector<std::string> wrong_arguments(const std::vector<std::string>& given) const;

  CLI::App app{"A task server: web applications hand it slow work, and workers do it later.",
               "errand"};
  CLI::App* serve = nullptr;
  CLI::App* check_config = nullptr;
  CLI::App* health = nullptr;
  CLI::App* token = nullptr;
  CLI::App* token_new = nullptr;
  CLI::App* version = nullptr;
  CLI::App* completion = nullptr;
  CLI::App* manual = nullptr;
  std::unique_ptr<client::command_set> client;

  bool as_json = false; ///< Of the commands that are not the client's.
  std::string checked_file;
  std::string url;
  std::string token_name;
  std::vector<std::string> token_scopes;
  std::string shell;

private:
  void describe_server();
  void describe_rest();
};

} // namespace errand
