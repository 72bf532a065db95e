// The tables [tokens.NAME] of errand.toml, and the variable ERRAND_TOKEN. Used once, before
// anything starts. No text that is told has a token in it.
#pragma once

#include "server/config_file.hpp"
#include "server/named_options.hpp"
#include "server/settings.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace errand {

inline constexpr std::string_view token_variable = "ERRAND_TOKEN";
inline constexpr size_t max_tokens = 1000;

class token_tables {
public:
  explicit token_tables(loaded_settings& loaded) : loaded_(loaded) {}

  /// False if that entry is of no such table; else it is read, or what is wrong with it is told.
  bool take(const config_entry& entry);

  /// To be called once, behind the last entry: tells what is missing.
  void finish();

private:
  void read_field(const config_entry& entry, const std::string& table, TokenOptions& token);
  void error(const std::string& place, const std::string& text);

  loaded_settings& loaded_;
  std::map<std::string, std::string> places_; ///< Of each table's first entry, by its name.
  std::map<std::string, std::set<std::string>> keys_;
};

/// What ERRAND_TOKEN has that it may not, to stand behind its name. Nothing if it is good.
std::optional<std::string> token_fault(const std::string& token);

/// Why a token can't be called so, to stand behind the table's name. Nothing if it can.
std::optional<std::string> token_name_fault(std::string_view name);

std::span<const named_field<TokenOptions>> token_fields();

/// What of the tokens of `options`, filled by a program, is not allowed, one line each.
std::vector<std::string> wrong_tokens(const Options& options);

/// The tables as errand.toml has them, with their origins.
std::string tokens_to_toml(const loaded_settings& settings);

} // namespace errand
