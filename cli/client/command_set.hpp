// The commands that ask a server: how each is described to the parser together with the flags that
// all of them have, and how the chosen one is run.
#pragma once

#include "cli/client/session.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>

namespace errand::client {

class command_set {
public:
  /// Gives the exit status; throws failure.
  using action = std::function<int(session&)>;

  /// Adds all commands to `app`, which must outlive this.
  explicit command_set(CLI::App& app);
  command_set(const command_set&) = delete;
  command_set& operator=(const command_set&) = delete;

  /// Adds a command below `parent`, with --url, --token-file and --json.
  CLI::App& add(CLI::App& parent, const std::string& name, const std::string& description,
                action run);
  CLI::App& add(const std::string& name, const std::string& description, action run);

  bool holds(const CLI::App* command) const { return actions_.contains(command); }

  /// Runs one that this holds. Says what went wrong, and gives the exit status.
  int run(const CLI::App& command, const cli_call& call) const;

private:
  CLI::App& app_;
  std::string url_;
  std::string token_file_;
  bool as_json_ = false;
  std::map<const CLI::App*, action> actions_;
};

/// One command or family each; in files of their names.
void add_submit(command_set& set);
void add_get(command_set& set);
void add_list(command_set& set);
void add_orders(command_set& set);
void add_explain(command_set& set);
void add_log(command_set& set);
void add_queues(command_set& set);
void add_schedules(command_set& set);
void add_workers(command_set& set);
void add_events(command_set& set);
void add_top(command_set& set);

} // namespace errand::client
