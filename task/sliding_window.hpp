// What came within the last N slices of time: a ring of slices, each reused when its time is over.
#pragma once

#include "task/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace errand {

/// The window ends now and is between N - 1 and N slices long. `Slice` has clear().
template <class Slice, size_t N>
class sliding_window {
public:
  explicit sliding_window(steady_time::duration slice_length) : length_(slice_length) {}

  /// The slice of this moment. Time does not run backwards.
  Slice& at(steady_time now) {
    const auto number = number_at(now);
    auto& [held, slice] = slices_[static_cast<size_t>(number) % N];
    if (held != number) {
      slice.clear();
      held = number;
    }
    return slice;
  }

  /// Calls `visit(slice)` for each that lies within the window.
  template <class Visit>
  void visit(steady_time now, Visit visit) const {
    const auto newest = number_at(now);
    for (const auto& [held, slice] : slices_)
      if (held >= 0 && held > newest - static_cast<int64_t>(N) && held <= newest)
        visit(slice);
  }

private:
  int64_t number_at(steady_time now) const { return now.time_since_epoch() / length_; }

  struct entry {
    int64_t held = -1; ///< Number of the slice of time that stands here.
    Slice slice{};
  };

  steady_time::duration length_;
  std::array<entry, N> slices_;
};

} // namespace errand
