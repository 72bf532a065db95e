#include "task/label_names.hpp"

namespace errand {

label_names::label_names(size_t max, const std::vector<std::string>& known)
    : full_at_(1 + known.size()), names_{std::string(other_label)}, places_{{names_[0], other}} {
  for (const auto& name : known)
    place_of(name);
  full_at_ = names_.size() + max;
}

size_t label_names::find(const std::string& name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? other : found->second;
}

size_t label_names::place_of(const std::string& name) {
  if (const auto found = places_.find(name); found != places_.end())
    return found->second;
  if (names_.size() >= full_at_)
    return other;
  names_.push_back(name);
  return places_.emplace(name, names_.size() - 1).first->second;
}

} // namespace errand
