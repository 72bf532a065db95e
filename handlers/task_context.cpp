#include "handlers/task_context.hpp"

#include "task/log_lines.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <cstdio>

namespace errand {

task_context::task_context(attempt_batch& batch, const attempt_batch::slot& slot,
                           nlohmann::json args, const upstream_lookup& look_up, logger& log,
                           const note_sender& send, attempt_time& time)
    : batch_(batch),
      slot_(slot),
      args_(std::move(args)),
      look_up_(look_up),
      log_(log),
      send_(send),
      time_(time),
      deadline_(time.wall() + slot.spec.timeout) {}

std::string task_context::id() const {
  return slot_.spec.ref.id.to_string();
}

const nlohmann::json& task_context::upstream() {
  if (upstream_)
    return *upstream_;
  const auto found = look_up_(slot_.spec.ref.id);
  if (!found.ok())
    throw std::runtime_error("The results of upstream tasks can't be read: "
                             + found.why().message());
  auto results = nlohmann::json::object();
  for (const auto& [id, result_json] : *found)
    results[id.to_string()] =
        result_json ? nlohmann::json::parse(*result_json) : nlohmann::json(nullptr);
  return upstream_.emplace(std::move(results));
}

bool task_context::sleep_for(std::chrono::duration<double> time) {
  send_progress_if_allowed();
  // Compared as doubles: a caller's enormous number must not overflow the clock's integers.
  const auto now = time_.now();
  const std::chrono::duration<double> left = slot_.deadline() - now;
  const auto nap =
      std::chrono::duration<double>{std::max(0.0, std::min(time.count(), left.count()))};
  const auto until = now + std::chrono::ceil<std::chrono::steady_clock::duration>(nap);
  return !time_.wait_cancelled(batch_, slot_, until) && time <= left;
}

void task_context::log(std::string_view text) {
  log_.info(text, {{"task", id()}, {"kind", kind()}});
  keep_lines(text);
}

void task_context::keep_lines(std::string_view text) {
  if (lines_sent_ > log_lines_max || bytes_sent_ > log_bytes_max)
    return;
  attempt_note note{
      slot_.spec.ref, std::nullopt,
      log_lines_of(text, time_.wall(), log_lines_max - lines_sent_, log_bytes_max - bytes_sent_)};
  for (const auto& line : note.lines) {
    ++lines_sent_;
    bytes_sent_ += static_cast<int64_t>(line.text.size()) + 1;
  }
  send_(std::move(note));
}

void task_context::progress(double fraction, std::string_view message) {
  // Written so that NaN becomes 0.
  const auto done = fraction > 0 ? std::min(fraction, 1.0) : 0.0;
  if (log_.enabled(log_level::debug)) {
    char percent[16];
    std::snprintf(percent, sizeof percent, "%.1f%%", 100.0 * done);
    log_.debug(
        "progress",
        {{"task", id()}, {"kind", kind()}, {"done", percent}, {"message", std::string{message}}});
  }
  withheld_ = task_progress{done, mended(message, progress_message_max)};
  send_progress_if_allowed();
}

void task_context::send_progress_if_allowed() {
  if (withheld_ && progress_allowed_.take(time_.now()))
    flush();
}

void task_context::flush() {
  if (withheld_)
    send_({slot_.spec.ref, std::exchange(withheld_, std::nullopt), {}});
}

} // namespace errand
