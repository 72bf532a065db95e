// When a failed task runs again. Pure.
#pragma once

#include "task/time.hpp"

namespace errand {

/// How long to wait after the n-th failure: min_backoff * factor^(n-1), at most max_backoff, and
/// that give or take up to `jitter` of itself, so that what failed together does not come back
/// together.
struct retry_policy {
  duration min_backoff = std::chrono::seconds(1);
  duration max_backoff = std::chrono::hours(1);
  double factor = 2;
  double jitter = 0.2; ///< 0..1.

  friend bool operator==(const retry_policy&, const retry_policy&) = default;
};

/// The wait after that many failures (1 or more). `chance` in 0..1 decides the jitter: 0 is the
/// shortest wait, 0.5 the one without jitter, 1 the longest. Precondition: a good policy (see
/// task/spec_rules.hpp).
duration backoff(const retry_policy& policy, int failures, double chance);

} // namespace errand
