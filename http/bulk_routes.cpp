// An order for many tasks is a long sequence of short questions: the READER looks for the next few
// that match, the STORE carries the order out for them, and so on. Others are served in between.
// The walk goes from the newest task to the oldest, so it meets none that comes later, and ends.
#include "http/bulk_routes.hpp"

#include "http/bulk_decode.hpp"
#include "http/json_writer.hpp"
#include "http/task_query.hpp"
#include "http/task_routes.hpp"

#include <algorithm>

namespace errand {

namespace {

// Names of questions.
constexpr question search_question = 0;
constexpr question orders_question = 1;

/// Whether that order makes sense in that state.
bool applies(task_order what, task_state state) {
  switch (what) {
  case task_order::cancel:
    return !is_final(state);
  case task_order::retry:
    return is_final(state);
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

reply matched_reply(uint64_t matched) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.key("matched").integer(static_cast<int64_t>(matched));
  w.end_object();
  return json_reply(200, std::move(out));
}

class bulk_rest final : public continuation {
public:
  bulk_rest(list_filter filter, task_order what, exchange_link& link) : what_(what) {
    request_.filter = std::move(filter);
    look_further(link);
  }

  std::optional<reply> answered(question name, const answer& what, exchange_link& link) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return stopped(*failure);
    if (name == search_question) {
      found_ = std::get<found_tasks_ptr>(what.content);
      return go_on(link);
    }
    const auto& done = std::get<orders_done>(what.content);
    matched_ += done.done;
    auto rest = std::make_shared<found_tasks>(*found_);
    rest->ids.erase(rest->ids.begin(), rest->ids.begin() + static_cast<ptrdiff_t>(done.tried));
    found_ = std::move(rest);
    return go_on(link);
  }

  std::optional<reply> overdue(exchange_link&) override {
    return stopped({ec::timed_out, "The server is stopping, or did not answer in time."});
  }

  /// It may take long: it ends with its client, and does not hold up a stop.
  bool is_waiting() const override { return true; }

private:
  std::optional<reply> go_on(exchange_link& link) {
    if (!found_->ids.empty()) {
      link.set_patience(default_patience);
      link.orders(orders_question, found_, what_);
      return std::nullopt;
    }
    if (!found_->next)
      return matched_reply(matched_);
    request_.before = found_->next;
    look_further(link);
    return std::nullopt;
  }

  void look_further(exchange_link& link) {
    link.set_patience(default_patience);
    link.search(search_question, request_);
  }

  reply stopped(const status& why) const {
    auto told = problem_of(why);
    told.detail += " It was done for " + std::to_string(matched_)
                   + " tasks before that. Send the same again to go on with the others.";
    return problem_reply(told);
  }

  search_request request_;
  task_order what_;
  found_tasks_ptr found_;
  uint64_t matched_ = 0;
};

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
    return matched_reply(0);
  return std::make_unique<bulk_rest>(std::move(filter), what, call.link);
}

} // namespace

void add_bulk_routes(router& to) {
  to.add(http_method::post, "/v1/tasks/cancel",
         [](const route_call& call) { return order_all(call, task_order::cancel); });
  to.add(http_method::post, "/v1/tasks/retry",
         [](const route_call& call) { return order_all(call, task_order::retry); });
  to.add(http_method::post, "/v1/tasks/delete",
         [](const route_call& call) { return order_all(call, task_order::remove); });
}

} // namespace errand
