// The time of a server in inline mode.
#pragma once

#include <errand/time.hpp>

#include <atomic>
#include <cstdint>

#pragma GCC visibility push(default)
namespace errand {

/// Where the clock of TaskServer::inline_mode() stands at first unless told otherwise: on a Monday,
/// 2024-01-01T00:00:00Z.
inline constexpr Time inline_start{std::chrono::sys_days{std::chrono::year{2024} / 1 / 1}};

/// Stands still until it is moved: by the test, or by a handler's sleep_for(). It never looks at
/// the machine's clocks. Its steps are microseconds. Any thread.
class InlineClock {
public:
  explicit InlineClock(Time start);
  InlineClock(const InlineClock&) = delete;
  InlineClock& operator=(const InlineClock&) = delete;

  /// In a handler, the time at which it runs.
  Time now() const;

  /// Moves it on. That alone runs nothing: what falls due on the way runs with the next call of the
  /// server, see TaskServer::drain(). Throws std::invalid_argument for a time that is negative, or
  /// that leads beyond the year 2199.
  void advance(Seconds by);

  /// The same to that moment. Throws std::invalid_argument if that has passed.
  void advance_to(Time to);

private:
  friend class inline_server;
  std::atomic<int64_t> now_us_;
};

} // namespace errand
#pragma GCC visibility pop
