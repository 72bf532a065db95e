#include "http/bulk_routes.hpp"

#include "http/bulk_decode.hpp"
#include "http/bulk_order.hpp"
#include "http/task_query.hpp"
#include "http/task_routes.hpp"

#include <algorithm>

namespace errand {

namespace {

/// Whether that order makes sense in that state.
bool applies(task_order what, task_state state) {
  switch (what) {
  case task_order::cancel:
    return !is_final(state);
  case task_order::retry:
    return is_final(state);
  case task_order::purge:
    return has_not_started(state);
  case task_order::remove:
    break;
  }
  return state != task_state::running;
}

/// Only states in which the order makes sense; empty if the filter allows none of them.
std::vector<task_state> states_for(task_order what, const std::vector<task_state>& asked) {
  std::vector<task_state> states;
  for (const auto state : all_task_states)
    if (applies(what, state)
        && (asked.empty() || std::find(asked.begin(), asked.end(), state) != asked.end()))
      states.push_back(state);
  return states;
}

route_result order_all(const route_call& call, task_order what) {
  if (auto errors = refuse_query(call.query); !errors.empty())
    return problem_reply(problems::invalid(std::move(errors)));
  const auto type = call.request.header("Content-Type").value_or("");
  if (!is_json(type))
    return problem_reply(problems::unsupported_media_type(type));
  auto decoded = decode_filter(call.request.body);
  if (const auto* why = std::get_if<problem>(&decoded))
    return problem_reply(*why);
  auto& filter = std::get<list_filter>(decoded);
  filter.states = states_for(what, filter.states);
  if (filter.states.empty())
    return answer_empty_order(call);
  return begin_bulk_order(call, std::move(filter), what);
}

} // namespace

void add_bulk_routes(router& to) {
  to.add(http_method::post, "/v1/tasks/cancel", {scope::admin},
         [](const route_call& call) { return order_all(call, task_order::cancel); });
  to.add(http_method::post, "/v1/tasks/retry", {scope::admin},
         [](const route_call& call) { return order_all(call, task_order::retry); });
  to.add(http_method::post, "/v1/tasks/delete", {scope::admin},
         [](const route_call& call) { return order_all(call, task_order::remove); });
}

} // namespace errand
