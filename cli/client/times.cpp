#include "cli/client/times.hpp"

#include "server/printable.hpp"

#include <cmath>
#include <cstdio>
#include <ctime>

namespace errand::client {

namespace {

std::string two_units(long long large, char large_unit, long long small, char small_unit) {
  char text[48];
  std::snprintf(text, sizeof text, "%lld%c%02lld%c", large, large_unit, small, small_unit);
  return text;
}

std::string with_unit(double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, value > 0 && value < 9.95 ? "%.1f%s" : "%.0f%s", value, unit);
  return text;
}

} // namespace

std::string local_time(timestamp time) {
  const auto seconds = static_cast<std::time_t>(
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char text[48];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

std::string local_time(std::string_view rfc3339) {
  const auto time = parse_rfc3339(rfc3339);
  return time ? local_time(*time) : without_controls(rfc3339);
}

std::string age_text(double seconds) {
  constexpr double longest = 1e12; // Some 30,000 years: beyond all times, and within long long.
  const auto whole = static_cast<long long>(std::fmin(std::fmax(seconds, 0), longest));
  if (whole < 60)
    return std::to_string(whole) + 's';
  if (whole < 3600)
    return two_units(whole / 60, 'm', whole % 60, 's');
  if (whole < 86400)
    return two_units(whole / 3600, 'h', whole % 3600 / 60, 'm');
  return two_units(whole / 86400, 'd', whole % 86400 / 3600, 'h');
}

std::string age_of(std::string_view rfc3339, timestamp now) {
  const auto time = parse_rfc3339(rfc3339);
  return time ? age_text(std::chrono::duration<double>(now - *time).count()) : "-";
}

std::string span_text(double seconds) {
  if (seconds > 0 && seconds < 0.0009995)
    return with_unit(seconds * 1e6, "µs");
  if (seconds < 0.9995)
    return with_unit(seconds * 1000, "ms");
  return seconds < 59.95 ? with_unit(seconds, "s") : age_text(seconds);
}

} // namespace errand::client
