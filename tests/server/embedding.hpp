// A server inside the test's process.
#pragma once

#include "tests/support/server_process.hpp"

#include <errand/errand.hpp>

#include <optional>

namespace errand::test {

inline Options quiet_options() {
  Options options;
  options.store = "sqlite::memory:";
  options.workers = 2;
  options.http.port = 0;
  options.log_level = LogLevel::off;
  return options;
}

inline httplib::Client client_of(const TaskServer& server) {
  httplib::Client client{"127.0.0.1", server.port()};
  client.set_keep_alive(true);
  return client;
}

/// What `call` is refused with; nothing if it is not.
template <class Call>
std::optional<RequestError::Fault> fault_of(Call call) {
  try {
    call();
  } catch (const RequestError& error) {
    return error.fault();
  }
  return std::nullopt;
}

} // namespace errand::test
