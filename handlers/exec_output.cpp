#include "handlers/exec_output.hpp"

#include "task/spec_rules.hpp"
#include "task/task.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace errand {

namespace {

constexpr std::string_view progress_prefix = "::progress ";

/// Number, blank and message; a line that is longer is cut.
constexpr size_t progress_line_max = progress_prefix.size() + 64 + progress_message_max;

/// Bytes of standard error that are remembered, or up to twice as many.
constexpr size_t tail_max = 1024;

/// Nothing if it is not JSON, or nested so deep that others who walk it could run out of stack.
std::optional<nlohmann::json> parse_json(std::string_view text) {
  bool is_too_deep = false;
  const nlohmann::json::parser_callback_t guard =
      [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json&) {
        using what = nlohmann::json::parse_event_t;
        if (event == what::object_start || event == what::array_start)
          is_too_deep |= depth >= static_cast<int>(max_json_depth);
        return !is_too_deep;
      };
  auto parsed = nlohmann::json::parse(text, guard, false);
  if (is_too_deep || parsed.is_discarded())
    return std::nullopt;
  return parsed;
}

} // namespace

std::optional<progress_line> parse_progress(std::string_view line) {
  if (!line.starts_with(progress_prefix))
    return std::nullopt;
  line.remove_prefix(progress_prefix.size());
  progress_line told;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), told.fraction);
  if (error != std::errc{})
    return std::nullopt;
  line.remove_prefix(static_cast<size_t>(end - line.data()));
  if (!line.empty() && line.front() != ' ')
    return std::nullopt;
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  told.message = line;
  return told;
}

// -- Standard output

namespace {

/// Whether a line that begins so can be one of progress.
bool may_be_progress(std::string_view line) {
  const auto common = std::min(line.size(), progress_prefix.size());
  return line.substr(0, common) == progress_prefix.substr(0, common)
         && (line.size() < progress_line_max || parse_progress(line));
}

} // namespace

void result_reader::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    const bool is_whole = end < bytes.size();
    const auto part = bytes.substr(0, end);
    bytes.remove_prefix(is_whole ? end + 1 : end);
    if (plain_line_) {
      keep(part);
    } else {
      // A line that begins like one of progress is held back, up to a bound, until it is whole.
      const auto had = line_.size();
      line_ += part.substr(0, progress_line_max - std::min(had, progress_line_max));
      if (!may_be_progress(line_)) {
        keep(line_);
        keep(part.substr(line_.size() - had));
        line_.clear();
        plain_line_ = true;
      }
    }
    if (is_whole) {
      end_line();
      if (plain_line_)
        keep("\n");
      plain_line_ = false;
    }
  }
}

void result_reader::end_line() {
  if (plain_line_)
    return;
  std::string_view line = line_;
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  if (const auto told = parse_progress(line)) {
    on_progress_(told->fraction, told->message);
  } else {
    keep(line_);
    plain_line_ = true;
  }
  line_.clear();
}

void result_reader::finish() {
  if (!line_.empty())
    end_line();
}

void result_reader::keep(std::string_view bytes) {
  if (kept_.size() + bytes.size() > max_bytes_)
    too_large_ = true;
  if (!too_large_)
    kept_ += bytes;
}

nlohmann::json result_reader::result() const {
  if (auto parsed = parse_json(kept_))
    return *parsed;
  if (!is_utf8(kept_))
    throw PermanentError("the command's standard output is neither JSON nor UTF-8 text, so it "
                         "can't be a result; let the command write it to a file and print its "
                         "name");
  std::string_view text = kept_;
  if (text.ends_with('\n'))
    text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  return std::string(text);
}

// -- Standard error

void error_reader::take(std::string_view bytes) {
  // Kept as it came: lines that nobody will see must cost next to nothing, there may be millions.
  tail_ += bytes.substr(bytes.size() - std::min(bytes.size(), tail_max));
  tail_was_cut_ |= bytes.size() > tail_max;
  if (tail_.size() > 2 * tail_max) {
    tail_.erase(0, tail_.size() - tail_max);
    tail_was_cut_ = true;
  }
  while (!bytes.empty() && !is_full()) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    const bool is_whole = end < bytes.size();
    // One byte more than is kept, so that it shows that the line was cut.
    const auto room = log_line_max + 1 - std::min(line_.size(), log_line_max + 1);
    line_ += bytes.substr(0, std::min(end, room));
    has_line_ = true;
    bytes.remove_prefix(is_whole ? end + 1 : end);
    if (is_whole)
      end_line();
  }
}

bool error_reader::is_full() const {
  return lines_ > log_lines_max || bytes_ > log_bytes_max;
}

void error_reader::end_line() {
  if (line_.ends_with('\r'))
    line_.pop_back();
  on_line_(line_);
  ++lines_;
  bytes_ += static_cast<int64_t>(line_.size()) + 1;
  line_.clear();
  has_line_ = false;
}

void error_reader::finish() {
  if (has_line_ && !is_full())
    end_line();
}

std::string error_reader::tail() const {
  std::string_view rest = tail_;
  while (rest.ends_with('\n') || rest.ends_with('\r'))
    rest.remove_suffix(1);
  // Not the middle of a line, if there is another.
  if (const auto next = rest.find('\n'); tail_was_cut_ && next != rest.npos)
    rest.remove_prefix(next + 1);
  std::string shown;
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    shown += (shown.empty() ? "" : "\n") + mended(line, log_line_max);
  }
  return shown;
}

} // namespace errand
