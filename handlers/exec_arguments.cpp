#include "handlers/exec_arguments.hpp"

#include <errand/handler.hpp>

#include <algorithm>
#include <functional>
#include <optional>

namespace errand {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// The name in braces at the beginning of `text`; empty if there is none.
std::string_view braced_name(std::string_view text) {
  if (!text.starts_with('{'))
    return {};
  size_t end = 1;
  while (end < text.size() && (is_letter_or_digit(text[end]) || text[end] == '_'))
    ++end;
  return end > 1 && end < text.size() && text[end] == '}' ? text.substr(1, end - 1)
                                                          : std::string_view{};
}

/// Walks over an argument: `on_text` gets what is taken as it is, `on_name` each placeholder.
void walk(std::string_view argument, const std::function<void(std::string_view)>& on_text,
          const std::function<void(std::string_view)>& on_name) {
  while (!argument.empty()) {
    if (argument.starts_with("{{")) {
      const auto name = braced_name(argument.substr(1));
      if (!name.empty() && argument.substr(name.size() + 3).starts_with('}')) {
        on_text(argument.substr(1, name.size() + 2));
        argument.remove_prefix(name.size() + 4);
        continue;
      }
    }
    if (const auto name = braced_name(argument); !name.empty()) {
      on_name(name);
      argument.remove_prefix(name.size() + 2);
      continue;
    }
    const auto next = std::min(argument.find('{', 1), argument.size());
    on_text(argument.substr(0, next));
    argument.remove_prefix(next);
  }
}

/// A scalar as a program gets it; nothing for null, arrays and objects.
std::optional<std::string> scalar_text(const nlohmann::json& value) {
  if (value.is_string())
    return value.get<std::string>();
  if (value.is_number() || value.is_boolean())
    return value.dump();
  return std::nullopt;
}

std::string checked(std::string text, const std::string& name) {
  if (text.find('\0') != text.npos)
    throw PermanentError("args." + name + " holds a NUL character, which no program can be given");
  return text;
}

std::string value_for(std::string_view name, const nlohmann::json& args) {
  const std::string key{name};
  const auto found = args.find(key);
  if (found == args.end())
    throw PermanentError("the command needs args." + key + ", which the task does not have");
  auto text = scalar_text(*found);
  if (!text)
    throw PermanentError("args." + key + " must be a text, a number, true or false; it is "
                         + std::string(found->type_name()));
  return checked(std::move(*text), key);
}

std::string variable_name(const std::string& key) {
  std::string name = "ERRAND_ARG_";
  for (const char c : key)
    name += !is_letter_or_digit(c) ? '_'
            : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A')
                                   : c;
  return name;
}

} // namespace

std::vector<std::string> placeholders_in(std::string_view argument) {
  std::vector<std::string> names;
  walk(
      argument, [](std::string_view) {}, [&](std::string_view name) { names.emplace_back(name); });
  return names;
}

std::vector<std::string> filled_in(const std::vector<std::string>& argv,
                                   const nlohmann::json& args) {
  std::vector<std::string> filled;
  bool options_ended = false;
  for (const auto& argument : argv) {
    std::string text;
    walk(
        argument, [&](std::string_view part) { text += part; },
        [&](std::string_view name) {
          const auto value = value_for(name, args);
          if (text.empty() && !options_ended && value.starts_with('-')
              && args.at(std::string(name)).is_string())
            throw PermanentError("args." + std::string(name)
                                 + " begins with '-', so that the "
                                   "program could take it for an option; to allow it, put the "
                                   "argument \"--\" before it in the command's argv");
          text += value;
        });
    options_ended |= argument == "--";
    filled.push_back(std::move(text));
  }
  return filled;
}

std::map<std::string, std::string> argument_variables(const nlohmann::json& args) {
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> keys; // by variable
  for (const auto& [key, value] : args.items()) {
    auto text = scalar_text(value);
    if (!text || text->size() > exec_variable_max)
      continue;
    const auto name = variable_name(key);
    if (const auto [other, is_new] = keys.emplace(name, key); !is_new)
      throw PermanentError("args." + other->second + " and args." + key + " would both become "
                           + name + "; rename one");
    variables.emplace(name, checked(std::move(*text), key));
  }
  return variables;
}

} // namespace errand
