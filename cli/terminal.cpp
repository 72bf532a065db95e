#include "cli/terminal.hpp"

#include <cstdlib>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace errand {

terminal terminal_of(int fd) {
  terminal result{fd, isatty(fd) == 1};
  const char* type = std::getenv("TERM");
  result.moves_cursor = result.is_terminal && type && std::string_view(type) != "dumb";
  const char* no_color = std::getenv("NO_COLOR"); // https://no-color.org: set and not empty
  result.has_colours = result.moves_cursor && !(no_color && *no_color);
  return result;
}

window_size size_of(const terminal& t) {
  window_size result;
  winsize told{};
  if (ioctl(t.fd, TIOCGWINSZ, &told) == 0 && told.ws_col > 0 && told.ws_row > 0)
    result = {told.ws_col, told.ws_row};
  return result;
}

std::optional<size_t> columns_of(const terminal& t) {
  std::optional<size_t> result;
  if (t.is_terminal)
    result = size_of(t).columns;
  return result;
}

} // namespace errand
