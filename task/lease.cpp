#include "task/lease.hpp"

#include <charconv>

namespace errand {

namespace {

constexpr size_t id_length = 36;
constexpr size_t secret_length = 16;

} // namespace

std::string to_string(const lease_token& token) {
  char digits[secret_length];
  auto rest = static_cast<uint64_t>(token.secret);
  for (size_t i = secret_length; i-- > 0; rest >>= 4)
    digits[i] = "0123456789abcdef"[rest & 0xf];
  std::string text = token.attempt.id.to_string();
  text.append(".").append(std::to_string(token.attempt.attempt)).append(".");
  return text.append(digits, secret_length);
}

std::optional<lease_token> parse_lease_token(std::string_view text) {
  const auto id = task_id::parse(text.substr(0, id_length));
  if (!id || text.size() < id_length + secret_length + 3)
    return std::nullopt;
  lease_token token;
  token.attempt.id = *id;
  const auto* const attempt_end = text.data() + text.size() - secret_length - 1;
  const auto number =
      std::from_chars(text.data() + id_length + 1, attempt_end, token.attempt.attempt);
  uint64_t secret = 0;
  const auto digits = std::from_chars(attempt_end + 1, text.data() + text.size(), secret, 16);
  token.secret = static_cast<int64_t>(secret);
  // One text for each token: 007, +7 and capitals are none.
  if (number.ec != std::errc() || digits.ec != std::errc() || to_string(token) != text)
    return std::nullopt;
  return token;
}

} // namespace errand
