#include "http/cursor.hpp"

#include <array>
#include <cstddef>

namespace errand {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// 8 bytes of sequence and 4 of check, big endian: 12 bytes fill 16 characters without a bit left
// over, so that each cursor has one spelling.
using cursor_bytes = std::array<uint8_t, 12>;
constexpr size_t sequence_size = 8;
constexpr size_t text_size = 16;

constexpr size_t name_check_size = 6;

/// FNV-1a.
class checksum {
public:
  /// Begun with the format's name, so that another format's cursors are refused.
  explicit checksum(std::string_view format) { add(format); }

  void add(uint8_t byte) { hash_ = (hash_ ^ byte) * 16777619; }
  void add(std::string_view text) {
    for (const char c : text)
      add(static_cast<uint8_t>(c));
  }
  uint32_t value() const { return hash_; }

private:
  uint32_t hash_ = 2166136261;
};

uint32_t check_of(const cursor_bytes& bytes) {
  checksum sum("errand cursor 1");
  for (size_t i = 0; i < sequence_size; ++i)
    sum.add(bytes[i]);
  return sum.value();
}

cursor_bytes bytes_of(int64_t sequence) {
  cursor_bytes bytes{};
  for (size_t i = 0; i < sequence_size; ++i)
    bytes[i] = static_cast<uint8_t>(static_cast<uint64_t>(sequence) >> (56 - 8 * i));
  const uint32_t check = check_of(bytes);
  for (size_t i = sequence_size; i < bytes.size(); ++i)
    bytes[i] = static_cast<uint8_t>(check >> (24 - 8 * (i - sequence_size)));
  return bytes;
}

} // namespace

std::string encode_cursor(int64_t sequence) {
  const auto bytes = bytes_of(sequence);
  std::string text;
  text.reserve(text_size);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const auto group = static_cast<uint32_t>(bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2]);
    for (int shift = 18; shift >= 0; shift -= 6)
      text += alphabet[group >> shift & 63];
  }
  return text;
}

std::optional<int64_t> decode_cursor(std::string_view text) {
  if (text.size() != text_size)
    return std::nullopt;
  uint64_t sequence = 0;
  for (size_t i = 0; i < 11; ++i) { // 11 characters hold the 64 bits and 2 bits of the check.
    const size_t value = alphabet.find(text[i]);
    if (value == std::string_view::npos)
      return std::nullopt;
    sequence = i < 10 ? sequence << 6 | value : sequence << 4 | value >> 2;
  }
  const auto number = static_cast<int64_t>(sequence);
  if (number < 0 || encode_cursor(number) != text)
    return std::nullopt;
  return number;
}

std::string encode_name_cursor(std::string_view name) {
  checksum sum("errand name cursor 1");
  sum.add(name);
  std::string text;
  for (size_t i = 0; i < name_check_size; ++i)
    text += alphabet[sum.value() >> 6 * i & 63];
  return text.append(name);
}

std::optional<std::string> decode_name_cursor(std::string_view text) {
  if (text.size() <= name_check_size)
    return std::nullopt;
  std::string name{text.substr(name_check_size)};
  if (encode_name_cursor(name) != text)
    return std::nullopt;
  return name;
}

} // namespace errand
