// The completion scripts: bash itself completes something. Their grammar: completion_grammar.

#include "tests/cli/client_fixture.hpp"

#include "cli/command_line.hpp"
#include "cli/command_tree.hpp"
#include "cli/completion.hpp"

#include <fstream>
#include <set>
#include <sstream>

using namespace errand;
using namespace errand::test;

namespace {

std::string script_for(const std::string& shell) {
  const auto [status, out, err] =
      run_to_end({.program = ERRAND_PROGRAM, .arguments = {"completion", shell}});
  CHECK(status == 0);
  CHECK(err.empty());
  return out;
}

/// What bash offers behind those words, of which the last may be empty.
std::set<std::string> offered(const std::vector<std::string>& words,
                              const std::string& folder = "/") {
  std::string line;
  for (const auto& word : words)
    line += " '" + word + "'";
  const auto script = script_for("bash") + "cd " + folder + "\nCOMP_WORDS=(errand" + line
                      + ")\nCOMP_CWORD=" + std::to_string(words.size())
                      + "\n_errand\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
  const auto [status, out, err] =
      run_to_end({.program = "/bin/bash", .arguments = {"--norc"}, .input = script});
  INFO(err);
  CHECK(status == 0);
  std::set<std::string> result;
  std::istringstream lines(out);
  for (std::string each; std::getline(lines, each);)
    if (!each.empty())
      result.insert(each);
  return result;
}

using words = std::set<std::string>;

} // namespace

TEST_CASE("bash completes commands, flags and what stands behind them") {
  CHECK(offered({"sub"}) == words{"submit"});
  CHECK(offered({"queues", ""}) == words{"pause", "resume", "set"});
  CHECK(offered({"queues", "pause", "--un"}) == words{"--until"});
  CHECK(offered({"submit", "echo", "--uni"})
        == words{"--unique", "--unique-until", "--unique-window"});
  CHECK(offered({"submit", "--on-conflict", ""}) == words{"return", "replace", "reject"});
  CHECK(offered({"list", "--state", "s"}) == words{"scheduled", "succeeded"});
  CHECK(offered({"submit", "--queue", ""}).empty());
  CHECK(offered({"completion", "f"}) == words{"fish"});
  CHECK(offered({"token", "n"}) == words{"new"});
  // A value that is called like a command is none.
  CHECK(offered({"list", "--queue", "list", "--ord"}) == words{"--order"});
  const auto all = offered({""});
  for (const auto* command : {"serve", "submit", "get", "top", "manual"})
    CHECK(all.count(command) == 1);
}

TEST_CASE("bash completes files where a file is meant") {
  const temp_folder folder;
  std::ofstream(folder.file("my.toml")) << "";
  const auto place = folder.file("");
  CHECK(offered({"serve", "--config", "m"}, place) == words{"my.toml"});
  CHECK(offered({"check-config", "m"}, place) == words{"my.toml"});
  CHECK(offered({"check-config", "--j"}, place) == words{"--json"});
}

TEST_CASE("every command and flag is in the completion of every shell") {
  const command_line line;
  const auto program = tree_of(line.app);
  const auto bash = script_for("bash"), zsh = script_for("zsh"), fish = script_for("fish");
  for (const auto* command : all_commands(program)) {
    INFO(command->path);
    CHECK(contains(bash, "'" + command->path + "') words="));
    CHECK(contains(zsh, "'" + command->path + "')\n"));
    CHECK(contains(fish, "__errand_at \"" + command->path + "\""));
    for (const auto& flag : command->flags) {
      INFO(flag.names.front());
      CHECK(contains(bash, flag.names.front()));
      CHECK(contains(zsh, "'" + flag.names.front() + ":"));
      CHECK(contains(fish, " -l " + flag.names.front().substr(2)));
    }
  }
}
