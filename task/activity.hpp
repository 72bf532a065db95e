// What went on lately, of a server or of one queue: how many tasks were submitted, started, ended,
// and how long they waited and ran. In bounded memory (some 16 KB), by slices of time. Pure.
#pragma once

#include "task/duration_histogram.hpp"
#include "task/sliding_window.hpp"
#include "task/task_fact.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace errand {

/// What is counted.
enum class tally : uint8_t {
  submitted,
  started, ///< Attempts.
  succeeded,
  failed,
  cancelled,
  retried, ///< Attempts that failed or were postponed, and are followed by another.
};

inline constexpr std::array all_tallies = {tally::submitted, tally::started,   tally::succeeded,
                                           tally::failed,    tally::cancelled, tally::retried};

std::string_view to_string(tally what);

/// What a fact counts as, if as anything; that it is of a new task is another matter.
std::optional<tally> tally_of(const task_fact& fact);

struct tallies {
  std::array<uint64_t, all_tallies.size()> n{};

  uint64_t& operator[](tally what) { return n[static_cast<size_t>(what)]; }
  uint64_t operator[](tally what) const { return n[static_cast<size_t>(what)]; }
};

/// All durations within 5 %; nothing if nothing was measured.
struct duration_summary {
  uint64_t count = 0;
  std::optional<duration> p50 = {};
  std::optional<duration> p95 = {};
  std::optional<duration> p99 = {};
};

/// Durations of the last hour: at least its last 50 minutes.
class recent_durations {
public:
  void add(steady_time now, size_t bucket) { slices_.at(now).add(bucket); }
  duration_summary summary(steady_time now) const;

private:
  sliding_window<duration_histogram, 6> slices_{std::chrono::minutes(10)};
};

/// What activity_log tells.
struct activity {
  tallies last_minute;     ///< At least 59 s.
  tallies last_hour;       ///< At least 59 min.
  duration_summary waited; ///< From when a task became due to the start of its attempt.
  duration_summary ran;    ///< From there to the attempt's end.
};

class activity_log {
public:
  void count(steady_time now, tally what);
  void waited(steady_time now, size_t bucket) { waited_.add(now, bucket); }
  void ran(steady_time now, size_t bucket) { ran_.add(now, bucket); }

  activity view(steady_time now) const;

private:
  struct slice {
    std::array<uint32_t, all_tallies.size()> n{};
    void clear() { n.fill(0); }
  };

  sliding_window<slice, 60> seconds_{std::chrono::seconds(1)};
  sliding_window<slice, 60> minutes_{std::chrono::minutes(1)};
  recent_durations waited_;
  recent_durations ran_;
};

} // namespace errand
