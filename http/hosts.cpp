#include "http/hosts.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <optional>
#include <string>

namespace errand {

namespace {

using ipv6_bytes = std::array<unsigned char, 16>;

std::string_view without_brackets(std::string_view host) {
  const bool has_brackets = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
  return has_brackets ? host.substr(1, host.size() - 2) : host;
}

/// IPv4 in the form that IPv6 has for it.
std::optional<ipv6_bytes> parse_address(std::string_view host) {
  ipv6_bytes bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (inet_pton(AF_INET, std::string(host).c_str(), bytes.data() + 12) == 1)
    return bytes;
  const auto zone = host.find('%');
  const std::string address{without_brackets(host).substr(0, zone)};
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1)
    return bytes;
  return std::nullopt;
}

} // namespace

std::string_view without_port(std::string_view authority) {
  const auto begin =
      authority.starts_with('[') ? std::min(authority.find(']'), authority.size()) : size_t{0};
  return authority.substr(0, authority.find(':', begin));
}

bool is_ip_address(std::string_view host) {
  return parse_address(host).has_value();
}

bool is_single_label(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
           || c == '_';
  });
}

bool is_loopback(std::string_view address) {
  const auto bytes = parse_address(address);
  if (!bytes)
    return false;
  constexpr ipv6_bytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
  constexpr ipv6_bytes one{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return *bytes == one || std::equal(mapped.begin(), mapped.begin() + 13, bytes->begin());
}

} // namespace errand
