// What standard output and standard error are: a terminal, with how many columns, or something
// else. The one place that asks.
#pragma once

#include <cstddef>
#include <optional>

namespace errand {

struct terminal {
  int fd = -1;
  bool is_terminal = false;
  bool moves_cursor = false; ///< A terminal that is not "dumb".
  bool has_colours = false;  ///< The same, and NO_COLOR is not set.
};

/// Looks at `fd` and at the variables TERM and NO_COLOR.
terminal terminal_of(int fd);

struct window_size {
  size_t columns = 80;
  size_t rows = 24;
};

/// As it is now, since people change it; 80 by 24 for a terminal that does not know.
window_size size_of(const terminal& t);

/// How wide a line may be: nothing for what is no terminal, where lines have no end.
std::optional<size_t> columns_of(const terminal& t);

} // namespace errand
