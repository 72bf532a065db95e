// The keys of errand.toml's tables [tokens.NAME], and what is wrong with tokens; the variable
// ERRAND_TOKEN, too. No text that is told has a token in it.
#pragma once

#include "server/named_options.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

inline constexpr std::string_view tokens_table = "tokens";
inline constexpr std::string_view token_variable = "ERRAND_TOKEN";
inline constexpr size_t max_tokens = 1000;

/// What ERRAND_TOKEN has that it may not, to stand behind its name. Nothing if it is good.
std::optional<std::string> token_fault(const std::string& token);

/// Why a token can't be called so, to stand behind the table's name. Nothing if it can.
std::optional<std::string> token_name_fault(std::string_view name);

std::span<const named_field<TokenOptions>> token_fields();

/// A token that is configured twice: a request with it would have the scopes of one of the two, and
/// nobody could say of which.
struct shared_token {
  std::string name;  ///< Of the table.
  std::string other; ///< Of another table that comes before, or ERRAND_TOKEN.
};

/// In the order of the tables' names. Hashes that are none are passed over.
std::vector<shared_token> shared_tokens(const Options& options);

/// To stand behind the place of its hash.
std::string text_of(const shared_token& twice);

/// What of the tokens of `options`, filled by a program, is not allowed, one line each.
std::vector<std::string> wrong_tokens(const Options& options);

} // namespace errand
