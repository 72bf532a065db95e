// Randomness for what nobody may guess: ids, tokens of leases.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace errand {

/// Gives numbers that can't be told from others that it gave. They come from the system, many at a
/// time, at some 20 ns each. One thread at a time.
class secret_numbers {
public:
  /// All 64 bits are random. Throws std::system_error if the system has no randomness.
  uint64_t next();

private:
  // 256 bytes: so many the system gives in one go, and without being interrupted.
  std::array<uint64_t, 32> pool_{};
  size_t used_ = pool_.size();
};

} // namespace errand
