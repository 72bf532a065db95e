// The small grammar of RFC 9110 and 9112: which bytes may stand in tokens, values, targets and
// hosts. Pure; used by the framing and by routes that read headers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace errand {

/// A method or a header's name: 1 or more of the RFC's tchar.
bool is_token(std::string_view text);

/// What may stand behind a header's colon: visible ASCII, spaces, tabs, and bytes above 0x7f.
bool is_field_value(std::string_view text);

/// Bytes that a request target may have: visible ASCII but '#', and bytes above 0x7f, which the RFC
/// wants escaped but people type.
bool is_target(std::string_view text);

/// The value of a Host header, or a URI's authority without user: a name or an address, and
/// perhaps a port. Empty is valid, too (RFC 9110, 7.2).
bool is_host(std::string_view text);

/// 1 to 128 bytes of visible ASCII: what a request may be called by its sender.
bool is_request_id(std::string_view text);

/// ASCII letters compare without their case.
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view text);

/// Digits and nothing else, up to the largest uint64_t. Leading zeros are fine.
std::optional<uint64_t> parse_decimal(std::string_view text);

/// Calls `visit(element)` for each non-empty element of a comma-separated list, trimmed.
template <class Visit>
void for_each_element(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (const auto element = trimmed(list.substr(0, comma)); !element.empty())
      visit(element);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
}

} // namespace errand
