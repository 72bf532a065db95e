#include "handlers/registry.hpp"

#include "handlers/task_context.hpp"

#include <exception>

namespace errand {

namespace {

attempt_report failed(std::string type, std::string message) {
  attempt_report report;
  report.error_type = std::move(type);
  report.error_message = std::move(message);
  return report;
}

attempt_report run_guarded(const Handler& handler, TaskContext& context) {
  try {
    attempt_report report;
    // Text that is not UTF-8 is told as the handler's error, by dump()'s exception.
    report.result_json = handler(context).dump();
    report.succeeded = true;
    return report;
  } catch (const std::exception& error) {
    return failed("exception", error.what());
  } catch (...) {
    return failed("exception", "The handler threw something that is not a std::exception.");
  }
}

} // namespace

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

attempt_runner make_runner(std::shared_ptr<const handler_registry> registry, logger_ptr log) {
  return [registry = std::move(registry), log = std::move(log)](
             attempt_batch& batch, const attempt_batch::slot& slot) -> attempt_report {
    const auto* handler = registry->find(slot.spec.kind);
    if (!handler)
      return failed("no_handler",
                    "This server has no handler for the kind '" + slot.spec.kind + "'.");
    auto args = nlohmann::json::parse(slot.spec.args_json, nullptr, false);
    if (args.is_discarded())
      return failed("bad_args", "The stored args are not JSON.");
    task_context context{batch, slot, std::move(args), *log};
    return run_guarded(*handler, context);
  };
}

} // namespace errand
