// Which addresses tasks may connect to: those of the public internet, and what the configuration
// allows besides. Looks at the address of a connection that is about to be made, so that no name,
// however it resolves and to what, gets around it. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

struct ip_address {
  bool is_v6 = false;
  std::array<uint8_t, 16> bytes{}; ///< As on the wire; of IPv4 the first four, the others 0.

  /// "10.0.0.1" or "fe80::1", without zone and brackets, as inet_pton() takes them.
  static std::optional<ip_address> parse(std::string_view text);
  std::string to_string() const;

  friend bool operator==(const ip_address&, const ip_address&) = default;
};

/// All addresses that begin with the same bits.
struct ip_net {
  ip_address first;
  unsigned bits = 0;

  /// "10.0.0.0/8", or an address for itself alone. Nothing if bits are set beyond the prefix: one
  /// of the two would be a mistake.
  static std::optional<ip_net> parse(std::string_view text);

  bool contains(const ip_address& address) const;
};

/// The use that an address is reserved for, if it is none of the public internet: "a private
/// address". What a translator makes another address of (IPv4-mapped, NAT64, 6to4) is judged by
/// that one.
std::optional<std::string_view> special_use(const ip_address& address);

class address_policy {
public:
  explicit address_policy(std::vector<ip_net> allowed = {}) : allowed_(std::move(allowed)) {}

  /// Why no connection may be made to it, for people; nothing if one may.
  std::optional<std::string> why_not(const ip_address& address) const;

private:
  bool is_allowed(const ip_address& address) const;

  std::vector<ip_net> allowed_;
};

} // namespace errand
