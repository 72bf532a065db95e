// What a queue may be told: how much of its work may run at a time, how often work may start, what
// share of the workers it gets, and whether anything starts at all. Pure.
#pragma once

#include "task/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// A token bucket: `limit` starts at once, and so many per `per` in the long run.
struct rate_limit {
  int64_t limit = 0;
  duration per{};

  friend bool operator==(const rate_limit&, const rate_limit&) = default;
};

/// The limits hold for the server as a whole, whatever its number of workers. A queue without
/// settings of its own has these defaults.
struct queue_settings {
  std::optional<int64_t> concurrency;       ///< Attempts that run at a time.
  std::optional<int64_t> group_concurrency; ///< The same, of each group of tasks.
  std::optional<rate_limit> rate;           ///< Attempts that start.
  double weight = 1;   ///< Its share of the workers beside other queues that have ready tasks.
  bool paused = false; ///< No attempt starts; what runs goes on.
  std::optional<timestamp> paused_until; ///< Ends the pause by itself.

  friend bool operator==(const queue_settings&, const queue_settings&) = default;
};

inline constexpr int64_t max_queue_concurrency = 1'000'000;
inline constexpr int64_t max_rate_limit = 1'000'000;
inline constexpr duration min_rate_period{1}; // a microsecond, as fine as times are
inline constexpr duration max_rate_period = std::chrono::days(30);
inline constexpr double min_queue_weight = 0.001;
inline constexpr double max_queue_weight = 1000;

/// Whether nothing may start at `now`.
bool is_paused(const queue_settings& settings, timestamp now);

/// Each says what is wrong with that value, as `field_error::detail` does, or nothing if it is
/// good.
std::optional<std::string> concurrency_fault(int64_t n);
std::optional<std::string> rate_count_fault(int64_t n);
std::optional<std::string> rate_period_fault(double seconds);
std::optional<std::string> weight_fault(double weight);

/// What each kind of field must be, for messages about values of another type.
inline constexpr std::string_view concurrency_rule = "an integer from 1 to 1000000, or null";
inline constexpr std::string_view rate_rule = "an object of limit and per_s, or null";
inline constexpr std::string_view rate_count_rule = "an integer from 1 to 1000000";
inline constexpr std::string_view rate_period_rule =
    "a number of seconds from 0.000001 to 2592000 (30 days)";
inline constexpr std::string_view weight_rule = "a number from 0.001 to 1000";

} // namespace errand
