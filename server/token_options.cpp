#include "server/token_options.hpp"

#include "http/tokens.hpp"
#include "server/printable.hpp"
#include "task/spec_rules.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace errand {

namespace {

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
        [](const TokenOptions& token) { return parse_token_hash(token.hash).has_value(); },
        true}, // What is no hash may be the token itself.
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

} // namespace

std::span<const named_field<TokenOptions>> token_fields() {
  return token_table;
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

std::vector<shared_token> shared_tokens(const Options& options) {
  std::map<token_hash, std::string> known; // Whose that is.
  if (!options.token.empty())
    known.emplace(hash_of_token(options.token), token_variable);
  std::vector<shared_token> shared;
  for (const auto& [name, token] : options.tokens)
    if (const auto hash = parse_token_hash(token.hash))
      if (const auto [first, is_new] = known.emplace(*hash, table_name(tokens_table, name));
          !is_new)
        shared.push_back({name, first->second});
  return shared;
}

std::string text_of(const shared_token& twice) {
  return table_name(tokens_table, twice.name) + ".hash is that of " + twice.other
         + ", so both are the same token; make another with `errand token new`";
}

std::vector<std::string> wrong_tokens(const Options& options) {
  std::vector<std::string> wrong;
  for (const auto& [name, token] : options.tokens) {
    const auto table = "option " + table_name(tokens_table, name);
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
  for (const auto& twice : shared_tokens(options))
    wrong.push_back("option " + text_of(twice));
  return wrong;
}

} // namespace errand
