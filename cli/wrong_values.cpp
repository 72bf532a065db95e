#include "cli/wrong_values.hpp"

#include "server/printable.hpp"
#include "server/settings.hpp"

#include <algorithm>

namespace errand {

namespace {

bool is_setting(const std::string& flag) {
  const auto& all = all_settings();
  return flag == config_flag
         || std::any_of(all.begin(), all.end(), [&](const auto& s) { return s.flag == flag; });
}

/// What the option's own check says of the text; nothing if it has none.
std::string fault_of(CLI::Option& option, const std::string& text) {
  try {
    return (*option.get_validator(0))(text);
  } catch (const CLI::OptionNotFound&) {
    return "";
  }
}

bool is_given_too_often(const CLI::Option& option) {
  const auto most = std::max(option.get_items_expected_max(), 1);
  return option.get_multi_option_policy() == CLI::MultiOptionPolicy::Throw
         && option.results().size() > static_cast<size_t>(most);
}

bool tells_of_missing_value(const CLI::ParseError& error) {
  const std::string_view text = error.what();
  return error.get_name() == "ArgumentMismatch" && text.ends_with(" missing");
}

} // namespace

std::vector<std::string> bare_assignments(const CLI::App& command,
                                          const std::vector<std::string>& arguments) {
  std::vector<std::string> errors;
  for (const auto& argument : arguments) {
    if (argument == "--")
      break;
    if (!argument.starts_with("--") || !argument.ends_with('='))
      continue;
    const auto name = argument.substr(0, argument.size() - 1);
    if (command.get_option_no_throw(name))
      errors.push_back(name + " is empty");
  }
  return errors;
}

std::vector<std::string> wrong_values(CLI::App& command) {
  std::vector<std::string> errors;
  for (auto* option : command.get_options()) {
    const auto name = option->get_name();
    if (is_setting(name))
      continue;
    for (const auto& text : option->results()) {
      if (text.empty())
        errors.push_back(name + " is empty");
      else if (const auto fault = fault_of(*option, text); !fault.empty())
        errors.push_back(name + ' ' + fault);
    }
    if (option->get_required() && option->results().empty())
      errors.push_back(name + " is required");
    if (is_given_too_often(*option))
      errors.push_back(name + " is given " + std::to_string(option->results().size())
                       + " times, but may be given once");
  }
  return errors;
}

bool is_about_values(const CLI::ParseError& error) {
  const auto kind = error.get_name();
  return kind == "ConversionError" || kind == "ValidationError" || kind == "RequiredError"
         || (kind == "ArgumentMismatch" && !tells_of_missing_value(error));
}

std::string worded(const CLI::ParseError& error, const CLI::App* command) {
  const std::string text = error.what();
  if (!command)
    return text;
  if (tells_of_missing_value(error)) {
    const auto name = text.substr(0, text.find(": "));
    if (const auto* option = command->get_option_no_throw(name))
      return name + " needs a value: " + option->get_type_name();
  }
  if (error.get_name() == "ConversionError")
    for (const auto* option : command->get_options())
      if (const auto name = option->get_name();
          option->get_items_expected_max() == 0 && text.find(' ' + name + " = ") != text.npos)
        return name + " is " + string_literal(option->results().back())
               + ", but must be true or false";
  return text;
}

} // namespace errand
