// Counts of values by fixed bounds, as Prometheus has histograms: what came since the start, one
// increment for each value. Pure. (task/duration_histogram answers quantiles of the last hour.)
#pragma once

#include "task/time.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace errand {

/// Upper bounds of buckets, each inclusive, in ascending order; above the last one is one bucket
/// more. Of durations: microseconds. Must live as long as what is made with it.
using bucket_bounds = std::span<const int64_t>;

class bucket_histogram {
public:
  bucket_histogram() = default;
  explicit bucket_histogram(bucket_bounds bounds) : bounds_(bounds), counts_(bounds.size() + 1) {}

  void add(int64_t value);
  void add(duration value) { add(value.count()); }

  bucket_bounds bounds() const { return bounds_; }

  /// How many values lie up to bound number `i`; with `i` one behind the last bound, all.
  uint64_t count_up_to(size_t i) const;

  uint64_t count() const { return count_up_to(bounds_.size()); }
  int64_t sum() const { return sum_; }

private:
  bucket_bounds bounds_;
  std::vector<uint64_t> counts_; ///< By bucket, not yet added up.
  int64_t sum_ = 0;
};

/// Of how long tasks wait and run: 1 ms to 4 h.
bucket_bounds task_time_bounds();

/// Of what the server does itself, commits and requests: 0.5 ms to 30 s.
bucket_bounds server_time_bounds();

/// Of how many there are of something together: 1 to 4096.
bucket_bounds batch_size_bounds();

} // namespace errand
