#include "store/rate_buckets.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace errand {

namespace {

/// A token that lacks less than that by the rounding of sums is whole.
constexpr double tolerance = 1e-6;

double per_microsecond(const rate_limit& rate) {
  return static_cast<double>(rate.limit) / static_cast<double>(rate.per.count());
}

} // namespace

void rate_buckets::load(std::string_view queue, double tokens, timestamp at) {
  buckets_.insert_or_assign(std::string(queue), bucket{tokens, at});
}

/// A clock that was put back fills nothing, and what was filled stays. The bucket counts from there
/// on: an empty one, which nobody takes from, would else wait until its old time comes round again.
double rate_buckets::tokens_at(std::string_view queue, const rate_limit& rate, timestamp now) {
  const auto full = static_cast<double>(rate.limit);
  const auto found = buckets_.find(queue);
  if (found == buckets_.end())
    return full;
  auto& [tokens, at] = found->second;
  if (at > now) {
    keep_before(queue);
    at = now;
  }
  return std::min(full, tokens + static_cast<double>((now - at).count()) * per_microsecond(rate));
}

int64_t rate_buckets::available(std::string_view queue, const rate_limit& rate, timestamp now) {
  return static_cast<int64_t>(tokens_at(queue, rate, now) + tolerance);
}

std::optional<timestamp> rate_buckets::next_at(std::string_view queue, const rate_limit& rate,
                                               timestamp now) {
  const auto lacking = 1 - tolerance - tokens_at(queue, rate, now);
  if (lacking <= 0)
    return std::nullopt;
  return now + duration(static_cast<int64_t>(std::ceil(lacking / per_microsecond(rate))));
}

void rate_buckets::take(std::string_view queue, const rate_limit& rate, timestamp now) {
  assert(available(queue, rate, now) > 0);
  set(queue, tokens_at(queue, rate, now) - 1, now);
}

void rate_buckets::put_back(std::string_view queue, const rate_limit& rate, timestamp now) {
  set(queue, std::min(static_cast<double>(rate.limit), tokens_at(queue, rate, now) + 1), now);
}

void rate_buckets::forget(std::string_view queue) {
  if (const auto found = buckets_.find(queue); found != buckets_.end()) {
    keep_before(queue);
    buckets_.erase(found);
  }
}

void rate_buckets::set(std::string_view queue, double tokens, timestamp now) {
  keep_before(queue);
  buckets_.insert_or_assign(std::string(queue), bucket{tokens, now});
}

void rate_buckets::keep_before(std::string_view queue) {
  if (before_.contains(queue))
    return;
  const auto found = buckets_.find(queue);
  before_.emplace(queue, found == buckets_.end() ? std::optional<bucket>() : found->second);
}

std::vector<rate_buckets::row> rate_buckets::changed() const {
  std::vector<row> rows;
  for (const auto& [queue, was] : before_)
    if (const auto found = buckets_.find(queue); found != buckets_.end())
      rows.push_back({queue, found->second.tokens, found->second.at});
  return rows;
}

void rate_buckets::committed() {
  before_.clear();
}

void rate_buckets::rolled_back() {
  for (const auto& [queue, was] : before_) {
    if (was)
      buckets_.insert_or_assign(queue, *was);
    else
      buckets_.erase(queue);
  }
  before_.clear();
}

} // namespace errand
