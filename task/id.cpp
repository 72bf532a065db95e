// UUIDv7 from two numbers and back, as bytes and as text. Every request and every row passes here,
// so text is read and written by table.
#include "task/id.hpp"

#include <algorithm>
#include <cassert>

namespace errand {

namespace {

constexpr int counter_bits = 12;
constexpr int tail_bits = 62;
constexpr uint64_t counter_mask = (uint64_t{1} << counter_bits) - 1;
constexpr uint64_t tail_mask = (uint64_t{1} << tail_bits) - 1;
constexpr int64_t max_sequence = (int64_t{1} << 60) - 1;
constexpr uint64_t version_7 = uint64_t{7} << counter_bits;
constexpr uint64_t rfc_variant = uint64_t{2} << tail_bits;

constexpr size_t text_size = 36;
constexpr char hex_digits[] = "0123456789abcdef";
constexpr uint8_t not_hex = 0xff;

constexpr std::array<uint8_t, 256> make_hex_values() {
  std::array<uint8_t, 256> values{};
  values.fill(not_hex);
  for (uint8_t i = 0; i < 10; ++i)
    values['0' + i] = i;
  for (uint8_t i = 0; i < 6; ++i)
    values['a' + i] = values['A' + i] = static_cast<uint8_t>(10 + i);
  return values;
}

constexpr auto hex_values = make_hex_values();

constexpr bool dash_before_byte(size_t i) {
  return i == 4 || i == 6 || i == 8 || i == 10;
}

void put_big_endian(uint64_t number, uint8_t* out) {
  for (int shift = 56; shift >= 0; shift -= 8)
    *out++ = static_cast<uint8_t>(number >> shift);
}

uint64_t big_endian(const uint8_t* in) {
  uint64_t number = 0;
  for (size_t i = 0; i < 8; ++i)
    number = number << 8 | in[i];
  return number;
}

} // namespace

task_id task_id::from_parts(int64_t sequence, int64_t tail) {
  assert(sequence >= 0 && sequence <= max_sequence);
  const auto s = static_cast<uint64_t>(sequence);
  std::array<uint8_t, 16> bytes;
  put_big_endian((s >> counter_bits) << 16 | version_7 | (s & counter_mask), bytes.data());
  put_big_endian(rfc_variant | (static_cast<uint64_t>(tail) & tail_mask), bytes.data() + 8);
  return task_id(bytes);
}

std::optional<task_id> task_id::parse(std::string_view text) {
  if (text.size() != text_size)
    return std::nullopt;
  std::array<uint8_t, 16> bytes;
  const char* in = text.data();
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (dash_before_byte(i) && *in++ != '-')
      return std::nullopt;
    const uint8_t high = hex_values[static_cast<uint8_t>(*in++)];
    const uint8_t low = hex_values[static_cast<uint8_t>(*in++)];
    if (high == not_hex || low == not_hex)
      return std::nullopt;
    bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  if (bytes[6] >> 4 != 7 || bytes[8] >> 6 != 2)
    return std::nullopt;
  return task_id(bytes);
}

std::string task_id::to_string() const {
  std::string text(text_size, '-');
  char* out = text.data();
  for (size_t i = 0; i < bytes_.size(); ++i) {
    if (dash_before_byte(i))
      ++out;
    *out++ = hex_digits[bytes_[i] >> 4];
    *out++ = hex_digits[bytes_[i] & 15];
  }
  return text;
}

int64_t task_id::sequence() const {
  const uint64_t head = big_endian(bytes_.data());
  return static_cast<int64_t>((head >> 16) << counter_bits | (head & counter_mask));
}

int64_t task_id::tail() const {
  return static_cast<int64_t>(big_endian(bytes_.data() + 8) & tail_mask);
}

id_source::id_source(int64_t last_sequence) : last_sequence_(last_sequence) {}

task_id id_source::next(timestamp now) {
  // One more than the last is also the right answer when the counter is used up (it carries into
  // the next millisecond) and when the clock fell (the ids stay in the millisecond that was).
  const int64_t ms = std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch().count();
  const int64_t earliest = std::clamp<int64_t>(ms, 0, max_sequence >> counter_bits) << counter_bits;
  last_sequence_ = std::max(last_sequence_ + 1, earliest);
  const auto tail = static_cast<int64_t>(tails_.next() & tail_mask);
  return task_id::from_parts(last_sequence_, tail);
}

} // namespace errand
