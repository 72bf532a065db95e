#include "http/route.hpp"

#include "http/task_query.hpp"

namespace errand {

namespace {

/// application/json, with or without parameters.
bool is_json(std::string_view content_type) {
  return equals_ignoring_case(trimmed(content_type.substr(0, content_type.find(';'))),
                              "application/json");
}

} // namespace

std::string_view to_string(peer who) {
  switch (who) {
  case peer::store:
    return "store";
  case peer::reader:
    return "reader";
  case peer::events:
    return "events";
  case peer::dispatcher:
    return "dispatcher";
  case peer::scheduler:
    return "scheduler";
  case peer::lessor:
    return "lessor";
  case peer::statistics:
    return "statistics";
  case peer::clerk:
    return "clerk";
  case peer::tasks:
    return "tasks";
  }
  return {};
}

std::string_view to_string(worker_view::what state) {
  switch (state) {
  case worker_view::what::idle:
    return "idle";
  case worker_view::what::running:
    return "running";
  case worker_view::what::stuck:
    return "stuck";
  case worker_view::what::away:
    return "away";
  }
  return {};
}

std::optional<reply> refuse_unless_json(const route_call& call) {
  if (auto errors = refuse_query(call.query); !errors.empty())
    return problem_reply(problems::invalid(std::move(errors)));
  const auto type = call.request.header("Content-Type").value_or("");
  if (!is_json(type))
    return problem_reply(problems::unsupported_media_type(type));
  return std::nullopt;
}

reply no_answer_reply() {
  return problem_reply(problem_of(
      {ec::timed_out, "The server was too busy to answer in time. Whether the request was carried "
                      "out is not known; look before you send it again."}));
}

std::optional<reply> continuation::overdue(exchange_link&) {
  return no_answer_reply();
}

} // namespace errand
