#include "task/duration_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace errand {

namespace {

/// From a bucket's lower bound to its upper one. The value in between that is told is off by the
/// same share at both ends.
constexpr double growth =
    (1 + duration_histogram::relative_error) / (1 - duration_histogram::relative_error);

const double log_growth = std::log(growth);

/// Bucket 0 has all up to `smallest`; bucket i what lies above smallest * growth^(i-1), up to
/// smallest * growth^i.
duration value_of(size_t bucket) {
  if (bucket == 0)
    return duration_histogram::smallest;
  const auto upper =
      static_cast<double>(duration_histogram::smallest.count()) * std::pow(growth, bucket);
  return duration(std::llround(upper * 2 / (1 + growth)));
}

} // namespace

size_t duration_histogram::bucket_of(duration value) {
  if (value <= smallest)
    return 0;
  const auto times =
      static_cast<double>(std::min(value, largest).count()) / static_cast<double>(smallest.count());
  return std::min(static_cast<size_t>(std::ceil(std::log(times) / log_growth)), bucket_count - 1);
}

void duration_histogram::add(size_t bucket) {
  counts_.resize(bucket_count);
  ++counts_[bucket];
  ++count_;
}

void duration_histogram::merge(const duration_histogram& other) {
  if (other.count_ == 0)
    return;
  counts_.resize(bucket_count);
  for (size_t i = 0; i < bucket_count; ++i)
    counts_[i] += other.counts_[i];
  count_ += other.count_;
}

void duration_histogram::clear() {
  counts_.clear();
  counts_.shrink_to_fit();
  count_ = 0;
}

std::optional<duration> duration_histogram::quantile(double q) const {
  if (count_ == 0)
    return std::nullopt;
  const auto rank = std::max<uint64_t>(
      1, static_cast<uint64_t>(std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_))));
  uint64_t seen = 0;
  for (size_t i = 0; i < bucket_count; ++i) {
    seen += counts_[i];
    if (seen >= rank)
      return value_of(i);
  }
  return value_of(bucket_count - 1);
}

} // namespace errand
