#include "handlers/registry.hpp"

#include "handlers/typed_error.hpp"
#include "task/spec_rules.hpp"

#include <algorithm>
#include <cassert>
#include <exception>
#include <stdexcept>

namespace errand {

namespace {

attempt_report failed(attempt_outcome outcome, std::string type, std::string message) {
  attempt_report report;
  report.outcome = outcome;
  report.error_type = std::move(type);
  report.error_message = std::move(message);
  return report;
}

attempt_report postponed(const RetryLater& wish) {
  const std::string why = wish.what();
  auto report = failed(attempt_outcome::postponed, why.empty() ? std::string() : "postponed", why);
  const auto longest = std::chrono::duration<double>(max_delay).count();
  const auto wait = wish.wait().count();
  report.postponed_by = duration_of(wait > 0 ? std::min(wait, longest) : 0); // also for NaN
  return report;
}

/// What a handler says once its time is over is most likely how it was stopped.
attempt_report threw(const task_context& context, std::string what,
                     std::string type = "exception") {
  if (context.timed_out() && !context.told_to_end())
    return failed(attempt_outcome::failed, timeout_error,
                  "The attempt reached its timeout_s; its handler said: " + std::move(what));
  return failed(attempt_outcome::failed, std::move(type), std::move(what));
}

/// nlohmann writes such a value as "<discarded>", which is no JSON.
bool has_discarded(const nlohmann::json& value) {
  return value.is_discarded()
         || (value.is_structured() && std::any_of(value.begin(), value.end(), has_discarded));
}

/// Throws what becomes the handler's error; for text that is not UTF-8 dump() does.
std::string text_of_result(const nlohmann::json& result) {
  if (has_discarded(result))
    throw std::runtime_error("The handler's result has a value that nlohmann::json has discarded:"
                             " that of text which is no JSON, most likely.");
  return result.dump();
}

} // namespace

attempt_report run_guarded(const Handler& handler, task_context& context) {
  try {
    attempt_report report;
    report.result_json = text_of_result(handler(context));
    report.outcome = attempt_outcome::succeeded;
    return report;
  } catch (const RetryLater& wish) {
    return postponed(wish);
  } catch (const PermanentError& error) {
    return failed(attempt_outcome::failed_for_good, "permanent", error.what());
  } catch (const CancelTask& wish) {
    return failed(attempt_outcome::cancelled, cancelled_error, wish.what());
  } catch (const typed_error& error) {
    auto report = threw(context, error.what(), error.type());
    report.retry_in = error.retry_in();
    return report;
  } catch (const std::exception& error) {
    return threw(context, error.what());
  } catch (...) {
    return threw(context, "The handler threw something that is not a std::exception.");
  }
}

attempt_report bad_args() {
  return failed(attempt_outcome::failed_for_good, "bad_args", "The stored args are not JSON.");
}

void handler_registry::add(std::string kind, Handler handler) {
  handlers_[std::move(kind)] = std::move(handler);
}

const Handler* handler_registry::find(const std::string& kind) const {
  const auto found = handlers_.find(kind);
  return found == handlers_.end() ? nullptr : &found->second;
}

std::vector<std::string> handler_registry::kinds() const {
  std::vector<std::string> names;
  for (const auto& entry : handlers_)
    names.push_back(entry.first);
  return names;
}

attempt_runner make_runner(std::shared_ptr<const handler_registry> registry,
                           upstream_lookup look_up, logger_ptr log, note_sender send,
                           attempt_time& time) {
  return [registry = std::move(registry), look_up = std::move(look_up), log = std::move(log),
          send = std::move(send),
          &time](attempt_batch& batch, const attempt_batch::slot& slot) -> attempt_report {
    const auto* handler = registry->find(slot.spec.kind);
    assert(handler); // no other kinds are claimed
    auto args = nlohmann::json::parse(slot.spec.args_json, nullptr, false);
    if (args.is_discarded())
      return bad_args();
    task_context context{batch, slot, std::move(args), look_up, *log, send, time};
    auto report = run_guarded(*handler, context);
    context.flush();
    return report;
  };
}

} // namespace errand
