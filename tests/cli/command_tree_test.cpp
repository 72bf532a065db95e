// The manual page, and what it is made from.

#include "tests/support/catch.hpp"

#include "cli/command_line.hpp"
#include "cli/command_tree.hpp"
#include "cli/exit_statuses.hpp"
#include "cli/manual.hpp"

#include <fstream>
#include <iterator>
#include <sstream>

using namespace errand;

namespace {

std::string document(const std::string& name) {
  std::ifstream file(ERRAND_DOCS "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Without roff's escapes.
std::string plain(std::string text) {
  for (size_t at = 0; (at = text.find('\\', at)) != text.npos;) {
    const auto kind = at + 1 < text.size() ? text[at + 1] : ' ';
    text.erase(at, kind == 'f' ? 3 : kind == '-' ? 1 : 2);
  }
  return text;
}

} // namespace

TEST_CASE("docs/errand.1 is the manual page of this program") {
  const command_line line;
  INFO("to renew it: errand manual >docs/errand.1");
  CHECK(document("errand.1") == manual_page(tree_of(line.app)));
}

TEST_CASE("the manual page names every command, argument, flag and exit status") {
  const command_line line;
  const auto page = plain(document("errand.1"));
  const auto has = [&](const std::string& text) { return page.find(text) != page.npos; };
  const auto program = tree_of(line.app);
  for (const auto* command : all_commands(program)) {
    INFO(command->path);
    CHECK(has(command->path.empty() ? ".SH NAME" : ".SS \"errand " + command->path));
    for (const auto& flag : command->flags)
      CHECK(has("\n" + flag.names.front()));
    for (const auto& argument : command->arguments)
      CHECK(has("\n" + argument.name + "\n"));
  }
  for (const auto& [status, meaning] : exit_meanings)
    CHECK(has(".TP\n" + std::to_string(status) + "\n" + meaning));
}

TEST_CASE("docs/cli.md names every command and exit status") {
  const command_line line;
  const auto text = document("cli.md");
  const auto program = tree_of(line.app);
  for (const auto* command : all_commands(program)) {
    INFO(command->path);
    CHECK(text.find("`errand " + command->path) != text.npos);
  }
  for (const auto& [status, meaning] : exit_meanings)
    CHECK(text.find("| " + std::to_string(status) + " | " + meaning + " |") != text.npos);
}

TEST_CASE("every command and flag says what it is for, within 100 columns") {
  const command_line line;
  const auto program = tree_of(line.app);
  for (const auto* command : all_commands(program)) {
    INFO(command->path);
    CHECK_FALSE(command->description.empty());
    for (const auto& flag : command->flags) {
      INFO(flag.names.front());
      CHECK_FALSE(flag.help.empty());
      CHECK(flag.takes_value == !flag.value_name.empty());
    }
    for (const auto& argument : command->arguments)
      CHECK_FALSE(argument.help.empty());
  }
  for (const auto* app : line.app.get_subcommands([](const CLI::App*) { return true; })) {
    std::istringstream lines(app->help());
    for (std::string each; std::getline(lines, each);) {
      INFO(each);
      CHECK(each.size() <= 100);
    }
  }
}
