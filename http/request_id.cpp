#include "http/request_id.hpp"

namespace errand {

std::string request_id_source::next() {
  constexpr size_t digits_per_number = 16;
  constexpr char digits[] = "0123456789abcdef";
  std::string id(24, '0');
  uint64_t number = 0;
  for (size_t i = 0; i < id.size(); ++i, number >>= 4) {
    if (i % digits_per_number == 0)
      number = numbers_.next();
    id[i] = digits[number & 15];
  }
  return id;
}

} // namespace errand
