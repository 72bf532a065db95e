#include "http/request_id.hpp"

#include <algorithm>
#include <sys/random.h>

namespace errand {

std::string request_id_source::next() {
  if (used_ + id_bytes > pool_.size()) {
    // getrandom() gives at most 256 bytes in one call for certain, and then can't be interrupted.
    constexpr size_t step = 256;
    for (size_t at = 0; at < pool_.size(); at += step)
      if (getrandom(pool_.data() + at, std::min(step, pool_.size() - at), 0) < 0)
        break; // A kernel without getrandom(): the names repeat, and nothing else depends on them.
    used_ = 0;
  }
  constexpr char digits[] = "0123456789abcdef";
  std::string id(2 * id_bytes, '0');
  for (size_t i = 0; i < id_bytes; ++i) {
    const uint8_t byte = pool_[used_ + i];
    id[2 * i] = digits[byte >> 4];
    id[2 * i + 1] = digits[byte & 15];
  }
  used_ += id_bytes;
  return id;
}

} // namespace errand
