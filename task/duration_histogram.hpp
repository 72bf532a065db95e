// Quantiles of durations in bounded memory: buckets whose bounds grow by a tenth each, so that what
// is told lies within 5 % of what was measured, from 10 us to 30 days. Pure.
//
// prometheus-cpp has quantiles, too (CKMS): each value goes into every age bucket there, the error
// is one of ranks, and no bound on the memory is promised; here an addition is one increment, and
// two histograms merge by adding up.
#pragma once

#include "task/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace errand {

class duration_histogram {
public:
  /// Of a quantile, for values between the two below; others are told as the nearer of these.
  static constexpr double relative_error = 0.05;
  static constexpr duration smallest = std::chrono::microseconds(10);
  static constexpr duration largest = std::chrono::days(30);

  static constexpr size_t bucket_count = 264;

  /// Where a value is counted. So one that is counted in several histograms is looked at once.
  static size_t bucket_of(duration value);

  void add(size_t bucket);
  void add(duration value) { add(bucket_of(value)); }
  void merge(const duration_histogram& other);
  void clear();

  uint64_t count() const { return count_; }

  /// The value that a share `q` (0..1) of all does not exceed. Nothing without values.
  std::optional<duration> quantile(double q) const;

private:
  std::vector<uint32_t> counts_; ///< Empty until the first value.
  uint64_t count_ = 0;
};

} // namespace errand
