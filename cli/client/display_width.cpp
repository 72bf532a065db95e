#include "cli/client/display_width.hpp"

#include "task/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace errand::client {

namespace {

struct range {
  uint32_t first, last;
};

/// Combining marks, joiners and variation selectors.
constexpr std::array<range, 8> without_width{{{0x0300, 0x036f},
                                              {0x0483, 0x0489},
                                              {0x0591, 0x05bd},
                                              {0x0610, 0x061a},
                                              {0x064b, 0x065f},
                                              {0x200b, 0x200d},
                                              {0x20d0, 0x20f0},
                                              {0xfe00, 0xfe0f}}};

/// East Asian wide and fullwidth characters, and emoji.
constexpr std::array<range, 8> wide{{{0x1100, 0x115f},
                                     {0x2e80, 0x303e},
                                     {0x3041, 0xa4cf},
                                     {0xac00, 0xd7a3},
                                     {0xf900, 0xfaff},
                                     {0xfe30, 0xfe6f},
                                     {0xff00, 0xff60},
                                     {0x1f300, 0x3fffd}}};

template <size_t N>
bool holds(const std::array<range, N>& ranges, uint32_t code) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](range r) { return code >= r.first && code <= r.last; });
}

/// Takes the first character off `text`.
size_t take_width(std::string_view& text) {
  const auto length = std::max<size_t>(utf8_length(text), 1);
  auto code = static_cast<uint32_t>(static_cast<uint8_t>(text[0]));
  if (length > 1)
    code &= 0xffu >> (length + 1);
  for (size_t i = 1; i < length; ++i)
    code = code << 6 | (static_cast<uint8_t>(text[i]) & 0x3fu);
  text.remove_prefix(length);
  return holds(without_width, code) ? 0 : holds(wide, code) ? 2 : 1;
}

} // namespace

size_t display_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty())
    width += take_width(text);
  return width;
}

std::string fitted(std::string_view text, size_t columns) {
  if (display_width(text) <= columns)
    return std::string(text);
  if (columns == 0)
    return "";
  size_t width = 0;
  auto left = text;
  size_t kept = 0;
  while (!left.empty()) {
    width += take_width(left);
    if (width > columns - 1)
      break;
    kept = text.size() - left.size();
  }
  return std::string(text.substr(0, kept)) + "…";
}

} // namespace errand::client
