#include "task/queue_settings.hpp"

#include <charconv>

namespace errand {

namespace {

std::string shown(double number) {
  char digits[32];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

std::string must_be(const std::string& offender, std::string_view rule) {
  return "is " + offender + "; it must be " + std::string(rule);
}

} // namespace

bool is_paused(const queue_settings& settings, timestamp now) {
  return settings.paused && (!settings.paused_until || now < *settings.paused_until);
}

std::optional<std::string> concurrency_fault(int64_t n) {
  if (n >= 1 && n <= max_queue_concurrency)
    return std::nullopt;
  return must_be(std::to_string(n), concurrency_rule);
}

std::optional<std::string> rate_count_fault(int64_t n) {
  if (n >= 1 && n <= max_rate_limit)
    return std::nullopt;
  return must_be(std::to_string(n), rate_count_rule);
}

std::optional<std::string> rate_period_fault(double seconds) {
  using in_seconds = std::chrono::duration<double>;
  // Written so that NaN fails.
  if (seconds >= in_seconds(min_rate_period).count()
      && seconds <= in_seconds(max_rate_period).count())
    return std::nullopt;
  return must_be(shown(seconds), rate_period_rule);
}

std::optional<std::string> weight_fault(double weight) {
  if (weight >= min_queue_weight && weight <= max_queue_weight)
    return std::nullopt;
  return must_be(shown(weight), weight_rule);
}

} // namespace errand
