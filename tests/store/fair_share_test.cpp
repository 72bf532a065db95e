#include "store/fair_share.hpp"

#include "tests/support/catch.hpp"

#include <map>

namespace errand::test {

namespace {

using candidates = std::vector<fair_share::candidate>;

/// "abca" for turns of the queues a, b, c, a.
std::string turns(fair_share& share, size_t n, const candidates& among) {
  std::string text;
  for (const auto i : share.next(n, among))
    text += among[i].queue;
  return text;
}

} // namespace

TEST_CASE("equal queues take turns, also from one call to the next", "[store]") {
  fair_share share;
  const candidates all{{"a", 1, 99}, {"b", 1, 99}, {"c", 1, 99}};
  CHECK(turns(share, 7, all) == "abcabca");
  CHECK(turns(share, 1, all) == "b");
  CHECK(turns(share, 1, all) == "c");
  CHECK(turns(share, 2, all) == "ab");
}

TEST_CASE("a queue takes no more than it can, and leaves the rest to others", "[store]") {
  fair_share share;
  CHECK(turns(share, 9, {{"a", 1, 1}, {"b", 1, 3}, {"c", 1, 0}}) == "abbb");
  CHECK(turns(share, 9, {}).empty());
  CHECK(turns(share, 0, {{"a", 1, 1}}).empty());
}

TEST_CASE("turns are shared by weight, whatever the size of the calls", "[store]") {
  const size_t size = GENERATE(1, 2, 7, 256);
  fair_share share;
  const candidates all{{"a", 1, 9999}, {"b", 3, 9999}, {"c", 0.5, 9999}, {"d", 7.5, 9999}};
  std::map<std::string_view, double> served;
  double total = 0;
  while (total < 12'000)
    for (const auto i : share.next(size, all)) {
      served[all[i].queue] += 1;
      total += 1;
    }
  for (const auto& [queue, weight, most] : all)
    CHECK(std::abs(served[queue] / total - weight / 12) < 0.001);
}

TEST_CASE("who was away has saved nothing up", "[store]") {
  fair_share share;
  const candidates alone{{"a", 1, 9999}}, both{{"a", 1, 9999}, {"b", 1, 9999}};
  share.next(1000, alone);
  const auto order = turns(share, 10, both);
  CHECK(std::count(order.begin(), order.end(), 'b') == 5);
}

TEST_CASE("who is served a lot while others are away is not made to pay for it", "[store]") {
  fair_share share;
  const candidates light{{"a", 0.01, 9999}}, both{{"a", 0.01, 9999}, {"b", 0.01, 9999}};
  share.next(1000, light);
  const auto order = turns(share, 10, both);
  CHECK(std::count(order.begin(), order.end(), 'a') == 5);
}

} // namespace errand::test
