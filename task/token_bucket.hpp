// Lets through so many at once, and so many a second after that.
#pragma once

#include "task/time.hpp"

#include <algorithm>

namespace errand {

class token_bucket {
public:
  /// Full at first.
  token_bucket(double burst, double per_second)
      : burst_(burst), per_second_(per_second), tokens_(burst) {}

  /// Whether one may pass at `now`; if so, it has. Time does not run backwards.
  bool take(steady_time now) {
    if (last_ != steady_time{})
      tokens_ = std::min(
          burst_, tokens_ + std::chrono::duration<double>(now - last_).count() * per_second_);
    last_ = now;
    if (tokens_ < 1)
      return false;
    tokens_ -= 1;
    return true;
  }

private:
  double burst_;
  double per_second_;
  double tokens_;
  steady_time last_{};
};

} // namespace errand
