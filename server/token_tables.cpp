#include "server/token_tables.hpp"

#include "http/tokens.hpp"
#include "server/nearest_name.hpp"
#include "server/printable.hpp"
#include "task/spec_rules.hpp"

#include <algorithm>
#include <array>

namespace errand {

namespace {

constexpr std::string_view family = "tokens";
constexpr size_t token_bytes_min = 16;

bool are_scopes(const std::vector<std::string>& names) {
  return !names.empty() && std::all_of(names.begin(), names.end(), [](const auto& name) {
    return parse_scope(name).has_value();
  });
}

std::string shown_names(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names)
    text.append(text.empty() ? "[" : ", ").append(string_literal(name));
  return text.empty() ? "[]" : text + ']';
}

constexpr std::array token_table{
    named_field<TokenOptions>{
        "hash", "\"sha256:\" and 64 hexadecimal digits, as `errand token new` prints it",
        [](const given_value& value, TokenOptions& token) {
          const auto* text = std::get_if<std::string>(&value);
          if (!text || !parse_token_hash(*text))
            return false;
          token.hash = *text;
          return true;
        },
        [](const TokenOptions& token) { return std::optional(string_literal(token.hash)); },
        [](const TokenOptions& token) { return parse_token_hash(token.hash).has_value(); }},
    named_field<TokenOptions>{
        "scopes", "an array of 1 or more of \"read\", \"submit\", \"work\" and \"admin\"",
        [](const given_value& value, TokenOptions& token) {
          const auto* typed = std::get_if<foreign_value>(&value);
          const auto* names = typed ? typed->as<std::vector<std::string>>() : nullptr;
          if (!names || !are_scopes(*names))
            return false;
          token.scopes = *names;
          return true;
        },
        [](const TokenOptions& token) { return std::optional(shown_names(token.scopes)); },
        [](const TokenOptions& token) { return are_scopes(token.scopes); }},
};

/// A value that is not a hash may be the token itself, which is nobody's to read.
std::string shown(std::string_view key, const given_value& value) {
  const bool may_be_token = key == "hash" && std::holds_alternative<std::string>(value);
  return may_be_token ? "another string" : described(value);
}

} // namespace

std::span<const named_field<TokenOptions>> token_fields() {
  return token_table;
}

bool token_tables::take(const config_entry& entry) {
  const auto& path = entry.path;
  if (path[0] != family)
    return false;
  if (path.size() == 1 || (path.size() == 2 && !entry.is_empty_table)) {
    if (!entry.is_empty_table)
      error(entry.value_place, std::string(path.size() == 1 ? family : "tokens.NAME")
                                   + " must be a table: a line [tokens.NAME] with a name for the "
                                     "token, and below it hash and scopes");
    return true;
  }
  const auto& name = path[1];
  const auto table = table_name(family, name);
  if (places_.emplace(name, entry.key_place).second)
    if (auto fault = token_name_fault(name))
      error(entry.key_place, table + ' ' + *fault);
  auto& token = loaded_.options.tokens[name];
  if (path.size() > 2)
    read_field(entry, table, token);
  return true;
}

void token_tables::read_field(const config_entry& entry, const std::string& table,
                              TokenOptions& token) {
  const auto& key = entry.path[2];
  std::vector<std::string> known;
  for (const auto& field : token_fields()) {
    known.push_back(table + '.' + std::string(field.key));
    if (field.key != key || entry.path.size() != 3)
      continue;
    keys_[entry.path[1]].insert(key);
    if (field.read(entry.value, token))
      loaded_.named_origins[table + '.' + key] = entry.value_place;
    else
      error(entry.value_place, entry.key + " is " + shown(key, entry.value) + ", but must be "
                                   + std::string(field.allowed));
    return;
  }
  error(entry.key_place,
        "there is no setting " + entry.key + did_you_mean(entry.key, known, table.size() + 1));
}

void token_tables::finish() {
  for (const auto& [name, place] : places_)
    for (const auto& field : token_fields())
      if (!keys_[name].contains(std::string(field.key)))
        error(place, table_name(family, name) + '.' + std::string(field.key)
                         + " is missing; it must be " + std::string(field.allowed));
  if (places_.size() > max_tokens)
    error(places_.begin()->second, "there are " + std::to_string(places_.size())
                                       + " tokens, but may be at most "
                                       + std::to_string(max_tokens));
}

void token_tables::error(const std::string& place, const std::string& text) {
  loaded_.errors.push_back(place + ": " + text);
}

std::optional<std::string> token_fault(const std::string& token) {
  if (token.size() < token_bytes_min)
    return "has " + std::to_string(token.size())
           + " characters, which can be guessed; it must have 16 to 1024, and `errand token new` "
             "makes a good one";
  if (!is_token_text(token))
    return "is no token: it must be 16 to 1024 visible ASCII characters, and `errand token new` "
           "makes a good one";
  return std::nullopt;
}

std::optional<std::string> token_name_fault(std::string_view name) {
  if (name == token_variable)
    return "can't be a token's name: it is that of the token in the variable ERRAND_TOKEN; choose "
           "another";
  if (is_name(name))
    return std::nullopt;
  return "can't be a token's name: it must be 1 to 128 of A-Z, a-z, 0-9 and ._:/-";
}

std::vector<std::string> wrong_tokens(const Options& options) {
  std::vector<std::string> wrong;
  for (const auto& [name, token] : options.tokens) {
    const auto table = "option " + table_name(family, name);
    if (auto fault = token_name_fault(name))
      wrong.push_back(table + ' ' + *fault);
    for (const auto& field : token_fields())
      if (!field.is_good(token))
        wrong.push_back(table + '.' + std::string(field.key) + " must be "
                        + std::string(field.allowed));
  }
  if (options.tokens.size() > max_tokens)
    wrong.push_back("option tokens has " + std::to_string(options.tokens.size())
                    + " tokens, but may have at most " + std::to_string(max_tokens));
  if (auto fault = options.token.empty() ? std::nullopt : token_fault(options.token))
    wrong.push_back("option token " + *fault);
  return wrong;
}

std::string tokens_to_toml(const loaded_settings& settings) {
  std::string text;
  if (!settings.options.token.empty())
    text += "\n# One more token, with every scope: ERRAND_TOKEN\n";
  for (const auto& [name, token] : settings.options.tokens) {
    const auto table = table_name(family, name);
    text += "\n[" + table + "]\n";
    for (const auto& field : token_fields()) {
      const auto origin = settings.named_origins.find(table + '.' + std::string(field.key));
      auto line = std::string(field.key) + " = " + *field.shown(token);
      line.resize(std::max<size_t>(line.size(), 32), ' ');
      text += line + " # " + (origin == settings.named_origins.end() ? "default" : origin->second)
              + "\n";
    }
  }
  return text;
}

} // namespace errand
