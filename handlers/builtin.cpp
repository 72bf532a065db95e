// The kinds that every server has: sleep waits, noop does nothing, echo gives back its args.

#include "handlers/registry.hpp"

#include <stdexcept>

namespace errand {

namespace {

/// What a task got in place of a number of seconds. No value is shown: it may be one that is
/// redacted elsewhere.
std::string found_instead(const nlohmann::json& args) {
  if (!args.is_object())
    return args.type_name();
  const auto seconds = args.find("seconds");
  if (seconds == args.end())
    return "no seconds";
  return seconds->is_number() ? "seconds below 0"
                              : "seconds that are " + std::string(seconds->type_name());
}

/// {"seconds": 5} -> 5, five seconds later, having logged "yes": the task that Errand grew from.
nlohmann::json sleep(TaskContext& task) {
  const auto& args = task.args();
  const auto seconds = args.is_object() ? args.find("seconds") : args.end();
  if (seconds == args.end() || !seconds->is_number() || seconds->get<double>() < 0)
    throw PermanentError("sleep needs args like {\"seconds\": 5}, a number from 0; it got "
                         + found_instead(args));
  if (!task.sleep_for(std::chrono::duration<double>{seconds->get<double>()}))
    throw std::runtime_error("The sleep was cut short.");
  task.log("yes");
  return *seconds;
}

nlohmann::json noop(TaskContext&) {
  return nullptr;
}

nlohmann::json echo(TaskContext& task) {
  return task.args();
}

} // namespace

void add_builtin_handlers(handler_registry& registry) {
  registry.add("sleep", sleep);
  registry.add("noop", noop);
  registry.add("echo", echo);
}

} // namespace errand
