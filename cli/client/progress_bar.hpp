// One line of a terminal that shows how far a task is. Pure but for the drawing.
#pragma once

#include "cli/client/session.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace errand::client {

/// "sleep 01a2… running  [#####     ]  50 % fetching  12s" in at most `columns` columns: without a
/// bar if the task tells no fraction.
std::string progress_line(const json& task, std::chrono::seconds waited, size_t columns);

/// Draws itself on standard error if that is a terminal, else not at all; is wiped at its end.
class progress_bar {
public:
  explicit progress_bar(const session& s);
  ~progress_bar();
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  bool is_shown() const { return is_shown_; }
  void show(const json& task);

  /// What wipes it.
  static constexpr const char* wiped = "\r\x1b[K";

private:
  const session& session_;
  const bool is_shown_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

} // namespace errand::client
