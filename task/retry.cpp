#include "task/retry.hpp"

#include <algorithm>
#include <cmath>

namespace errand {

duration backoff(const retry_policy& policy, int failures, double chance) {
  // In doubles, which become infinite and not negative when a power is too large.
  const auto longest = static_cast<double>(policy.max_backoff.count());
  const auto grown =
      static_cast<double>(policy.min_backoff.count()) * std::pow(policy.factor, failures - 1);
  const auto wait = policy.min_backoff.count() == 0 ? 0.0 : std::min(grown, longest);
  return duration(std::llround(wait * (1 + policy.jitter * (2 * chance - 1))));
}

} // namespace errand
