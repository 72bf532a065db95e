// The system's clock, and RFC 3339 in both directions. Each answer shows four times and more, so
// digits are written in place. Pure but for the clock; any thread.
#include "task/time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace errand {

namespace {

using namespace std::chrono;

constexpr timestamp year_0{sys_days{year{0} / 1 / 1}};
constexpr timestamp year_10000{sys_days{year{10000} / 1 / 1}};

template <size_t width>
char* put_digits(char* out, unsigned number) {
  for (size_t i = width; i-- > 0; number /= 10)
    out[i] = static_cast<char>('0' + number % 10);
  return out + width;
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes what it expects from the front of a text; once something else came, `ok` stays false.
struct scanner {
  std::string_view rest;
  bool ok = true;

  unsigned digits(size_t width) {
    unsigned number = 0;
    for (size_t i = 0; i < width; ++i) {
      if (i >= rest.size() || !is_digit(rest[i])) {
        ok = false;
        return 0;
      }
      number = number * 10 + static_cast<unsigned>(rest[i] - '0');
    }
    rest.remove_prefix(width);
    return number;
  }

  /// One character out of `any_of`, or 0.
  char one_of(std::string_view any_of) {
    if (rest.empty() || any_of.find(rest.front()) == std::string_view::npos) {
      ok = false;
      return 0;
    }
    const char c = rest.front();
    rest.remove_prefix(1);
    return c;
  }

  /// ".123456789", cut to microseconds; nothing there is 0.
  microseconds fraction() {
    if (rest.empty() || rest.front() != '.')
      return {};
    rest.remove_prefix(1);
    int64_t us = 0;
    size_t count = 0;
    for (; count < rest.size() && is_digit(rest[count]); ++count)
      if (count < 6)
        us = us * 10 + (rest[count] - '0');
    ok = ok && count > 0;
    rest.remove_prefix(count);
    for (; count < 6; ++count)
      us *= 10;
    return microseconds{us};
  }

  /// "Z", "+05:30", "-08:00": what is to be taken away to get UTC.
  minutes offset() {
    const char sign = one_of("Zz+-");
    if (!ok || sign == 'Z' || sign == 'z')
      return {};
    const unsigned h = digits(2);
    one_of(":");
    const unsigned m = digits(2);
    ok = ok && h < 24 && m < 60;
    const minutes distance = hours{h} + minutes{m};
    return sign == '+' ? distance : -distance;
  }
};

} // namespace

timestamp system_now() {
  return floor<microseconds>(system_clock::now());
}

std::string to_rfc3339(timestamp time) {
  time = std::clamp(time, year_0, year_10000 - microseconds{1}); // The format has four digits.
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const auto ms = static_cast<unsigned>(floor<milliseconds>(time - day).count());

  std::string text(24, '\0');
  char* out = text.data();
  out = put_digits<4>(out, static_cast<unsigned>(static_cast<int>(date.year())));
  *out++ = '-';
  out = put_digits<2>(out, static_cast<unsigned>(date.month()));
  *out++ = '-';
  out = put_digits<2>(out, static_cast<unsigned>(date.day()));
  *out++ = 'T';
  out = put_digits<2>(out, ms / 3'600'000);
  *out++ = ':';
  out = put_digits<2>(out, ms / 60'000 % 60);
  *out++ = ':';
  out = put_digits<2>(out, ms / 1000 % 60);
  *out++ = '.';
  out = put_digits<3>(out, ms % 1000);
  *out++ = 'Z';
  return text;
}

std::optional<timestamp> parse_rfc3339(std::string_view text) {
  scanner in{text};
  const auto y = static_cast<int>(in.digits(4));
  in.one_of("-");
  const unsigned m = in.digits(2);
  in.one_of("-");
  const unsigned d = in.digits(2);
  in.one_of("Tt");
  const unsigned hour = in.digits(2);
  in.one_of(":");
  const unsigned minute = in.digits(2);
  in.one_of(":");
  const unsigned second = in.digits(2);
  const microseconds fraction = in.fraction();
  const minutes offset = in.offset();

  const year_month_day date{year{y}, month{m}, day{d}};
  if (!in.ok || !in.rest.empty() || !date.ok() || hour > 23 || minute > 59 || second > 60)
    return std::nullopt;
  const timestamp whole = sys_days{date} + hours{hour} + minutes{minute} + seconds{second} - offset;
  // Leap seconds are put in before midnight UTC and nowhere else.
  if (second == 60 && whole != floor<days>(whole))
    return std::nullopt;
  const timestamp time = whole + fraction;
  if (time < timestamp{} || time >= year_10000)
    return std::nullopt;
  return time;
}

} // namespace errand
