#include "http/field_rules.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace errand {

namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// Which classes a byte belongs to, so that a header costs one look-up per byte.
enum byte_class : uint8_t { token = 1, field_value = 2, target = 4, reg_name = 8 };

constexpr auto byte_classes = [] {
  std::array<uint8_t, 256> classes{};
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool visible = byte > 0x20 && byte < 0x7f;
    const bool alphanumeric = is_digit(c) || is_letter(c);
    uint8_t& bits = classes[static_cast<size_t>(byte)];
    if (alphanumeric
        || (visible && std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos))
      bits |= token;
    if (visible || byte >= 0x80 || c == ' ' || c == '\t')
      bits |= field_value;
    if ((visible && c != '#') || byte >= 0x80)
      bits |= target;
    if (alphanumeric
        || (visible && std::string_view{"-._~%!$&'()*+,;="}.find(c) != std::string_view::npos))
      bits |= reg_name;
  }
  return classes;
}();

bool all_of(std::string_view text, byte_class wanted) {
  return std::all_of(text.begin(), text.end(), [wanted](char c) {
    return (byte_classes[static_cast<unsigned char>(c)] & wanted) != 0;
  });
}

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

} // namespace

bool is_token(std::string_view text) {
  return !text.empty() && all_of(text, token);
}

bool is_field_value(std::string_view text) {
  return all_of(text, field_value);
}

bool is_target(std::string_view text) {
  return all_of(text, target);
}

bool is_host(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos || end < 3)
      return false;
    const auto address = text.substr(1, end - 1);
    const bool plausible = std::all_of(address.begin(), address.end(), [](char c) {
      return is_hex_digit(c) || c == ':' || c == '.';
    });
    text.remove_prefix(end + 1);
    return plausible && (text.empty() || (text.front() == ':' && is_port(text.substr(1))));
  }
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  if (colon != std::string_view::npos && (name.empty() || !is_port(text.substr(colon + 1))))
    return false;
  return all_of(name, reg_name);
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 128
         && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return lower(x) == lower(y);
         });
}

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

std::optional<uint64_t> parse_decimal(std::string_view text) {
  if (text.empty())
    return std::nullopt;
  uint64_t value = 0;
  for (char c : text) {
    if (!is_digit(c))
      return std::nullopt;
    const auto digit = static_cast<uint64_t>(c - '0');
    if (value > (std::numeric_limits<uint64_t>::max() - digit) / 10)
      return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

} // namespace errand
