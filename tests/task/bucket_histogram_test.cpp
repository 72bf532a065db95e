#include "task/bucket_histogram.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <array>

using namespace errand;
using namespace std::chrono_literals;

TEST_CASE("a bucket has what lies up to its bound, the bound itself too") {
  static constexpr std::array<int64_t, 3> bounds{10, 100, 1000};
  bucket_histogram histogram(bounds);
  for (const int64_t value : {-1, 0, 10, 11, 100, 1000, 1001, 5'000'000})
    histogram.add(value);
  CHECK(histogram.count_up_to(0) == 3);
  CHECK(histogram.count_up_to(1) == 5);
  CHECK(histogram.count_up_to(2) == 6);
  CHECK(histogram.count_up_to(3) == 8);
  CHECK(histogram.count() == 8);
  CHECK(histogram.sum() == 5'002'121);
}

TEST_CASE("counts only grow from bucket to bucket, and the last one has all values") {
  const auto bounds = GENERATE(task_time_bounds(), server_time_bounds(), batch_size_bounds());
  CHECK(std::is_sorted(bounds.begin(), bounds.end()));
  CHECK(std::adjacent_find(bounds.begin(), bounds.end()) == bounds.end());
  bucket_histogram histogram(bounds);
  uint64_t added = 0;
  for (int64_t value = 1; value < 100'000'000'000; value = value * 3 + 1, ++added)
    histogram.add(value);
  for (size_t i = 0; i < bounds.size(); ++i)
    CHECK(histogram.count_up_to(i) <= histogram.count_up_to(i + 1));
  CHECK(histogram.count_up_to(bounds.size()) == added);
  CHECK(histogram.count() == added);
}

TEST_CASE("durations are counted in microseconds") {
  bucket_histogram histogram(task_time_bounds());
  histogram.add(1ms);
  histogram.add(duration(1001us));
  CHECK(histogram.count_up_to(0) == 1);
  CHECK(histogram.count_up_to(1) == 2);
  CHECK(histogram.sum() == 2001);
}

TEST_CASE("a histogram without values is all zeros") {
  const bucket_histogram histogram(batch_size_bounds());
  CHECK(histogram.count() == 0);
  CHECK(histogram.sum() == 0);
  CHECK(histogram.count_up_to(3) == 0);
}
