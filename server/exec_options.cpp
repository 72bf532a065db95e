#include "server/exec_options.hpp"

#include "handlers/exec_arguments.hpp"
#include "handlers/exec_command.hpp"
#include "server/printable.hpp"
#include "task/spec_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace errand {

namespace {

constexpr std::string_view argv_allowed =
    "an array of texts, the first of which is the path of a program from the root and has no"
    " placeholder, such as [\"/usr/bin/convert\", \"-resize\", \"{size}\"]";
constexpr std::string_view directory_allowed = "a path from the root";
constexpr std::string_view user_allowed = "the name of a user";
constexpr std::string_view output_allowed = "bytes from 1 to 64MiB, such as 5000 or \"64KiB\"";
constexpr std::string_view grace_allowed = "seconds from 0 to 3600";

constexpr int64_t max_output = 64 << 20;
constexpr double max_grace_s = 3600;
constexpr size_t max_arguments = 1000;

bool has_nul(const std::string& text) {
  return text.find('\0') != text.npos;
}

/// What it is in place of what it may be; nothing if it is good.
std::optional<std::string> argv_fault(const std::vector<std::string>& argv) {
  if (argv.empty())
    return "an empty array";
  if (argv.size() > max_arguments)
    return "an array of " + std::to_string(argv.size()) + " texts, more than the "
           + std::to_string(max_arguments) + " that are allowed";
  if (const auto found = std::find_if(argv.begin(), argv.end(), has_nul); found != argv.end())
    return "an array whose element " + std::to_string(found - argv.begin() + 1)
           + " has a NUL character";
  const auto first = "an array whose element 1, " + string_literal(argv.front());
  if (!argv.front().starts_with('/'))
    return first + ", is no path from the root";
  if (!placeholders_in(argv.front()).empty())
    return first + ", has a placeholder";
  return std::nullopt;
}

const std::vector<std::string>* texts_in(const given_value& value) {
  const auto* other = std::get_if<foreign_value>(&value);
  return other ? other->as<std::vector<std::string>>() : nullptr;
}

bool is_path(const std::string& path) {
  return path.starts_with('/') && !has_nul(path);
}

std::string array_of(const std::vector<std::string>& texts) {
  std::string shown = "[";
  for (const auto& text : texts)
    shown += (shown.size() > 1 ? ", " : "") + string_literal(text);
  return shown + ']';
}

/// A whole number, or text with a unit.
std::optional<int64_t> bytes_in(const given_value& value) {
  if (const auto* whole = std::get_if<int64_t>(&value))
    return *whole;
  const auto* text = std::get_if<std::string>(&value);
  if (!text)
    return std::nullopt;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  const std::string_view unit{end, text->data() + text->size()};
  const int64_t factor = unit == "KiB" ? 1 << 10 : unit == "MiB" ? 1 << 20 : unit.empty() ? 1 : 0;
  if (error != std::errc{} || factor == 0 || number > max_output)
    return std::nullopt;
  return number * factor;
}

bool is_output_size(int64_t bytes) {
  return bytes >= 1 && bytes <= max_output;
}

bool is_grace(double seconds) {
  return seconds >= 0 && seconds <= max_grace_s; // false for NaN, too
}

constexpr std::array exec_keys{
    named_field<ExecCommand>{
        "argv", argv_allowed,
        [](const given_value& value, ExecCommand& command) {
          const auto* argv = texts_in(value);
          if (!argv || argv_fault(*argv))
            return false;
          command.argv = *argv;
          return true;
        },
        [](const ExecCommand& command) { return std::optional(array_of(command.argv)); },
        [](const ExecCommand& command) { return !argv_fault(command.argv); }, false,
        [](const given_value& value) {
          const auto* argv = texts_in(value);
          return argv ? argv_fault(*argv) : std::nullopt;
        }},
    named_field<ExecCommand>{
        "directory", directory_allowed,
        [](const given_value& value, ExecCommand& command) {
          const auto* path = std::get_if<std::string>(&value);
          if (!path || !is_path(*path))
            return false;
          command.directory = *path;
          return true;
        },
        [](const ExecCommand& command) { return std::optional(string_literal(command.directory)); },
        [](const ExecCommand& command) { return is_path(command.directory); }},
    named_field<ExecCommand>{"user", user_allowed,
                             [](const given_value& value, ExecCommand& command) {
                               const auto* name = std::get_if<std::string>(&value);
                               if (!name || name->empty() || has_nul(*name))
                                 return false;
                               command.user = *name;
                               return true;
                             },
                             [](const ExecCommand& command) {
                               std::optional<std::string> shown;
                               if (!command.user.empty())
                                 shown = string_literal(command.user);
                               return shown;
                             },
                             [](const ExecCommand& command) { return !has_nul(command.user); }},
    named_field<ExecCommand>{"max_output_bytes", output_allowed,
                             [](const given_value& value, ExecCommand& command) {
                               const auto bytes = bytes_in(value);
                               if (!bytes || !is_output_size(*bytes))
                                 return false;
                               command.max_output_bytes = static_cast<size_t>(*bytes);
                               return true;
                             },
                             [](const ExecCommand& command) {
                               return std::optional(std::to_string(command.max_output_bytes));
                             },
                             [](const ExecCommand& command) {
                               return command.max_output_bytes <= static_cast<size_t>(max_output)
                                      && is_output_size(
                                          static_cast<int64_t>(command.max_output_bytes));
                             }},
    named_field<ExecCommand>{
        "grace_s", grace_allowed,
        [](const given_value& value, ExecCommand& command) {
          const auto* whole = std::get_if<int64_t>(&value);
          const auto* number = std::get_if<double>(&value);
          if (!whole && !number)
            return false;
          const double seconds = whole ? static_cast<double>(*whole) : *number;
          if (!is_grace(seconds))
            return false;
          command.grace = Seconds(seconds);
          return true;
        },
        [](const ExecCommand& command) {
          char digits[32];
          const auto end = std::to_chars(digits, digits + sizeof digits, command.grace.count()).ptr;
          return std::optional(std::string(digits, end));
        },
        [](const ExecCommand& command) { return is_grace(command.grace.count()); }},
};

/// Why that can't be a variable of a command's environment.
std::optional<std::string> variable_fault(const std::string& name, const std::string& value) {
  if (name.empty() || name.find('=') != name.npos || has_nul(name))
    return "can't be a variable: its name must have a character or more, and no '='";
  if (name == "ERRAND_TASK_ID" || name == "ERRAND_ATTEMPT" || name == "TRACEPARENT"
      || name.starts_with("ERRAND_ARG_"))
    return "can't be set: each task sets it to its own";
  if (has_nul(value))
    return "holds a NUL character, which no variable can";
  return std::nullopt;
}

std::string key_of(const std::string& command, std::string_view key) {
  return table_name(exec_table, command) + '.' + std::string(key);
}

} // namespace

std::span<const named_field<ExecCommand>> exec_fields() {
  return exec_keys;
}

std::optional<std::string> exec_name_fault(std::string_view name) {
  if (is_name(name))
    return std::nullopt;
  return "can't be a command: its name must be 1 to 128 of A-Z, a-z, 0-9 and ._:/-";
}

bool is_environment(const config_entry& entry) {
  return entry.path.size() >= 3 && entry.path[0] == exec_table && entry.path[2] == "environment";
}

std::optional<std::string> read_environment(const config_entry& entry, ExecCommand& command) {
  if (entry.path.size() == 3 && entry.is_empty_table)
    return std::nullopt;
  const auto* value = std::get_if<std::string>(&entry.value);
  if (entry.path.size() == 3)
    return "is " + described(entry.value)
           + ", but must be a table of texts such as {TZ = \"Europe/Berlin\"}";
  const auto& name = entry.path[3];
  if (entry.path.size() > 4 || !value)
    return "is " + described(entry.value) + ", but must be a text";
  if (auto fault = variable_fault(name, *value))
    return fault;
  command.environment[name] = *value;
  return std::nullopt;
}

std::vector<std::string> wrong_exec_options(const Options& options) {
  std::vector<std::string> wrong;
  for (const auto& [name, command] : options.exec) {
    if (const auto fault = exec_name_fault(name))
      wrong.push_back("option " + table_name(exec_table, name) + ' ' + *fault);
    for (const auto& field : exec_fields())
      if (!field.is_good(command))
        wrong.push_back("option " + key_of(name, field.key) + " is "
                        + field.shown(command).value_or("not set") + ", but must be "
                        + std::string(field.allowed));
    for (const auto& [variable, value] : command.environment)
      if (const auto fault = variable_fault(variable, value))
        wrong.push_back("option " + key_of(name, "environment.") + string_literal(variable) + ' '
                        + *fault);
  }
  if (options.exec.size() > max_commands)
    wrong.push_back("option exec has " + std::to_string(options.exec.size())
                    + " commands, but may have at most " + std::to_string(max_commands));
  return wrong;
}

std::vector<std::string> unusable_commands(const Options& options) {
  std::vector<std::string> unusable;
  for (const auto& fault : prepare_commands(options.exec).faults)
    unusable.push_back("option " + key_of(fault.command, fault.key) + ' ' + fault.text);
  return unusable;
}

} // namespace errand
