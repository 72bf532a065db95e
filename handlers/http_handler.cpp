#include "handlers/http_handler.hpp"

#include "handlers/typed_error.hpp"

#include <utility>

namespace errand {

namespace {

std::string joined(const std::vector<field_error>& faults) {
  std::string text;
  for (const auto& [pointer, detail] : faults)
    text += (text.empty() ? "" : "; ") + pointer + ' ' + detail;
  return text;
}

nlohmann::json run(TaskContext& task, http_sender& sender) {
  auto args = read_http_args(task.args());
  if (!args.ok())
    throw PermanentError("The args are wrong: " + joined(args.why().fields()));
  const auto answer =
      sender.send(std::move(args->message), {task.id(), task_headers(task, task.id())},
                  args->expect_status, [&task] { return task.cancelled(); });
  require_success(answer, args->expect_status);
  return result_of(answer);
}

} // namespace

http_sender_options sender_options(const HttpTaskOptions& options, std::string_view version) {
  std::vector<ip_net> allowed;
  for (const auto& text : options.allow)
    if (const auto net = ip_net::parse(text))
      allowed.push_back(*net);
  http_sender_options out;
  out.addresses = address_policy{std::move(allowed)};
  for (const auto& secret : options.secrets)
    if (auto key = webhook_key(secret))
      out.keys.push_back(std::move(*key));
  out.body_max = options.max_answer_bytes;
  out.redirects_max = options.max_redirects;
  out.connect_timeout = std::chrono::ceil<std::chrono::milliseconds>(options.connect_timeout);
  if (options.ca_file != "system")
    out.ca_file = options.ca_file;
  out.user_agent = "errand/" + std::string(version);
  return out;
}

header_list task_headers(const TaskContext& task, const std::string& about) {
  header_list headers{{"Errand-Task-Id", about},
                      {"Errand-Attempt", std::to_string(task.attempt())}};
  if (!task.traceparent().empty())
    headers.emplace_back("traceparent", task.traceparent());
  return headers;
}

void require_success(const http_answer& answer, const std::vector<int>& expected) {
  switch (judge(answer.status, expected)) {
  case http_verdict::success:
    return;
  case http_verdict::failure:
    throw PermanentError(told(answer));
  case http_verdict::try_again:
    break;
  }
  // It counts as a failure: nobody's server is asked more often than max_attempts says.
  throw typed_error("exception", told(answer),
                    retry_after(answer.headers, std::chrono::system_clock::now()));
}

void add_http_handler(handler_registry& registry, std::shared_ptr<http_sender> sender) {
  registry.add("http",
               [sender = std::move(sender)](TaskContext& task) { return run(task, *sender); });
}

} // namespace errand
