// The table follows the IANA special-purpose address registries, and adds where clouds keep the
// credentials of their machines.
#include "handlers/address_rules.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstddef>

namespace errand {

namespace {

struct special_net {
  std::string_view net;
  std::string_view use; ///< Completes "is …".
};

// The first that contains an address names its use.
constexpr std::array special_v4{
    special_net{"169.254.169.254/32", "a cloud's metadata address"},
    special_net{"168.63.129.16/32", "a cloud's metadata address"},
    special_net{"100.100.100.200/32", "a cloud's metadata address"},
    special_net{"0.0.0.0/8", "an unspecified address"},
    special_net{"10.0.0.0/8", "a private address"},
    special_net{"100.64.0.0/10", "a private address (shared by a provider)"},
    special_net{"127.0.0.0/8", "a loopback address"},
    special_net{"169.254.0.0/16", "a link-local address"},
    special_net{"172.16.0.0/12", "a private address"},
    special_net{"192.0.0.0/24", "a reserved address"},
    special_net{"192.0.2.0/24", "an address for documentation"},
    special_net{"192.88.99.0/24", "a reserved address"},
    special_net{"192.168.0.0/16", "a private address"},
    special_net{"198.18.0.0/15", "an address for benchmarks"},
    special_net{"198.51.100.0/24", "an address for documentation"},
    special_net{"203.0.113.0/24", "an address for documentation"},
    special_net{"224.0.0.0/4", "a multicast address"},
    special_net{"240.0.0.0/4", "a reserved address"},
};

constexpr std::array special_v6{
    special_net{"::/128", "an unspecified address"},
    special_net{"::1/128", "a loopback address"},
    special_net{"fd00:ec2::254/128", "a cloud's metadata address"},
    special_net{"fd20:ce::254/128", "a cloud's metadata address"},
    special_net{"64:ff9b:1::/48", "a private address"},
    special_net{"2001::/23", "a reserved address"}, // Teredo and benchmarks among them
    special_net{"2001:db8::/32", "an address for documentation"},
    special_net{"3fff::/20", "an address for documentation"},
    special_net{"fc00::/7", "a private address"},
    special_net{"fe80::/10", "a link-local address"},
    special_net{"fec0::/10", "a private address"},
    special_net{"ff00::/8", "a multicast address"},
};

/// All that is given out to the public.
constexpr std::string_view global_v6 = "2000::/3";

struct translation {
  ip_net net;
  std::ptrdiff_t at; ///< Where in its addresses the IPv4 address begins.
};

struct rule {
  ip_net net;
  std::string_view use;
};

std::vector<rule> parsed(auto& table) {
  std::vector<rule> rules;
  for (const auto& [net, use] : table)
    rules.push_back({ip_net::parse(net).value(), use});
  return rules;
}

/// The IPv4 address that packets to that one end up at.
std::optional<ip_address> translated(const ip_address& address) {
  static const std::array translations{
      translation{ip_net::parse("::ffff:0:0/96").value(), 12}, // IPv4-mapped
      translation{ip_net::parse("64:ff9b::/96").value(), 12},  // NAT64
      translation{ip_net::parse("2002::/16").value(), 2},      // 6to4
  };
  for (const auto& [net, at] : translations) {
    if (!net.contains(address))
      continue;
    ip_address inner;
    std::copy_n(address.bytes.begin() + at, 4, inner.bytes.begin());
    return inner;
  }
  return std::nullopt;
}

std::optional<std::string_view> use_in(const std::vector<rule>& rules, const ip_address& address) {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const rule& r) { return r.net.contains(address); });
  if (found == rules.end())
    return std::nullopt;
  return found->use;
}

} // namespace

std::optional<ip_address> ip_address::parse(std::string_view text) {
  ip_address address;
  address.is_v6 = text.find(':') != text.npos;
  if (inet_pton(address.is_v6 ? AF_INET6 : AF_INET, std::string(text).c_str(), address.bytes.data())
      != 1)
    return std::nullopt;
  return address;
}

std::string ip_address::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), text.data(), text.size());
  return text.data();
}

std::optional<ip_net> ip_net::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = ip_address::parse(text.substr(0, slash));
  if (!address)
    return std::nullopt;
  const unsigned most = address->is_v6 ? 128 : 32;
  ip_net net{*address, most};
  if (slash != text.npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), net.bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || net.bits > most)
      return std::nullopt;
  }
  for (size_t bit = net.bits; bit < most; ++bit)
    if (net.first.bytes[bit / 8] & (0x80 >> bit % 8))
      return std::nullopt;
  return net;
}

bool ip_net::contains(const ip_address& address) const {
  if (address.is_v6 != first.is_v6)
    return false;
  const auto whole = bits / 8, rest = bits % 8;
  if (!std::equal(first.bytes.begin(), first.bytes.begin() + whole, address.bytes.begin()))
    return false;
  return rest == 0 || (first.bytes[whole] ^ address.bytes[whole]) >> (8 - rest) == 0;
}

std::optional<std::string_view> special_use(const ip_address& address) {
  static const auto v4 = parsed(special_v4), v6 = parsed(special_v6);
  static const auto global = ip_net::parse(global_v6).value();
  const auto inner = translated(address);
  if (inner || !address.is_v6)
    return use_in(v4, inner.value_or(address));
  if (const auto use = use_in(v6, address))
    return use;
  if (!global.contains(address))
    return "a reserved address";
  return std::nullopt;
}

bool address_policy::is_allowed(const ip_address& address) const {
  return std::any_of(allowed_.begin(), allowed_.end(),
                     [&](const ip_net& net) { return net.contains(address); });
}

std::optional<std::string> address_policy::why_not(const ip_address& address) const {
  const auto use = special_use(address);
  if (!use || is_allowed(address))
    return std::nullopt;
  if (const auto inner = translated(address); inner && is_allowed(*inner))
    return std::nullopt;
  return address.to_string() + " is " + std::string(*use)
         + ", and tasks may connect to public ones only; list it in the setting http_task.allow if"
           " they shall";
}

} // namespace errand
