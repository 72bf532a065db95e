// The times of the interface.
#pragma once

#include <chrono>

#pragma GCC visibility push(default)
namespace errand {

/// A time to wait.
using Seconds = std::chrono::duration<double>;

/// A moment, by the system's clock.
using Time = std::chrono::system_clock::time_point;

} // namespace errand
#pragma GCC visibility pop
