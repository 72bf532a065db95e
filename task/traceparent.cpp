#include "task/traceparent.hpp"

#include <algorithm>
#include <cstddef>

namespace errand {

namespace {

// "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
constexpr size_t trace_at = 3;
constexpr size_t trace_size = 32;
constexpr size_t parent_at = 36;
constexpr size_t parent_size = 16;
constexpr size_t flags_at = 53;
constexpr size_t size_of_00 = 55;

/// Lower case only, as the recommendation has it.
bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// An id, and not the all-zero one, which means "none".
bool is_id(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

} // namespace

std::string accept_traceparent(std::string_view header) {
  if (header.size() < size_of_00)
    return {};
  const auto version = header.substr(0, 2);
  if (!is_hex(version) || version == "ff")
    return {};
  if (header.size() > size_of_00 && (version == "00" || header[size_of_00] != '-'))
    return {};
  if (header[trace_at - 1] != '-' || header[parent_at - 1] != '-' || header[flags_at - 1] != '-')
    return {};
  if (!is_id(header.substr(trace_at, trace_size)) || !is_id(header.substr(parent_at, parent_size))
      || !is_hex(header.substr(flags_at, 2)))
    return {};
  return "00" + std::string(header.substr(2, size_of_00 - 2));
}

} // namespace errand
