#include "task/time.hpp"

#include <errand/inline_clock.hpp>

#include <stdexcept>
#include <string>

namespace errand {

namespace {

constexpr timestamp end_of_time = std::chrono::sys_days{std::chrono::year{2200} / 1 / 1};

int64_t checked(timestamp time) {
  if (time < timestamp{} || time >= end_of_time)
    throw std::invalid_argument("The clock of a server in inline mode goes from 1970 to 2199.");
  return time.time_since_epoch().count();
}

timestamp floored(Time time) {
  return std::chrono::floor<duration>(time);
}

} // namespace

InlineClock::InlineClock(Time start) : now_us_(checked(floored(start))) {}

Time InlineClock::now() const {
  return timestamp{duration{now_us_.load()}};
}

void InlineClock::advance(Seconds by) {
  const timestamp now = floored(this->now());
  // Written so that NaN is refused, and compared as doubles, before it must fit.
  if (!(by >= Seconds{0} && by <= end_of_time - now))
    throw std::invalid_argument("The clock of a server in inline mode can't be moved by "
                                + std::to_string(by.count())
                                + " s: it goes forward, and to the year 2199.");
  now_us_ = checked(now + std::chrono::round<duration>(by));
}

void InlineClock::advance_to(Time to) {
  const auto now = this->now();
  if (to < now)
    throw std::invalid_argument("The clock of a server in inline mode stands at "
                                + to_rfc3339(floored(now)) + " and can't go back to "
                                + to_rfc3339(floored(to)) + ".");
  now_us_ = checked(floored(to));
}

} // namespace errand
