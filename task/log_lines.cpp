#include "task/log_lines.hpp"

#include "task/utf8.hpp"

#include <algorithm>

namespace errand {

std::vector<log_line> log_lines_of(std::string_view text, timestamp now, int64_t lines_max,
                                   int64_t bytes_max) {
  std::vector<log_line> lines;
  int64_t bytes = 0;
  if (text.ends_with('\n'))
    text.remove_suffix(1);
  for (bool more = true;
       more && static_cast<int64_t>(lines.size()) <= lines_max && bytes <= bytes_max;) {
    const auto end = std::min(text.find('\n'), text.size());
    more = end < text.size();
    auto line = text.substr(0, end);
    text.remove_prefix(more ? end + 1 : end);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    lines.push_back({now, mended(line, log_line_max)});
    bytes += static_cast<int64_t>(lines.back().text.size()) + 1;
  }
  return lines;
}

} // namespace errand
