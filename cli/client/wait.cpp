#include "cli/client/wait.hpp"

#include "cli/client/last_words.hpp"
#include "cli/client/patience.hpp"
#include "cli/client/progress_bar.hpp"
#include "server/printable.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace errand::client {

namespace {

constexpr double look_again_s = 1; ///< While there is a bar to draw.
constexpr double longest_look_s = 60;

/// The way to a task that is waited for.
std::string path_of(const json& task, double wait_s) {
  return "/v1/tasks/" + percent_encoded(text_of(task, "id"))
         + "?wait_s=" + json(std::round(wait_s * 1000) / 1000).dump();
}

} // namespace

void wait_flag::add_to(CLI::App& command, const std::string& help) {
  // A flag, and no option, so that only "=" gives it a value and never the next argument.
  option_ = command.add_flag("--wait")->description(help)->multi_option_policy(
      CLI::MultiOptionPolicy::TakeLast);
}

std::optional<double> wait_flag::seconds() const {
  const auto text = option_->results().back();
  if (text == "true")
    return {};
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value) || value <= 0)
    throw failure{exit_usage,
                  {"--wait is " + string_literal(text)
                   + ", but must be a number of seconds above 0, such as --wait=30"}};
  return value;
}

bool has_ended(const json& task) {
  const auto state = text_of(task, "state");
  return state == "succeeded" || state == "failed" || state == "cancelled";
}

document wait_for_end(const session& s, document task, std::optional<double> seconds) {
  using clock = std::chrono::steady_clock;
  const auto begin = clock::now();
  progress_bar bar(s);
  const auto id = without_controls(text_of(task.value, "id"));
  const last_words words((bar.is_shown() ? progress_bar::wiped : "") + std::string("errand: task ")
                         + id + " goes on; errand get " + id + " --wait waits again, errand cancel "
                         + id + " ends it\n");
  patience left;
  while (!has_ended(task.value)) {
    bar.show(task.value);
    auto look = bar.is_shown() ? look_again_s : longest_look_s;
    if (seconds) {
      const auto rest = *seconds - std::chrono::duration<double>(clock::now() - begin).count();
      if (rest <= 0)
        break;
      look = std::min(look, rest);
    }
    try {
      const auto answer_in = std::chrono::seconds(static_cast<int>(look) + 30);
      task = s.server.ask({.path = path_of(task.value, look), .patience = answer_in});
      left.restart();
    } catch (failure& f) {
      f.told.push_back("the task is " + id);
      left.wait_or_throw(f);
    }
  }
  return task;
}

std::string reason_of(const json& task) {
  const auto& error = value_of(task, "error");
  if (text_of(task, "state") == "cancelled") {
    auto reason = text_of(task, "cancel_reason");
    if (reason == "handler" && error.is_object())
      reason += ": " + text_of(error, "message");
    return without_controls(reason);
  }
  if (!error.is_object())
    return "";
  auto reason = text_of(error, "type") + ": " + text_of(error, "message");
  if (const auto& attempt = value_of(error, "attempt"); attempt.is_number())
    reason += " (attempt " + attempt.dump() + ")";
  return without_controls(reason);
}

int told_end(const session& s, const json& task) {
  const auto state = text_of(task, "state");
  if (state == "succeeded")
    return exit_done;
  const auto name = "task " + without_controls(text_of(task, "id"));
  if (!has_ended(task)) {
    s.note("the wait is over, and " + name + " is " + without_controls(state));
    return exit_wait_over;
  }
  const auto reason = reason_of(task);
  s.note(name + " " + (state == "failed" ? "failed" : "was cancelled")
         + (reason.empty() ? "" : ": " + reason));
  return exit_failed;
}

} // namespace errand::client
