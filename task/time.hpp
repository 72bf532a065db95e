// Points in time and durations as Errand stores and shows them.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// Wall-clock time, UTC, in microseconds: what rows hold and what survives a restart.
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using duration = std::chrono::microseconds;

/// Time that never jumps: what limits within one run of the server are measured by.
using steady_time = std::chrono::steady_clock::time_point;

/// Where an actor gets the wall-clock time from; tests pass their own. Must be callable from the
/// thread of whoever holds it, and must not block.
using wall_clock = std::function<timestamp()>;

timestamp system_now();

/// "2026-11-22T21:00:00.123Z" (RFC 3339, UTC, milliseconds, cut and not rounded).
std::string to_rfc3339(timestamp time);

/// Reads RFC 3339 with any offset and any number of fraction digits (cut to microseconds). A leap
/// second (:60) is read as the second after. Nothing for text that is not a valid date and time
/// between the years 1970 and 9999.
std::optional<timestamp> parse_rfc3339(std::string_view text);

} // namespace errand
