#include "handlers/callback_handler.hpp"

#include "handlers/http_handler.hpp"
#include "task/task.hpp"

#include <utility>

namespace errand {

namespace {

struct callback_args {
  task_id about;
  std::string url;
};

/// As the store writes them. A client can't submit such a task, so others are those of a newer or
/// damaged store.
callback_args read_args(const nlohmann::json& args) {
  const auto text = [&](const char* name) {
    const auto found = args.is_object() ? args.find(name) : args.end();
    return found != args.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto about = task_id::parse(text("task"));
  const auto url = text("url");
  if (!about || url.empty())
    throw PermanentError("The args are not those of a callback, a task and a URL");
  return {*about, url};
}

nlohmann::json run(TaskContext& task, http_sender& sender, const final_task_lookup& look_up) {
  const auto [about, url] = read_args(task.args());
  auto content = look_up(about);
  if (!content.ok() && content.why().code() == ec::not_found)
    throw PermanentError("Task " + about.to_string() + " is deleted, so nobody is told of its end");
  if (!content.ok())
    throw std::runtime_error("Task " + about.to_string()
                             + " can't be read: " + content.why().message());
  if (!*content)
    return nullptr; // its next end is told by another callback
  const auto answer = sender.send(
      {url, "POST", {{"Content-Type", "application/json"}}, std::move(**content)},
      {task.id(), task_headers(task, about.to_string())}, {}, [&task] { return task.cancelled(); });
  require_success(answer, {});
  return {{"status", answer.status}};
}

} // namespace

void add_callback_handler(handler_registry& registry, std::shared_ptr<http_sender> sender,
                          final_task_lookup look_up) {
  registry.add(callback_kind, [sender = std::move(sender), look_up = std::move(look_up)](
                                  TaskContext& task) { return run(task, *sender, look_up); });
}

} // namespace errand
