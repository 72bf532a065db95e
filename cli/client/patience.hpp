// When to ask a server again that gave no answer or is just starting or stopping.
#pragma once

#include "cli/client/failure.hpp"

#include <chrono>

namespace errand::client {

class patience {
public:
  /// An answer came.
  void restart() { since_ = clock::now(); }

  /// Waits a moment after a failure that may pass (unreachable, 503). Throws `f` again if it is
  /// another one, or if no answer has come for a minute.
  void wait_or_throw(const failure& f);

private:
  using clock = std::chrono::steady_clock;
  clock::time_point since_ = clock::now();
};

} // namespace errand::client
