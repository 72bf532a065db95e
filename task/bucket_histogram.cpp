#include "task/bucket_histogram.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace errand {

void bucket_histogram::add(int64_t value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  ++counts_[static_cast<size_t>(bucket)];
  sum_ += value;
}

uint64_t bucket_histogram::count_up_to(size_t i) const {
  const auto end = std::min(i + 1, counts_.size());
  return std::accumulate(counts_.begin(), counts_.begin() + static_cast<ptrdiff_t>(end),
                         uint64_t{0});
}

bucket_bounds task_time_bounds() {
  constexpr int64_t ms = 1000, s = 1000 * ms;
  static constexpr auto bounds =
      std::to_array<int64_t>({1 * ms, 5 * ms, 10 * ms, 50 * ms, 100 * ms, 500 * ms, 1 * s, 5 * s,
                              10 * s, 30 * s, 60 * s, 300 * s, 900 * s, 3600 * s, 14'400 * s});
  return bounds;
}

bucket_bounds server_time_bounds() {
  constexpr int64_t ms = 1000, s = 1000 * ms;
  static constexpr auto bounds = std::to_array<int64_t>(
      {ms / 2, 1 * ms, 5 * ms / 2, 5 * ms, 10 * ms, 25 * ms, 50 * ms, 100 * ms, 250 * ms, 500 * ms,
       1 * s, 5 * s / 2, 5 * s, 10 * s, 30 * s});
  return bounds;
}

bucket_bounds batch_size_bounds() {
  static constexpr auto bounds =
      std::to_array<int64_t>({1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096});
  return bounds;
}

} // namespace errand
