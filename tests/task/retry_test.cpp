#include "task/retry.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using namespace std::chrono_literals;

TEST_CASE("the wait grows by its factor from its minimum to its maximum") {
  const auto [failures, wait] = GENERATE(table<int, duration>({
      {1, 1s},
      {2, 2s},
      {3, 4s},
      {12, 2048s},
      {13, 1h},
      {1000, 1h},
  }));
  CAPTURE(failures);
  CHECK(backoff({}, failures, 0.5) == wait);
}

TEST_CASE("odd policies, too, wait as they say") {
  struct row {
    retry_policy policy;
    int failures;
    duration wait;
  };
  const auto [policy, failures, wait] = GENERATE(values<row>({
      {{3s, 1h, 1, 0}, 1, 3s}, // a factor of 1: always the same
      {{3s, 1h, 1, 0}, 999, 3s},
      {{0s, 1h, 2, 0.2}, 1, 0s}, // no minimum: at once, however often
      {{0s, 1h, 100, 0.2}, 1000, 0s},
      {{5s, 5s, 100, 0}, 1000, 5s},
      {{1us, 30 * 24h, 100, 0}, 3, 10ms},
      {{1us, 30 * 24h, 100, 0}, 1000, 30 * 24h},
      {{10s, 1h, 1.5, 0}, 3, 22500ms},
  }));
  CAPTURE(failures, policy.factor);
  CHECK(backoff(policy, failures, 0.5) == wait);
}

TEST_CASE("jitter takes up to that share away or adds it, after the maximum") {
  const retry_policy policy{10s, 10s, 2, 0.2};
  CHECK(backoff(policy, 1, 0) == 8s);
  CHECK(backoff(policy, 1, 0.25) == 9s);
  CHECK(backoff(policy, 1, 1) == 12s);
  CHECK(backoff({10s, 10s, 2, 1}, 1, 0) == 0s);
}
