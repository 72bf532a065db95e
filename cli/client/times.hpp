// Times and durations as people read them. Pure but for the time zone of the process.
#pragma once

#include "task/time.hpp"

#include <string>
#include <string_view>

namespace errand::client {

/// "2026-11-22 22:00:00" in the local time zone; the text as it is (safe to print) if it is no
/// time.
std::string local_time(std::string_view rfc3339);
std::string local_time(timestamp time);

/// "12s", "3m12s", "2h05m", "3d04h"; what is below zero, as clocks differ, is "0s".
std::string age_text(double seconds);

/// How long before `now` that was; "-" if it is no time.
std::string age_of(std::string_view rfc3339, timestamp now);

/// For what is mostly short: "0ms", "900µs", "1.2ms", "12ms", "1.9s", then as age_text().
std::string span_text(double seconds);

} // namespace errand::client
