#include "task/cron.hpp"

#include "task/cron_parser.hpp"
#include "task/utf8.hpp"

#include <bit>

namespace errand {

namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::seconds;
using std::chrono::year_month_day;

/// After so many years the calendar repeats itself, weekdays and all.
constexpr int calendar_cycle = 400;

/// 29 February falls on a given weekday every 28 years, or 40 around 2100.
constexpr int search_years = 100;

bool has(uint64_t set, unsigned value) {
  return (set >> value & 1) != 0;
}

/// The first value of the set from `from` on; nothing if there is none.
std::optional<unsigned> first_from(uint64_t set, unsigned from) {
  const auto rest = from < 64 ? set >> from << from : 0;
  if (rest == 0)
    return std::nullopt;
  return static_cast<unsigned>(std::countr_zero(rest));
}

unsigned first_of(uint64_t set) {
  return static_cast<unsigned>(std::countr_zero(set));
}

seconds of_day(unsigned hour, unsigned minute, unsigned second) {
  return std::chrono::hours(hour) + std::chrono::minutes(minute) + seconds(second);
}

unsigned last_day_of(year_month_day day) {
  return static_cast<unsigned>((day.year() / day.month() / std::chrono::last).day());
}

} // namespace

status_or<cron> cron::parse(std::string_view text) {
  auto read = cron_parser(text).read();
  const local_days some_year{std::chrono::year(2000) / 1 / 1};
  if (read.ok() && !read->next_day(some_year, calendar_cycle))
    return status(ec::invalid, "is " + quoted(text, 80)
                                   + "; it would never come: no month that it names has such a"
                                     " day");
  return read;
}

bool cron::matches(year_month_day day) const {
  const auto number = static_cast<unsigned>(day.day());
  if (!has(months_, static_cast<unsigned>(day.month())))
    return false;
  const auto last = last_day_of(day);
  const auto weekday = std::chrono::weekday(local_days(day)).c_encoding();
  const auto nth = nth_[weekday];
  const bool in_days = has(days_, number) || has(days_from_last_, last - number);
  const bool in_weekdays = has(weekdays_, weekday) || has(nth, (number - 1) / 7 + 1)
                           || (has(nth, 0) && number + 7 > last);
  return days_restrict_ && weekdays_restrict_ ? in_days || in_weekdays : in_days && in_weekdays;
}

bool cron::matches(civil_time time) const {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::hh_mm_ss clock(time - day);
  return has(seconds_, static_cast<unsigned>(clock.seconds().count()))
         && has(minutes_, static_cast<unsigned>(clock.minutes().count()))
         && has(hours_, static_cast<unsigned>(clock.hours().count()))
         && matches(year_month_day(day));
}

std::optional<civil_time> cron::next(civil_time after) const {
  const auto from = after + seconds(1);
  const auto today = std::chrono::floor<days>(from);
  if (matches(year_month_day(today)))
    if (const auto time = next_time(from - today))
      return today + *time;
  const auto day = next_day(today + days(1), search_years);
  if (!day)
    return std::nullopt;
  return *day + of_day(first_of(hours_), first_of(minutes_), first_of(seconds_));
}

std::optional<local_days> cron::next_day(local_days from, int years) const {
  const year_month_day first(from);
  auto day = first;
  const auto end = first.year() + std::chrono::years(years);
  while (day.year() <= end) {
    if (has(months_, static_cast<unsigned>(day.month()))) {
      const auto last = last_day_of(day);
      for (auto number = static_cast<unsigned>(day.day()); number <= last; ++number)
        if (const year_month_day each(day.year(), day.month(), std::chrono::day(number));
            matches(each))
          return local_days(each);
    }
    day = year_month_day(day.year(), day.month(), std::chrono::day(1)) + std::chrono::months(1);
  }
  return std::nullopt;
}

/// The first matching time of a day, not before that one.
std::optional<seconds> cron::next_time(seconds from) const {
  const std::chrono::hh_mm_ss clock(from);
  const auto hour = static_cast<unsigned>(clock.hours().count());
  const auto minute = static_cast<unsigned>(clock.minutes().count());
  const auto second = static_cast<unsigned>(clock.seconds().count());
  if (has(hours_, hour)) {
    if (has(minutes_, minute))
      if (const auto found = first_from(seconds_, second))
        return of_day(hour, minute, *found);
    if (const auto found = first_from(minutes_, minute + 1))
      return of_day(hour, *found, first_of(seconds_));
  }
  if (const auto found = first_from(hours_, hour + 1))
    return of_day(*found, first_of(minutes_), first_of(seconds_));
  return std::nullopt;
}

} // namespace errand
