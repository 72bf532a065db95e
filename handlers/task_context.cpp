#include "handlers/task_context.hpp"

#include <algorithm>
#include <cstdio>

namespace errand {

task_context::task_context(attempt_batch& batch, const attempt_batch::slot& slot,
                           nlohmann::json args, const upstream_lookup& look_up, logger& log)
    : batch_(batch),
      slot_(slot),
      args_(std::move(args)),
      look_up_(look_up),
      log_(log),
      deadline_(std::chrono::system_clock::now() + slot.spec.timeout) {}

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
  // Compared as doubles: a caller's enormous number must not overflow the clock's integers.
  const auto now = std::chrono::steady_clock::now();
  const std::chrono::duration<double> left = slot_.deadline() - now;
  const auto nap =
      std::chrono::duration<double>{std::max(0.0, std::min(time.count(), left.count()))};
  const auto until = now + std::chrono::ceil<std::chrono::steady_clock::duration>(nap);
  return !batch_.wait_cancelled(slot_, until) && time <= left;
}

void task_context::log(std::string_view line) {
  log_.info(line, {{"task", id()}, {"kind", kind()}});
}

void task_context::progress(double fraction, std::string_view message) {
  if (!log_.enabled(log_level::debug))
    return;
  char percent[16];
  std::snprintf(percent, sizeof percent, "%.1f%%", 100.0 * std::clamp(fraction, 0.0, 1.0));
  log_.debug(
      "progress",
      {{"task", id()}, {"kind", kind()}, {"done", percent}, {"message", std::string{message}}});
}

} // namespace errand
