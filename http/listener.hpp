// Opens the sockets that the front accepts from.
#pragma once

#include "task/status.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace errand {

struct listener {
  std::vector<int> sockets; ///< Bound, listening, non-blocking, closed on exec. The caller's.
  uint16_t port = 0;        ///< The one that was asked for, or the one that the system chose.
  std::vector<std::string> addresses; ///< One for each socket: "127.0.0.1:8002", "[::1]:8002".

  /// For people: "http://127.0.0.1:8002", with the first address.
  std::string url() const;
};

/// Listens on every address of `host`: a name, an IPv4 or IPv6 address (also in brackets), or ""
/// or "*" for all of this machine's. Port 0 lets the system choose one, the same for all of them.
/// Of several addresses those that this machine does not have (IPv6 switched off) are left out;
/// fails if none is left, or if one is taken or forbidden. Blocks while a name is looked up.
status_or<listener> open_listener(const std::string& host, uint16_t port);

/// Asks for /livez there. True once that is answered, false if it is not within `patience`.
bool is_answered(const listener& where, std::chrono::milliseconds patience);

} // namespace errand
