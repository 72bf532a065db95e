// Cron expressions: text to a set of civil times, and the next of them. Knows the calendar and
// nothing of time zones; what a change of daylight saving does is told in task/schedule.hpp. Pure.
//
//   [second] minute hour day-of-month month day-of-week
//
//   *            every value
//   a  a-b  a,b  a value, a range, a list of any of these
//   */n a-b/n    each nth of a range; a/n goes from a to the field's end
//   JAN MON      names of months and weekdays, three letters; weekday 7 is Sunday, as is 0
//   L  L-3       the last day of the month, the third before it (day-of-month)
//   5L  5#2      the last and the second Friday of the month (day-of-week)
//   ?            as * (day fields)
//   @yearly @annually @monthly @weekly @daily @midnight @hourly
//
// As in Vixie cron, a day field that begins with * does not restrict: if both day fields restrict,
// a day that either of them names matches, else one that both do.
#pragma once

#include "task/status.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace errand {

/// What a clock on the wall shows.
using civil_time = std::chrono::local_seconds;

/// Longer ones are refused. Bytes; the longest sensible list of minutes has less than half of it.
inline constexpr size_t max_cron_size = 512;

class cron {
public:
  /// Fails with `invalid` and a message that goes on from the field's name, as field_error::detail
  /// does: which field, which text, and what may stand there. Refused, too, is what never comes,
  /// such as 31 February.
  static status_or<cron> parse(std::string_view text);

  bool matches(civil_time time) const;

  /// The first match after that time, if there is one within 100 years.
  std::optional<civil_time> next(civil_time after) const;

  /// Whether every hour of a day matches, however that was written: such an expression means the
  /// hours as they pass, and any other means hours by their names.
  bool every_hour() const { return hours_ == 0xff'ffff; }

private:
  friend class cron_parser;

  bool matches(std::chrono::year_month_day day) const;
  std::optional<std::chrono::local_days> next_day(std::chrono::local_days from, int years) const;
  std::optional<std::chrono::seconds> next_time(std::chrono::seconds from) const;

  // Sets of values, as bits.
  uint64_t seconds_ = 0;
  uint64_t minutes_ = 0;
  uint64_t hours_ = 0;
  uint64_t days_ = 0;
  uint64_t days_from_last_ = 0; ///< 0 is the month's last day.
  uint64_t months_ = 0;
  uint64_t weekdays_ = 0;        ///< 0 is Sunday.
  std::array<uint8_t, 7> nth_{}; ///< Of each weekday: bit n for the nth of a month, 0 for the last.
  bool days_restrict_ = false;   ///< The day-of-month field does not begin with *,
  bool weekdays_restrict_ = false; ///< nor does the day-of-week field.
};

} // namespace errand
