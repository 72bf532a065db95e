// Waits for something to become true, by looking again and again until a deadline.
#pragma once

#include <chrono>
#include <poll.h>

namespace errand::test {

/// Looks every few milliseconds. False if it is still not true after `patience`.
template <class Predicate>
bool eventually(Predicate is_true, std::chrono::milliseconds patience = std::chrono::seconds{30}) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!is_true()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    poll(nullptr, 0, 5);
  }
  return true;
}

} // namespace errand::test
