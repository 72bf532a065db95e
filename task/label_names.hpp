// Names as values of a label: a bounded number of them have a place of their own, and all others
// share one. Names that clients invent would else make as many time series as they please. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace errand {

/// What names without a place of their own are told as. A client's own "other" is among them.
inline constexpr std::string_view other_label = "other";

class label_names {
public:
  /// `known` are the server's own (configured, or with a handler) and have places from the start;
  /// beyond them, the first `max` names that come have one, until the process ends.
  label_names(size_t max, const std::vector<std::string>& known);

  /// Its place, if need be a new one; `other` if there is no room.
  size_t place_of(const std::string& name);

  /// The same without making one.
  size_t find(const std::string& name) const;

  /// Of a place.
  const std::string& name(size_t place) const { return names_[place]; }

  /// How many places there are, with `other`.
  size_t size() const { return names_.size(); }

  static constexpr size_t other = 0;

private:
  size_t full_at_;
  std::vector<std::string> names_; ///< By place.
  std::unordered_map<std::string, size_t> places_;
};

} // namespace errand
