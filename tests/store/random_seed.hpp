// A seed for a test that plays at random: new each time, told when the test fails, and given back
// with ERRAND_TEST_SEED=N to play the same again.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace errand::test {

inline uint64_t random_seed() {
  if (const char* asked = std::getenv("ERRAND_TEST_SEED"))
    return std::stoull(asked);
  std::random_device system;
  return uint64_t{system()} << 32 | system();
}

} // namespace errand::test
