#include "http/json_guard.hpp"

#include <algorithm>
#include <functional>

namespace errand {

void json_guard::begin_value() {
  if (!frames_.empty() && frames_.back().is_array)
    ++frames_.back().elements;
}

bool json_guard::open(bool is_array) {
  if (frames_.size() == max_json_depth) {
    // The whole path would be a hundred steps long; the first one tells which field it is in.
    fault(pointer(1), "nests deeper than the " + std::to_string(max_json_depth)
                          + " levels that are allowed; flatten it");
    return false;
  }
  frames_.push_back({is_array, keys_.size()});
  return true;
}

void json_guard::close() {
  const size_t first = frames_.back().first_key;
  if (keys_.size() - first > 1)
    find_twins(first);
  keys_.resize(first);
  frames_.pop_back();
}

void json_guard::find_twins(size_t first) {
  // Sorted by hash, an object of a hundred thousand keys costs milliseconds; the names decide where
  // hashes are equal, so that keys chosen to collide cost no more than comparing them.
  by_hash_.clear();
  for (size_t i = first; i < keys_.size(); ++i)
    by_hash_.emplace_back(std::hash<std::string>()(keys_[i]), keys_[i]);
  std::sort(by_hash_.begin(), by_hash_.end());
  for (auto twin = by_hash_.begin(); !is_full();) {
    twin = std::adjacent_find(twin, by_hash_.end());
    if (twin == by_hash_.end())
      return;
    fault(pointer(frames_.size() - 1) + pointer_step(twin->second),
          "is given more than once in its object; keep one of them");
    twin = std::upper_bound(twin, by_hash_.end(), *twin);
  }
}

std::string json_guard::pointer(size_t levels) const {
  std::string path;
  for (size_t i = 0; i < levels; ++i) {
    const auto& level = frames_[i];
    const size_t keys_end = i + 1 < frames_.size() ? frames_[i + 1].first_key : keys_.size();
    if (level.is_array)
      path += '/' + std::to_string(level.elements - 1);
    else
      path += pointer_step(keys_[keys_end - 1]);
  }
  return path;
}

void json_guard::fault(std::string pointer, std::string detail) {
  if (!is_full())
    faults_.push_back({std::move(pointer), std::move(detail)});
}

bool json_guard::is_full() const {
  return faults_.size() == max_faults;
}

std::vector<field_error> json_guard::take_faults() {
  if (is_full())
    faults_.push_back({"", "was not read beyond these " + std::to_string(max_faults)
                               + " faults; there may be more"});
  return std::move(faults_);
}

} // namespace errand
