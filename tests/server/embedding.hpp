// A server inside the test's process.
#pragma once

#include <errand/errand.hpp>

namespace errand::test {

inline Options quiet_options() {
  Options options;
  options.store = "sqlite::memory:";
  options.workers = 2;
  options.http.port = 0;
  options.log_level = LogLevel::off;
  return options;
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
