// Times as the API tells them.
#pragma once

#include <chrono>
#include <ctime>
#include <iomanip>
#include <sstream>
#include <string>

namespace errand::test {

/// To the millisecond.
inline std::chrono::system_clock::time_point parse_time(const std::string& text) {
  std::tm parts{};
  int milliseconds = 0;
  std::istringstream in(text);
  in >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S");
  in.ignore(1);
  in >> milliseconds;
  return std::chrono::system_clock::from_time_t(::timegm(&parts))
         + std::chrono::milliseconds(milliseconds);
}

} // namespace errand::test
