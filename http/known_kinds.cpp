#include "http/known_kinds.hpp"

#include "task/utf8.hpp"

namespace errand {

namespace {

/// Names are the clients' to invent. With more of them nobody is warned any more.
constexpr size_t offered_max = 10'000;

} // namespace

known_kinds::known_kinds(const std::vector<std::string>& handled)
    : known_(std::make_shared<known>()) {
  known_->handled.insert(handled.begin(), handled.end());
}

void known_kinds::offer(const std::vector<std::string>& kinds) {
  known_->all_offered |= kinds.empty() || known_->offered.size() >= offered_max;
  if (!known_->all_offered)
    known_->offered.insert(kinds.begin(), kinds.end());
}

std::vector<std::string> known_kinds::warnings(const std::string& kind) const {
  if (known_->all_offered || is_handled(kind) || known_->offered.contains(kind))
    return {};
  return {"No handler of this server is for the kind " + quoted(kind)
          + ", and no worker has offered to run it so far."};
}

} // namespace errand
