#include "task/secret_numbers.hpp"

#include "tests/support/catch.hpp"

#include <set>

using namespace errand;

TEST_CASE("secret numbers do not repeat, and each of their bits is now 0 and now 1") {
  secret_numbers source;
  std::set<uint64_t> seen;
  uint64_t ones = 0, zeros = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto number = source.next();
    seen.insert(number);
    ones |= number;
    zeros |= ~number;
  }
  CHECK(seen.size() == 1000);
  CHECK(ones == ~uint64_t{0});
  CHECK(zeros == ~uint64_t{0});
}

TEST_CASE("two sources of secret numbers give different ones") {
  secret_numbers one, other;
  CHECK(one.next() != other.next());
}
