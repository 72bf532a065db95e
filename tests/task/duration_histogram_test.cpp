#include "task/duration_histogram.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace errand;
using namespace std::chrono_literals;

namespace {

double off_by(duration told, duration measured) {
  return std::abs(static_cast<double>((told - measured).count()))
         / static_cast<double>(measured.count());
}

/// What is told is rounded to whole microseconds, too.
double error_max(duration value) {
  return duration_histogram::relative_error + 0.51 / static_cast<double>(value.count());
}

} // namespace

TEST_CASE("a histogram without values has no quantiles") {
  duration_histogram none;
  CHECK(none.count() == 0);
  CHECK(!none.quantile(0.5));
}

TEST_CASE("a value is told within 5 percent, from 10 us to 30 days") {
  for (double us = 10; us <= 30.0 * 86400e6; us *= 1.01) {
    const duration value(std::llround(us));
    duration_histogram one;
    one.add(value);
    const auto told = one.quantile(0.5);
    REQUIRE(told);
    CAPTURE(value.count(), told->count());
    CHECK(off_by(*told, value) <= error_max(value));
  }
}

TEST_CASE("what lies outside is told as the nearest that is counted") {
  const auto [value, nearest] = GENERATE(table<duration, duration>({
      {-1s, duration_histogram::smallest},
      {0us, duration_histogram::smallest},
      {9us, duration_histogram::smallest},
      {24h * 31, duration_histogram::largest},
      {duration::max(), duration_histogram::largest},
  }));
  CHECK(duration_histogram::bucket_of(value) < duration_histogram::bucket_count);
  duration_histogram one;
  one.add(value);
  CHECK(off_by(*one.quantile(1), nearest) <= error_max(nearest));
}

TEST_CASE("a longer duration is never counted below a shorter one") {
  size_t last = 0;
  for (double us = 1; us <= 3e12; us *= 1.003) {
    const auto bucket = duration_histogram::bucket_of(duration(std::llround(us)));
    CHECK(bucket >= last);
    CHECK(bucket - last <= 1);
    last = bucket;
  }
  CHECK(last == duration_histogram::bucket_count - 1);
}

TEST_CASE("quantiles of any values are within 5 percent of the true ones") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  std::minstd_rand random(seed);
  std::lognormal_distribution<> spread(10, static_cast<double>(seed));
  std::vector<duration> values;
  duration_histogram all, first, second;
  for (int i = 0; i < 5000; ++i) {
    const duration value(std::clamp<int64_t>(std::llround(spread(random)), 20, 2'000'000'000'000));
    values.push_back(value);
    all.add(value);
    (i % 3 == 0 ? first : second).add(value);
  }
  first.merge(second);
  CHECK(first.count() == values.size());
  std::sort(values.begin(), values.end());
  for (const double q : {0.0, 0.01, 0.5, 0.95, 0.99, 1.0}) {
    const auto rank = std::max(1.0, std::ceil(q * static_cast<double>(values.size())));
    const auto truth = values[static_cast<size_t>(rank) - 1];
    CAPTURE(seed, q);
    CHECK(off_by(*all.quantile(q), truth) <= error_max(truth));
    CHECK(first.quantile(q) == all.quantile(q)); // merged, it is as if it had been one
  }
}

TEST_CASE("a histogram that is cleared is empty") {
  duration_histogram some;
  some.add(1s);
  some.clear();
  CHECK(some.count() == 0);
  CHECK(!some.quantile(0.5));
  some.add(2s);
  CHECK(some.count() == 1);
}
