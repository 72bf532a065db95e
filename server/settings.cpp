#include "server/settings.hpp"

#include "server/config_file.hpp"
#include "server/exec_options.hpp"
#include "server/named_options.hpp"
#include "server/named_tables.hpp"
#include "server/nearest_name.hpp"
#include "server/printable.hpp"
#include "server/route_tables.hpp"
#include "server/routes.hpp"
#include "server/token_options.hpp"
#include "task/near_name.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <unistd.h>

namespace errand {

namespace {

/// Of the client commands, which may share an environment with the server.
constexpr std::array<std::string_view, 1> reserved_variables{"ERRAND_URL"};

/// ERRAND_ARG_ is how a command that runs as a task gets its arguments. The others are put into
/// every container of a Kubernetes namespace that has a Service named errand.
constexpr std::array<std::string_view, 3> foreign_prefixes{"ERRAND_ARG_", "ERRAND_SERVICE_",
                                                           "ERRAND_PORT_"};

std::vector<std::string> names(const std::function<std::string(const setting&)>& name_of) {
  std::vector<std::string> result;
  for (const auto& s : all_settings())
    result.push_back(name_of(s));
  return result;
}

std::vector<std::string> all_keys() {
  auto result = names([](const setting& s) { return std::string(s.key); });
  result.emplace_back(password_key);
  return result;
}

std::vector<std::string> all_variables() {
  auto result = names(variable_of);
  result.emplace_back(config_variable);
  result.emplace_back(password_variable);
  result.emplace_back(token_variable);
  return result;
}

/// Applies sources from the weakest to the strongest; whatever is wrong in any is told.
class loader {
public:
  explicit loader(loaded_settings& loaded) : loaded_(loaded) {}

  void read_file(const std::string& path) {
    auto file = read_config_file(path);
    loaded_.config_file = path;
    if (!file.error.empty())
      loaded_.errors.push_back(file.error);
    named_tables named(loaded_);
    for (const auto& entry : file.entries)
      if (!named.take(entry) && !take_routes(entry, loaded_))
        read_entry(entry);
    named.finish();
  }

  void read_variable(const std::string& name, const std::string& value) {
    if (value.empty() || name == config_variable)
      return;
    if (name == password_variable)
      return read_password(value, name);
    if (name == token_variable)
      return read_token(value);
    auto index = index_of([&](const setting& s) { return variable_of(s) == name; });
    if (!index)
      return report_unknown_variable(name);
    bool is_service_link = value.starts_with("tcp://");
    read(*index, untyped_text{value}, name, name,
         is_service_link ? " (Kubernetes sets it for a Service of that name: give the pod"
                           " enableServiceLinks: false, or the Service another name)"
                         : "");
  }

  void read_flag(const std::string& flag, const std::string& value) {
    auto index = index_of([&](const setting& s) { return !flag.empty() && s.flag == flag; });
    if (index)
      read(*index, untyped_text{value}, flag, flag);
    else
      loaded_.errors.push_back(flag + ": there is no such flag");
  }

  /// Once all sources are read: the variable may hold a token that the file has, too.
  void check_tokens() {
    for (const auto& twice : shared_tokens(loaded_.options)) {
      const auto key = table_name(tokens_table, twice.name) + ".hash";
      const auto place = loaded_.named_origins.find(key);
      loaded_.errors.push_back((place == loaded_.named_origins.end() ? "" : place->second + ": ")
                               + text_of(twice));
    }
  }

private:
  void read_token(const std::string& token) {
    if (auto fault = token_fault(token))
      loaded_.errors.push_back(std::string(token_variable) + ' ' + *fault);
    else
      loaded_.options.token = token;
  }

  static std::optional<size_t> index_of(const std::function<bool(const setting&)>& is_it) {
    auto table = all_settings();
    auto found = std::find_if(table.begin(), table.end(), is_it);
    if (found == table.end())
      return {};
    return static_cast<size_t>(found - table.begin());
  }

  /// The value is not shown, whatever is wrong with it.
  void read_password(const given_value& value, const std::string& place) {
    const auto* untyped = std::get_if<untyped_text>(&value);
    const auto* text = untyped ? &untyped->text : std::get_if<std::string>(&value);
    if (text && has_no_control_characters(*text))
      loaded_.options.smtp.password = *text;
    else
      loaded_.errors.push_back(place + " must be text without control characters");
  }

  void read_entry(const config_entry& entry) {
    if (entry.key == password_key)
      return read_password(entry.value, entry.value_place + ": " + entry.key);
    if (auto index = index_of([&](const setting& s) { return s.key == entry.key; })) {
      read(*index, entry.value, entry.value_place, entry.value_place + ": " + entry.key);
      return;
    }
    bool is_table =
        index_of([&](const setting& s) { return s.key.starts_with(entry.key + "."); }).has_value();
    if (is_table && !entry.is_empty_table)
      loaded_.errors.push_back(entry.value_place + ": " + entry.key + " must be a table: a line ["
                               + entry.key + "] and its keys below");
    else if (!is_table)
      loaded_.errors.push_back(entry.key_place + ": there is no setting " + entry.key
                               + meant(entry));
  }

  /// A setting, or a table with names of the user's own.
  static std::string meant(const config_entry& entry) {
    auto hint = did_you_mean(entry.key, all_keys());
    constexpr std::array<std::string_view, 5> tables{"exec", "queues", "routes", "tokens",
                                                     "workers"};
    if (const auto table = near_name(entry.path[0], tables); hint.empty() && table)
      hint = "; did you mean the table " + std::string(*table) + "?";
    return hint;
  }

  void read(size_t index, const given_value& value, const std::string& origin,
            const std::string& place, const std::string& advice = {}) {
    auto outcome = read_value(all_settings()[index], value, loaded_.options);
    if (outcome.ok())
      loaded_.origins[index] = origin;
    else
      loaded_.errors.push_back(place + " " + outcome.message() + advice);
  }

  void report_unknown_variable(const std::string& name) {
    auto begins = [&](std::string_view prefix) { return name.starts_with(prefix); };
    if (std::count(reserved_variables.begin(), reserved_variables.end(), name) > 0
        || std::any_of(foreign_prefixes.begin(), foreign_prefixes.end(), begins))
      return;
    const auto hint = did_you_mean(name, all_variables(), variable_prefix.size());
    auto& told = hint.empty() ? loaded_.warnings : loaded_.errors;
    told.push_back(printable(name) + ": there is no such setting" + hint);
  }

  static std::string printable(const std::string& name) {
    return is_printable(name) ? name : string_literal(name);
  }

  static constexpr std::string_view variable_prefix = "ERRAND_";

  loaded_settings& loaded_;
};

std::optional<std::string> file_to_read(const settings_sources& sources) {
  if (sources.config_file)
    return sources.config_file;
  for (const auto& [name, value] : sources.variables)
    if (name == config_variable && !value.empty())
      return value;
  std::error_code ignored; // what cannot be looked at is not there
  if (std::filesystem::exists(default_config_file, ignored))
    return std::string(default_config_file);
  return {};
}

} // namespace

std::vector<std::pair<std::string, std::string>> errand_variables() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** variable = environ; variable && *variable; ++variable) {
    const std::string_view text(*variable);
    const auto equals = text.find('=');
    if (text.starts_with("ERRAND_") && equals != text.npos)
      variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

loaded_settings load_settings(const settings_sources& sources) {
  loaded_settings loaded;
  loaded.origins.assign(all_settings().size(), "default");
  loader load(loaded);
  if (auto file = file_to_read(sources))
    load.read_file(*file);
  for (const auto& [name, value] : sources.variables)
    load.read_variable(name, value);
  for (const auto& [flag, value] : sources.flags)
    load.read_flag(flag, value);
  load.check_tokens();
  return loaded;
}

std::vector<std::string> wrong_options(const Options& options) {
  std::vector<std::string> wrong;
  for (const auto& s : all_settings()) {
    auto outcome = check_value(s, options);
    if (!outcome.ok())
      wrong.push_back("option " + std::string(s.key) + " " + outcome.message());
  }
  if (!has_no_control_characters(options.smtp.password))
    wrong.push_back("option " + std::string(password_key)
                    + " must be text without control characters");
  constexpr size_t most_workers = 1024; // as of `workers`
  if (options.defer_workers > most_workers)
    wrong.push_back("option defer_workers is " + std::to_string(options.defer_workers)
                    + ", but must be a whole number from 0 to " + std::to_string(most_workers));
  const auto named = wrong_named_options(options);
  wrong.insert(wrong.end(), named.begin(), named.end());
  for (const auto& more :
       {wrong_exec_options(options), wrong_tokens(options), wrong_routes(options)})
    wrong.insert(wrong.end(), more.begin(), more.end());
  return wrong;
}

std::string to_toml(const loaded_settings& settings) {
  std::string text;
  std::string_view table;
  for (size_t i = 0; i < all_settings().size(); ++i) {
    const auto& s = all_settings()[i];
    auto dot = s.key.find('.');
    if (dot != s.key.npos && s.key.substr(0, dot) != table) {
      table = s.key.substr(0, dot);
      text.append("\n[").append(table).append("]\n");
    }
    auto line = std::string(s.key.substr(dot + 1)) + " = " + toml_value(s, settings.options);
    line.resize(std::max<size_t>(line.size(), 32), ' ');
    text += line + " # " + settings.origins[i] + "\n";
    if (s.key == "smtp.user" && !settings.options.smtp.password.empty())
      text += "# password is set\n";
  }
  if (settings.options.routes.empty()) // a key of no table, so before the first
    text.insert(text.find("\n["), "routes = []\n");
  return text + named_tables_to_toml(settings) + routes_to_toml(settings.options);
}

} // namespace errand
