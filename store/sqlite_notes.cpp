// What handlers say while they run: progress, and lines of a log that is bounded. How full a log is
// stands in its last row, so nothing is counted anew.
#include "store/sqlite_store.hpp"

#include <utility>

namespace errand {

namespace {

constexpr std::string_view log_is_full =
    "The log is full: what is written from here on is not kept.";

} // namespace

std::optional<task_fact> sqlite_store::note(const attempt_note& note) {
  return verb([&]() -> std::optional<task_fact> {
    auto attempt = find_running(note.ref);
    if (!attempt)
      return std::nullopt;
    if (!note.lines.empty())
      keep_lines(note);
    task_fact fact{note.ref.id, task_state::running, note.ref.attempt, std::move(attempt->kind),
                   std::move(attempt->queue)};
    if (note.progress) {
      const auto& [fraction, message] = *note.progress;
      sqlite_execution(sql_.progress, fraction, message, note.ref.id.sequence()).run();
      fact.progress = std::make_shared<const task_progress>(*note.progress);
    }
    return fact;
  });
}

void sqlite_store::keep_lines(const attempt_note& note) {
  const auto sequence = note.ref.id.sequence();
  int64_t n = 0;
  int64_t bytes = 0;
  {
    sqlite_execution last(sql_.log_end, sequence);
    if (last.next()) {
      n = last.integer(0);
      bytes = last.integer(1);
    }
  }
  constexpr auto bytes_for_lines = log_bytes_max - static_cast<int64_t>(log_is_full.size()) - 1;
  for (const auto& [at, text] : note.lines) {
    if (bytes == log_bytes_max)
      return;
    ++n;
    bytes += static_cast<int64_t>(text.size()) + 1;
    const bool fits = n < log_lines_max && bytes <= bytes_for_lines;
    if (!fits)
      bytes = log_bytes_max;
    sqlite_execution(sql_.log_line, sequence, n, at, int64_t{note.ref.attempt},
                     fits ? std::string_view(text) : log_is_full, bytes)
        .run();
  }
}

} // namespace errand
