#include "task/secret_numbers.hpp"

#include <cerrno>
#include <sys/random.h>
#include <system_error>

namespace errand {

uint64_t secret_numbers::next() {
  if (used_ == pool_.size()) {
    static_assert(sizeof pool_ <= 256);
    if (getrandom(pool_.data(), sizeof pool_, 0) != sizeof pool_)
      throw std::system_error(errno, std::generic_category(), "the system has no randomness");
    used_ = 0;
  }
  return pool_[used_++];
}

} // namespace errand
