#include "http/tokens.hpp"

#include "http/sha256.hpp"

#include <algorithm>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdexcept>

namespace errand {

namespace {

constexpr std::string_view hash_prefix = "sha256:";
constexpr std::string_view token_prefix = "errand_";
constexpr size_t token_bytes = 32;
constexpr size_t token_text_max = 1024;

/// Base64 for URLs, without padding (RFC 4648, 5).
std::string base64url(const std::array<uint8_t, token_bytes>& bytes) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  uint32_t pool = 0;
  int bits = 0;
  for (const auto byte : bytes) {
    pool = (pool << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6)
      text += letters[(pool >> (bits - 6)) & 63];
  }
  if (bits > 0)
    text += letters[(pool << (6 - bits)) & 63];
  return text;
}

std::optional<uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return static_cast<uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f')
    return static_cast<uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

} // namespace

token_hash hash_of_token(std::string_view token) {
  const auto bytes = sha256({token});
  token_hash hash{};
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

std::string to_string(const token_hash& hash) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text{hash_prefix};
  for (const auto byte : hash) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::optional<token_hash> parse_token_hash(std::string_view text) {
  token_hash hash{};
  if (!text.starts_with(hash_prefix) || text.size() != hash_prefix.size() + 2 * hash.size())
    return std::nullopt;
  text.remove_prefix(hash_prefix.size());
  for (size_t i = 0; i < hash.size(); ++i) {
    const auto high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
    if (!high || !low)
      return std::nullopt;
    hash[i] = static_cast<uint8_t>(*high << 4 | *low);
  }
  return hash;
}

std::string new_token() {
  std::array<uint8_t, token_bytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("the system gives no random numbers, so no token can be made");
  auto token = std::string{token_prefix} + base64url(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return token;
}

bool is_token_text(std::string_view text) {
  return !text.empty() && text.size() <= token_text_max
         && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

token_ring::token_ring(std::vector<known_token> tokens, compare_function compare)
    : tokens_(std::move(tokens)), compare_(compare ? compare : CRYPTO_memcmp) {}

const known_token* token_ring::find(std::string_view presented) const {
  const auto hash = hash_of_token(presented);
  // No branch and no early end: the position is chosen by arithmetic. Past the last: none.
  size_t found = tokens_.size();
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const auto differs =
        static_cast<unsigned>(compare_(tokens_[i].hash.data(), hash.data(), hash.size()));
    const size_t is_same = size_t{1} ^ ((differs | (0U - differs)) >> 31);
    found ^= (size_t{0} - is_same) & (found ^ i);
  }
  return found == tokens_.size() ? nullptr : &tokens_[found];
}

} // namespace errand
