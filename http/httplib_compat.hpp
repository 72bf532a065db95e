// What differs between httplib 0.11 (Debian 12) and 0.18 (Debian 13): since the latter,
// process_request() takes the addresses of both ends as arguments.
#pragma once

#include <functional>
#include <httplib.h>
#include <string>

namespace errand::httplib_compat {

using setup_function = std::function<void(httplib::Request&)>;

using process_request_0_11 = bool (httplib::Server::*)(httplib::Stream&, bool, bool&,
                                                       const setup_function&);
using process_request_0_18 = bool (httplib::Server::*)(httplib::Stream&, const std::string&, int,
                                                       const std::string&, int, bool, bool&,
                                                       const setup_function&);

// One of these fits &Derived::process_request. "Close" spares httplib the Keep-Alive header.
inline void process(httplib::Server& server, process_request_0_11 run, httplib::Stream& stream) {
  bool closed = true;
  (server.*run)(stream, true, closed, nullptr);
}

inline void process(httplib::Server& server, process_request_0_18 run, httplib::Stream& stream) {
  bool closed = true;
  (server.*run)(stream, {}, 0, {}, 0, true, closed, nullptr);
}

} // namespace errand::httplib_compat
