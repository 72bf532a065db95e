#include "task/token_bucket.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using namespace std::chrono_literals;

TEST_CASE("a bucket lets a burst through and then so many a second") {
  const steady_time start{1h};
  token_bucket bucket{3, 10};
  for (int i = 0; i < 3; ++i)
    CHECK(bucket.take(start));
  CHECK(!bucket.take(start));
  CHECK(!bucket.take(start + 50ms));
  CHECK(bucket.take(start + 100ms)); // what came before counts
  CHECK(!bucket.take(start + 150ms));
  int passed = 0;
  for (auto now = start + 200ms; now < start + 10s; now += 1ms)
    passed += bucket.take(now) ? 1 : 0;
  CHECK(passed >= 97);
  CHECK(passed <= 99);
}

TEST_CASE("a bucket that was left alone is no more than full") {
  const steady_time start{1h};
  token_bucket bucket{2, 10};
  CHECK(bucket.take(start));
  CHECK(bucket.take(start + 1h));
  CHECK(bucket.take(start + 1h));
  CHECK(!bucket.take(start + 1h));
}
