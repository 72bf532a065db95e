#include "http/known_kinds.hpp"

#include "task/utf8.hpp"

#include <algorithm>

namespace errand {

known_kinds::known_kinds(std::vector<std::string> kinds) : kinds_(std::move(kinds)) {
  std::sort(kinds_.begin(), kinds_.end());
}

bool known_kinds::contains(const std::string& kind) const {
  return std::binary_search(kinds_.begin(), kinds_.end(), kind);
}

std::vector<std::string> known_kinds::warnings(const std::string& kind) const {
  if (contains(kind))
    return {};
  return {"No handler of this server is for the kind " + quoted(kind) + " so far."};
}

} // namespace errand
