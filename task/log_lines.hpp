// Text that a handler or a worker wrote, as the lines of a task's log. Pure.
#pragma once

#include "task/task.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace errand {

/// Its lines, mended and cut to log_line_max; a line break at the end begins none. Ends with the
/// line that exceeds so many lines, or so many bytes with a line break for each: enough for the
/// store to tell that its log is full.
std::vector<log_line> log_lines_of(std::string_view text, timestamp now,
                                   int64_t lines_max = log_lines_max,
                                   int64_t bytes_max = log_bytes_max);

} // namespace errand
