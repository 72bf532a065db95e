#include "store/rate_buckets.hpp"

#include "tests/support/catch.hpp"

namespace errand::test {

namespace {

using namespace std::chrono_literals;

constexpr timestamp noon{std::chrono::hours(490'000)};
constexpr rate_limit ten_a_second{10, 1s};

int64_t take_all(rate_buckets& buckets, const rate_limit& rate, timestamp now) {
  int64_t taken = 0;
  for (; buckets.available("q", rate, now) > 0; ++taken)
    buckets.take("q", rate, now);
  return taken;
}

} // namespace

TEST_CASE("a bucket is full at first, holds no more than the limit, and fills with time",
          "[store]") {
  rate_buckets buckets;
  CHECK(take_all(buckets, ten_a_second, noon) == 10);
  CHECK(buckets.next_at("q", ten_a_second, noon) == noon + 100ms);
  CHECK(take_all(buckets, ten_a_second, noon + 99ms) == 0);
  CHECK(take_all(buckets, ten_a_second, noon + 100ms) == 1);
  CHECK(take_all(buckets, ten_a_second, noon + 400ms) == 3);
  CHECK(take_all(buckets, ten_a_second, noon + 1h) == 10);
  CHECK(buckets.next_at("other", ten_a_second, noon) == std::nullopt);
}

TEST_CASE("over a long time the rate is met to the token, however it is asked for", "[store]") {
  const auto [rate, step] = GENERATE(table<rate_limit, duration>({
      {{100, 1s}, 10ms},
      {{100, 1s}, 9999us},
      {{7, 3s}, 1ms},
      {{1, 250ms}, 333us},
      {{1000, 1h}, 1s},
  }));
  rate_buckets buckets;
  take_all(buckets, rate, noon);
  int64_t taken = 0;
  const auto end = noon + 30 * rate.per;
  for (auto now = noon; now < end; now += step)
    taken += take_all(buckets, rate, now);
  taken += take_all(buckets, rate, end);
  CHECK(taken <= 30 * rate.limit);
  CHECK(taken >= 30 * rate.limit * 49 / 50);
}

TEST_CASE("asked at the time that it names, a bucket has a token", "[store]") {
  const rate_limit rate = GENERATE(rate_limit{3, 1s}, rate_limit{7, 10s}, rate_limit{1, 1us},
                                   rate_limit{1'000'000, 1s}, rate_limit{1, 720h});
  rate_buckets buckets;
  auto now = noon;
  take_all(buckets, rate, now);
  for (int i = 0; i < 1000; ++i) {
    now = buckets.next_at("q", rate, now).value_or(now);
    REQUIRE(buckets.available("q", rate, now) >= 1);
    buckets.take("q", rate, now);
  }
}

TEST_CASE("a clock that is put back neither fills a bucket nor empties it", "[store]") {
  rate_buckets buckets;
  const auto tokens = GENERATE(0, 1);
  const bool kept = GENERATE(false, true); // as after a restart
  take_all(buckets, ten_a_second, noon);
  if (kept)
    buckets.load("q", tokens, noon);
  else if (tokens == 1)
    buckets.put_back("q", ten_a_second, noon);
  const auto back = noon - 1h;
  CHECK(take_all(buckets, ten_a_second, back) == tokens);
  const auto next = buckets.next_at("q", ten_a_second, back);
  REQUIRE(next == back + 100ms);
  CHECK(buckets.available("q", ten_a_second, *next - 1ms) == 0);
  CHECK(take_all(buckets, ten_a_second, *next) == 1);
  CHECK(take_all(buckets, ten_a_second, back + 1s) == 9);
  CHECK(take_all(buckets, ten_a_second, back + 1h) == 10);
}

TEST_CASE("an empty bucket that the clock was put back behind is kept as of now, unless that is"
          " rolled back",
          "[store]") {
  rate_buckets buckets;
  buckets.load("q", 0, noon);
  CHECK(buckets.available("q", ten_a_second, noon - 1h) == 0);
  REQUIRE(buckets.changed().size() == 1);
  CHECK(buckets.changed()[0].tokens == 0);
  CHECK(buckets.changed()[0].at == noon - 1h);
  buckets.rolled_back();
  CHECK(buckets.next_at("q", ten_a_second, noon - 30min) == noon - 30min + 100ms);
  CHECK(buckets.changed()[0].at == noon - 30min);
}

TEST_CASE("another limit holds from the next look on", "[store]") {
  rate_buckets buckets;
  buckets.take("q", ten_a_second, noon);
  CHECK(buckets.available("q", {3, 1s}, noon) == 3);
  buckets.forget("q");
  CHECK(buckets.available("q", {30, 1s}, noon) == 30);
}

TEST_CASE("a rollback brings the buckets back, a commit tells what is to be kept", "[store]") {
  rate_buckets buckets;
  buckets.load("q", 5, noon);
  buckets.take("q", ten_a_second, noon);
  buckets.take("new", ten_a_second, noon);
  CHECK(buckets.changed().size() == 2);
  buckets.rolled_back();
  CHECK(buckets.changed().empty());
  CHECK(buckets.available("q", ten_a_second, noon) == 5);
  CHECK(buckets.available("new", ten_a_second, noon) == 10);

  buckets.take("q", ten_a_second, noon);
  const auto rows = buckets.changed();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].queue == "q");
  CHECK(rows[0].tokens == 4);
  CHECK(rows[0].at == noon);
  buckets.committed();
  CHECK(buckets.changed().empty());
}

} // namespace errand::test
