#include "server/config_file.hpp"

#include "server/printable.hpp"
#include "task/spec_rules.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>
#include <toml++/toml.h>

namespace errand {

namespace {

/// A configuration of this size is a mistake: another file, or a device that never ends.
constexpr size_t file_max_bytes = 1024 * 1024;

std::string place_of(const std::string& name, toml::source_position position) {
  return name + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

bool is_bare_key(std::string_view part) {
  auto is_bare = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '-';
  };
  return !part.empty() && std::all_of(part.begin(), part.end(), is_bare);
}

std::string joined(const std::string& tables, std::string_view part) {
  auto last = is_bare_key(part) ? std::string(part) : string_literal(part);
  return tables.empty() ? last : tables + "." + last;
}

/// Recursion ends with the parser's own limit on nesting, here too.
nlohmann::json json_of(const toml::node& node, const std::string& pointer, const std::string& name,
                       config_tree& tree);

nlohmann::json json_of(const toml::table& table, const std::string& pointer,
                       const std::string& name, config_tree& tree) {
  auto object = nlohmann::json::object();
  for (const auto& [key, node] : table) {
    const std::string part{key.str()};
    object[part] = json_of(node, pointer + pointer_step(part), name, tree);
  }
  return object;
}

nlohmann::json json_of(const toml::node& node, const std::string& pointer, const std::string& name,
                       config_tree& tree) {
  const auto place = place_of(name, node.source().begin);
  tree.places[pointer] = place;
  switch (node.type()) {
  case toml::node_type::table:
    return json_of(*node.as_table(), pointer, name, tree);
  case toml::node_type::array: {
    auto array = nlohmann::json::array();
    for (const auto& element : *node.as_array())
      array.push_back(json_of(element, pointer + '/' + std::to_string(array.size()), name, tree));
    return array;
  }
  case toml::node_type::string:
    return **node.as_string();
  case toml::node_type::integer:
    return **node.as_integer();
  case toml::node_type::floating_point:
    if (!std::isfinite(**node.as_floating_point()))
      tree.errors.push_back(place + ": inf and nan have no form in JSON; write a number");
    return **node.as_floating_point();
  case toml::node_type::boolean:
    return **node.as_boolean();
  default: {
    std::ostringstream text;
    node.visit([&text](const auto& value) {
      if constexpr (
          toml::is_date<
              decltype(value)> || toml::is_time<decltype(value)> || toml::is_date_time<decltype(value)>)
        text << *value;
    });
    return text.str();
  }
  }
}

foreign_value array_value(const toml::array& array, const std::string& name) {
  if (array.is_array_of_tables()) {
    auto tree = std::make_shared<config_tree>();
    tree->value = json_of(array, "", name, *tree);
    return {"an array", std::shared_ptr<const config_tree>(std::move(tree))};
  }
  std::vector<std::string> texts;
  for (const auto& element : array) {
    const auto* text = element.as_string();
    if (!text)
      return {"an array of other than strings (see element " + std::to_string(texts.size() + 1)
              + ')'};
    texts.push_back(**text);
  }
  return {"an array", std::move(texts)};
}

given_value value_of(const toml::node& node, const std::string& name) {
  switch (node.type()) {
  case toml::node_type::string:
    return **node.as_string();
  case toml::node_type::integer:
    return **node.as_integer();
  case toml::node_type::floating_point:
    return **node.as_floating_point();
  case toml::node_type::boolean:
    return foreign_value{**node.as_boolean() ? "true (a boolean)" : "false (a boolean)",
                         **node.as_boolean()};
  case toml::node_type::array:
    return array_value(*node.as_array(), name);
  case toml::node_type::table:
    return foreign_value{"a table"};
  default:
    return foreign_value{"a date or time"};
  }
}

struct positioned_entry {
  toml::source_position position;
  config_entry entry;
};

/// Recursion ends with the parser's own limit on nesting.
void collect(const toml::table& table, const std::string& tables, std::vector<std::string>& path,
             const std::string& name, std::vector<positioned_entry>& found) {
  for (const auto& [key, node] : table) {
    auto full_key = joined(tables, key.str());
    path.emplace_back(key.str());
    auto* inner = node.as_table();
    if (inner && !inner->empty()) {
      collect(*inner, full_key, path, name, found);
    } else {
      auto position = key.source().begin;
      found.push_back({position,
                       {full_key, path, value_of(node, name), place_of(name, position),
                        place_of(name, node.source().begin), inner != nullptr}});
    }
    path.pop_back();
  }
}

} // namespace

const std::string& config_tree::place_of(std::string pointer) const {
  auto found = places.find(pointer);
  while (found == places.end()) {
    pointer.resize(pointer.rfind('/'));
    found = places.find(pointer);
  }
  return found->second;
}

config_file parse_config(std::string_view text, const std::string& name) {
  try {
    std::vector<positioned_entry> found;
    std::vector<std::string> path;
    collect(toml::parse(text, name), "", path, name, found);
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.position < b.position; });
    config_file file;
    for (auto& [position, entry] : found)
      file.entries.push_back(std::move(entry));
    return file;
  } catch (const toml::parse_error& error) {
    // The library quotes the file, and one error must stay one line.
    const std::string why(error.description());
    const bool is_one_line = is_utf8(why) && has_no_control_characters(why);
    return {{},
            place_of(name, error.source().begin) + ": "
                + (is_one_line ? why : string_literal(why))};
  }
}

config_file read_config_file(const std::string& path) {
  const auto name = is_printable(path) ? path : string_literal(path);
  const auto failed = [&name](const std::string& why) {
    return config_file{{}, "cannot read the configuration file " + name + ": " + why};
  };
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return failed(std::strerror(errno));
  std::string text(file_max_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (in.fail() && !in.eof())) // a folder opens, but does not read
    return failed(errno ? std::strerror(errno) : "it is no file");
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > file_max_bytes)
    return failed("it is larger than 1 MiB; is it the right file?");
  return parse_config(text, name);
}

} // namespace errand
