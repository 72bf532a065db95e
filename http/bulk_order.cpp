// The READER looks for the next few that match, the STORE carries the order out for them, and so
// on. The walk goes from the newest task to the oldest, so it meets none that comes later, and
// ends.
#include "http/bulk_order.hpp"

#include "http/json_writer.hpp"

#include <utility>

namespace errand {

namespace {

// Names of questions.
constexpr question search_question = 0;
constexpr question orders_question = 1;
constexpr question key_question = 2;

/// Is kept for the request's key, if that is new.
class empty_rest final : public continuation {
public:
  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    const auto& outcome = std::get<status>(what.content);
    if (outcome.code() != ec::not_found)
      return problem_reply(problem_of(outcome));
    return matched_reply(0);
  }
};

class bulk_rest final : public continuation {
public:
  bulk_rest(list_filter filter, task_order what, bulk_listener ended)
      : what_(what), ended_(std::move(ended)) {
    request_.filter = std::move(filter);
  }

  /// No step may be done again for a request that was answered.
  void look_up_key(exchange_link& link) {
    link.set_patience(default_patience);
    link.look_up_key(key_question, *this);
  }

  void look_further(exchange_link& link) {
    link.set_patience(default_patience);
    link.search(search_question, request_);
  }

  std::optional<reply> answered(question name, const answer& what, exchange_link& link) override {
    if (name == key_question)
      return key_is_new(std::get<status>(what.content), link);
    if (const auto* failure = std::get_if<status>(&what.content))
      return stopped(*failure, link);
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

  std::optional<reply> overdue(exchange_link& link) override {
    return stopped({ec::timed_out, "The server is stopping, or did not answer in time."}, link);
  }

  void abandoned(exchange_link& link) override { tell(link); }

  /// It may take long: it ends with its client, and does not hold up a stop.
  bool is_waiting() const override { return true; }

private:
  std::optional<reply> key_is_new(const status& outcome, exchange_link& link) {
    if (outcome.code() != ec::not_found)
      return problem_reply(problem_of(outcome));
    look_further(link);
    return std::nullopt;
  }

  std::optional<reply> go_on(exchange_link& link) {
    if (!found_->ids.empty()) {
      link.set_patience(default_patience);
      link.orders(orders_question, found_, what_);
      return std::nullopt;
    }
    if (!found_->next) {
      tell(link);
      return matched_reply(matched_);
    }
    request_.before = found_->next;
    look_further(link);
    return std::nullopt;
  }

  void tell(exchange_link& link) const {
    if (ended_)
      ended_(matched_, link);
  }

  reply stopped(const status& why, exchange_link& link) const {
    tell(link);
    auto told = problem_of(why);
    told.detail += " It was done for at least " + std::to_string(matched_)
                   + " tasks before that. Send the same again to go on with the others.";
    return problem_reply(told);
  }

  search_request request_;
  task_order what_;
  bulk_listener ended_;
  found_tasks_ptr found_;
  uint64_t matched_ = 0;
};

} // namespace

reply matched_reply(uint64_t matched) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.key("matched").integer(static_cast<int64_t>(matched));
  w.end_object();
  return json_reply(200, std::move(out));
}

route_result answer_empty_order(const route_call& call) {
  if (!call.request.header("Idempotency-Key"))
    return matched_reply(0);
  auto rest = std::make_unique<empty_rest>();
  call.link.look_up_key(key_question, *rest);
  return rest;
}

parked begin_bulk_order(const route_call& call, list_filter filter, task_order what,
                        bulk_listener ended) {
  auto rest = std::make_unique<bulk_rest>(std::move(filter), what, std::move(ended));
  if (call.request.header("Idempotency-Key"))
    rest->look_up_key(call.link);
  else
    rest->look_further(call.link);
  return rest;
}

} // namespace errand
