#include "cli/client/progress_bar.hpp"

#include "cli/client/display_width.hpp"
#include "cli/client/times.hpp"
#include "server/printable.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace errand::client {

namespace {

constexpr size_t longest_bar = 40;
constexpr size_t shortest_bar = 10;

std::string bar(double fraction, size_t length) {
  const auto full = static_cast<size_t>(std::lround(fraction * static_cast<double>(length)));
  return '[' + std::string(full, '#') + std::string(length - full, ' ') + ']';
}

} // namespace

std::string progress_line(const json& task, std::chrono::seconds waited, size_t columns) {
  const auto& progress = value_of(task, "progress");
  auto line = text_of(task, "kind") + ' ' + text_of(task, "state");
  if (const auto& attempt = value_of(task, "attempt");
      attempt.is_number() && attempt.get<double>() > 1)
    line += ", attempt " + attempt.dump();
  const auto end = "  " + age_text(static_cast<double>(waited.count()));
  if (progress.is_object()) {
    const auto fraction = std::clamp(number_of(progress, "fraction"), 0.0, 1.0);
    const auto room = columns / 3;
    if (room >= shortest_bar)
      line += "  " + bar(fraction, std::min(room, longest_bar));
    char percent[16];
    std::snprintf(percent, sizeof percent, " %3.0f %%", std::floor(fraction * 100));
    line += percent;
    if (const auto& message = value_of(progress, "message"); message.is_string())
      line += ' ' + message.get<std::string>();
  }
  line = without_controls(line);
  return columns > end.size() ? fitted(line, columns - end.size()) + end : fitted(line, columns);
}

progress_bar::progress_bar(const session& s)
    : session_(s), is_shown_(s.err_terminal().moves_cursor) {}

progress_bar::~progress_bar() {
  if (is_shown_)
    session_.draw(wiped);
}

void progress_bar::show(const json& task) {
  if (!is_shown_)
    return;
  const auto waited =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin_);
  // The last column stays free: a character there makes some terminals go to the next line.
  const auto columns = size_of(session_.err_terminal()).columns - 1;
  session_.draw(wiped + progress_line(task, waited, columns));
}

} // namespace errand::client
