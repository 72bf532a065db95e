// Tokens: how one is made, how it is kept, and whose it is. No token stands anywhere but with who
// uses it; a server knows hashes. Any thread.
#pragma once

#include "http/scope.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

using token_hash = std::array<uint8_t, 32>;

token_hash hash_of_token(std::string_view token);

/// "sha256:" and 64 hexadecimal digits.
std::string to_string(const token_hash& hash);
std::optional<token_hash> parse_token_hash(std::string_view text);

/// A token that nobody can guess: "errand_" and 43 letters, digits, '-' and '_', which are 256
/// random bits. Throws std::runtime_error if the system has no randomness.
std::string new_token();

/// What can stand behind "Bearer": 1 to 1024 visible ASCII characters.
bool is_token_text(std::string_view text);

struct known_token {
  std::string name;
  token_hash hash;
  scope_set scopes;
};

/// Compares so many bytes; 0 if they are the same.
using compare_function = int (*)(const void*, const void*, size_t);

class token_ring {
public:
  /// OpenSSL's comparison takes the same time whatever the bytes are; tests count its calls.
  explicit token_ring(std::vector<known_token> tokens, compare_function compare = nullptr);

  bool empty() const { return tokens_.empty(); }

  /// The token that this is; null if it is none of them. How long that takes depends neither on
  /// what was presented (but for its length) nor on which it is: every hash is compared.
  const known_token* find(std::string_view presented) const;

private:
  std::vector<known_token> tokens_;
  compare_function compare_;
};

} // namespace errand
