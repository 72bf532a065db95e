#include "http/program_routes.hpp"

#include "http/field_rules.hpp"
#include "http/task_values.hpp"
#include "task/traceparent.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace errand {

namespace {

class shown_request final : public RouteRequest {
public:
  explicit shown_request(const route_call& call) : call_(call) {}

  std::string_view method() const override { return to_string(call_.request.method); }
  std::string_view path() const override { return call_.path; }
  std::string_view body() const override { return call_.request.body; }
  std::optional<std::string_view> header(std::string_view name) const override {
    return call_.request.header(name);
  }
  std::optional<std::string_view> query(std::string_view name) const override {
    const auto found = std::find_if(call_.query.begin(), call_.query.end(),
                                    [name](const auto& each) { return each.name == name; });
    if (found == call_.query.end())
      return std::nullopt;
    return found->value;
  }

private:
  const route_call& call_;
};

/// Those of the connection, and those that each response has already.
constexpr std::array<std::string_view, 12> headers_of_the_server{
    "Connection",   "Content-Length", "Keep-Alive",        "Proxy-Connection",
    "TE",           "Trailer",        "Transfer-Encoding", "Upgrade",
    "Content-Type", "Date",           "X-Request-Id",      "Proxy-Authenticate"};

std::optional<std::string> value_fault(std::string_view name, std::string_view value) {
  if (is_field_value(value))
    return std::nullopt;
  return "the header " + std::string(name) + " has the value " + quoted(value)
         + ", which has bytes that may not be sent";
}

std::optional<std::string> header_fault(std::string_view name, std::string_view value) {
  if (!is_token(name))
    return "a header is called " + quoted(name) + ", which can't be a name";
  const auto is_same = [name](std::string_view other) { return equals_ignoring_case(name, other); };
  if (std::any_of(headers_of_the_server.begin(), headers_of_the_server.end(), is_same))
    return "the header " + std::string(name) + " is the server's alone to set";
  return value_fault(name, value);
}

/// Why that can't be sent, if it can't.
std::optional<std::string> fault_of(const RouteReply& made) {
  if (made.status < 200 || made.status > 599)
    return "its status is " + std::to_string(made.status) + ", but must be from 200 to 599";
  if (auto fault = value_fault("Content-Type", made.content_type))
    return fault;
  for (const auto& [name, value] : made.headers)
    if (auto fault = header_fault(name, value))
      return fault;
  return std::nullopt;
}

/// Throws for one that can't be sent; the router logs that and answers 500.
reply to_reply(RouteReply from) {
  if (const auto fault = fault_of(from))
    throw std::runtime_error("its reply can't be sent: " + *fault);
  return {from.status, std::move(from.content_type), std::move(from.body), std::move(from.headers)};
}

reply with_task(reply made, const answer_content& what) {
  made.headers.emplace_back("Errand-Task-Id", std::get<insertion_ptr>(what)->task.id.to_string());
  return made;
}

/// Replies once the STORE has the task.
class submit_rest final : public continuation {
public:
  explicit submit_rest(reply made) : made_(std::move(made)) {}

  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    return with_task(std::move(made_), what.content);
  }

  reply_function reply_of_success() const override {
    return [made = made_](const answer_content& what) { return with_task(made, what); };
  }

private:
  reply made_;
};

route_result call_function(const RouteFunction& function, const route_call& call) {
  auto from = function(shown_request{call});
  const auto task = std::exchange(from.task, std::nullopt);
  auto made = to_reply(std::move(from));
  // Who asks for headers wants no work done.
  if (!task || call.request.method == http_method::head)
    return made;
  task_spec spec;
  try {
    spec = to_inside(*task);
  } catch (const RequestError& why) {
    return problem_reply(problem_of({ec::invalid, why.what()}));
  }
  spec.traceparent = accept_traceparent(call.request.header("traceparent").value_or(""));
  auto rest = std::make_unique<submit_rest>(std::move(made));
  call.link.submit(0, std::make_shared<const task_spec>(std::move(spec)), *rest);
  return rest;
}

} // namespace

void add_program_routes(router& to, const std::vector<program_route>& routes) {
  for (const auto& each : routes)
    to.add(each.method, literal_pattern(each.path), each.needed,
           [function = each.function](const route_call& call) {
             return call_function(function, call);
           });
}

} // namespace errand
