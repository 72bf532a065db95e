#include "task/queue_settings.hpp"
#include "tests/support/catch.hpp"

#include <cmath>
#include <limits>

using namespace errand;
using namespace std::chrono_literals;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Every fault says what was wrong and what is allowed.
bool refuses(const std::optional<std::string>& fault, std::string_view rule) {
  return fault && fault->starts_with("is ")
         && fault->ends_with("; it must be " + std::string(rule));
}

} // namespace

TEST_CASE("a queue is paused until the end of its pause, if it has one") {
  const timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};
  struct row {
    bool paused;
    std::optional<timestamp> until;
    bool expected;
  };
  const auto [paused, until, expected] = GENERATE_REF(values<row>({
      {false, std::nullopt, false},
      {false, noon + 1h, false},
      {true, std::nullopt, true},
      {true, noon + 1us, true},
      {true, noon, false},
      {true, noon - 1h, false},
  }));
  queue_settings settings;
  settings.paused = paused;
  settings.paused_until = until;
  CHECK(is_paused(settings, noon) == expected);
}

TEST_CASE("limits of a queue are counted from 1 to a million") {
  const auto [n, good] = GENERATE(table<int64_t, bool>({
      {1, true},
      {1'000'000, true},
      {0, false},
      {-1, false},
      {1'000'001, false},
      {std::numeric_limits<int64_t>::min(), false},
      {std::numeric_limits<int64_t>::max(), false},
  }));
  CAPTURE(n);
  CHECK(concurrency_fault(n).has_value() == !good);
  CHECK(rate_count_fault(n).has_value() == !good);
  CHECK(refuses(concurrency_fault(n), concurrency_rule) == !good);
  CHECK(refuses(rate_count_fault(n), rate_count_rule) == !good);
}

TEST_CASE("a rate's period lies between a microsecond and 30 days") {
  const auto [seconds, good] = GENERATE(table<double, bool>({
      {1, true},
      {1e-6, true},
      {9e-7, false},
      {1e-9, false},
      {2592000, true},
      {0, false},
      {-1, false},
      {2592000.5, false},
      {infinity, false},
      {std::nan(""), false},
  }));
  CAPTURE(seconds);
  CHECK(rate_period_fault(seconds).has_value() == !good);
  CHECK(refuses(rate_period_fault(seconds), rate_period_rule) == !good);
}

TEST_CASE("a weight lies between a thousandth and a thousand") {
  const auto [weight, good] = GENERATE(table<double, bool>({
      {1, true},
      {0.001, true},
      {1000, true},
      {0, false},
      {-1, false},
      {0.0009, false},
      {1000.1, false},
      {infinity, false},
      {std::nan(""), false},
  }));
  CAPTURE(weight);
  CHECK(weight_fault(weight).has_value() == !good);
  CHECK(refuses(weight_fault(weight), weight_rule) == !good);
}
