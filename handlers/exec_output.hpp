// What a command writes, taken apart as it comes and never held beyond its limits.
#pragma once

#include <errand/handler.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// "::progress 0.4 half way" as it stands on a line of its own.
struct progress_line {
  double fraction = 0;
  std::string_view message; ///< Within the line.
};

/// Nothing if the line is not exactly so: then it is output like any other.
std::optional<progress_line> parse_progress(std::string_view line);

/// Standard output: reports the progress lines, and keeps the rest up to a limit.
class result_reader {
public:
  using progress_sink = std::function<void(double, std::string_view)>;

  result_reader(size_t max_bytes, progress_sink on_progress)
      : max_bytes_(max_bytes), on_progress_(std::move(on_progress)) {}

  void take(std::string_view bytes);
  void finish(); ///< Nothing comes any more.

  /// Whether there was more than the limit; what came after that was dropped.
  bool too_large() const { return too_large_; }

  /// JSON if it is that, and nested no deeper than a task's args may be; else text, without one
  /// line break at its end. Throws PermanentError if it is neither. To be called after finish().
  nlohmann::json result() const;

private:
  void keep(std::string_view bytes);
  void end_line();

  size_t max_bytes_;
  progress_sink on_progress_;
  std::string kept_;
  std::string line_;        ///< The beginning of a line that may become one of progress.
  bool plain_line_ = false; ///< This line can't any more.
  bool too_large_ = false;
};

/// Standard error: gives on each line as soon as it is whole, and remembers the last ones. Stops
/// giving on where a task's log is full anyway.
class error_reader {
public:
  using line_sink = std::function<void(std::string_view)>;

  explicit error_reader(line_sink on_line) : on_line_(std::move(on_line)) {}

  void take(std::string_view bytes);
  void finish(); ///< Nothing comes any more.

  /// The last lines, made fit to show, with line breaks between them: a kilobyte or two.
  std::string tail() const;

private:
  bool is_full() const; ///< So is the log.
  void end_line();

  line_sink on_line_;
  std::string line_;
  bool has_line_ = false; ///< Something of it came, if only a line break.
  int64_t lines_ = 0;
  int64_t bytes_ = 0;
  std::string tail_; ///< The last bytes, as they came.
  bool tail_was_cut_ = false;
};

} // namespace errand
