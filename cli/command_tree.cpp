#include "cli/command_tree.hpp"

#include <sstream>

namespace errand {

namespace {

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const auto& name : option.get_lnames())
    names.push_back("--" + name);
  for (const auto& name : option.get_snames())
    names.push_back("-" + name);
  return names;
}

void add_option(described_command& command, const CLI::Option& option) {
  const bool takes_value = option.get_items_expected_max() > 0;
  const auto value_name = takes_value ? option.get_type_name() : std::string();
  if (option.get_positional())
    command.arguments.push_back({option.get_name(true), value_name, option.get_description(),
                                 option.get_required(), option.get_items_expected_max() > 1});
  else
    command.flags.push_back({names_of(option), value_name, option.get_description(), takes_value});
}

described_command tree_below(const CLI::App& app, const std::string& above) {
  described_command command;
  const bool is_program = app.get_parent() == nullptr;
  command.name = app.get_name();
  command.path = is_program ? "" : above.empty() ? command.name : above + ' ' + command.name;
  command.group = above.empty() && !is_program ? app.get_group() : "";
  command.description = app.get_description();
  for (const auto* option : app.get_options())
    add_option(command, *option);
  for (const auto* inner : app.get_subcommands([](const CLI::App*) { return true; }))
    command.inner.push_back(tree_below(*inner, command.path));
  return command;
}

} // namespace

described_command tree_of(const CLI::App& app) {
  return tree_below(app, "");
}

std::vector<const described_command*> all_commands(const described_command& root) {
  std::vector<const described_command*> result{&root};
  for (const auto& inner : root.inner)
    for (const auto* each : all_commands(inner))
      result.push_back(each);
  return result;
}

std::vector<std::string> choices_of(const std::string& value_name) {
  std::vector<std::string> result;
  if (value_name.find('|') == value_name.npos)
    return result;
  std::istringstream words(value_name);
  for (std::string word; std::getline(words, word, '|');)
    result.push_back(word);
  return result;
}

} // namespace errand
