// What the system says of this process. Reads /proc: no disk is behind that, so any thread may.
#pragma once

#include "task/time.hpp"

#include <cstdint>
#include <optional>

namespace errand {

struct process_figures {
  timestamp started{};
  std::chrono::duration<double> cpu_time{}; ///< In user and kernel mode.
  uint64_t virtual_bytes = 0;
  uint64_t resident_bytes = 0;
  uint64_t open_fds = 0;
  uint64_t max_fds = 0; ///< UINT64_MAX: no limit.
};

/// Nothing if there is no /proc, or it is not as expected.
std::optional<process_figures> read_process_figures();

} // namespace errand
