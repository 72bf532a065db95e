// Names and addresses of hosts, as they stand in Host and Origin and as sockets tell them. Pure.
#pragma once

#include <string_view>

namespace errand {

/// Without its port: "a.example:80" is a.example, "[::1]:80" is [::1].
std::string_view without_port(std::string_view authority);

/// An IPv4 address in its usual form of four numbers, or an IPv6 address, also in brackets. Nothing
/// is resolved, so "2130706433" is a name.
bool is_ip_address(std::string_view host);

/// A name without a dot, such as a container's in its network: letters, digits, '-' and '_'.
bool is_single_label(std::string_view host);

/// 127.0.0.0/8, ::1, and the former mapped into IPv6.
bool is_loopback(std::string_view address);

} // namespace errand
