#include "http/lease_routes.hpp"

#include "http/json_lease.hpp"
#include "http/task_query.hpp"

#include <memory>
#include <utility>

namespace errand {

namespace {

// Names of questions.
constexpr question lease_question = 0;
constexpr question key_question = 1;
constexpr question change_question = 0;

/// Waits for leases. The end of the wait is the LESSOR's to tell: it may have found something just
/// then.
class lease_rest final : public continuation {
public:
  explicit lease_rest(written_lease_request wanted)
      : wait_(std::chrono::ceil<std::chrono::milliseconds>(wanted.wait)),
        asked_(std::make_shared<const lease_request>(std::move(wanted.asked))) {}

  /// Only the STORE knows whether it has answered a request with this key, and nothing may be
  /// leased again before it is asked. An order for no task does that, and nothing else.
  void look_up_key(exchange_link& link) {
    link.set_patience(default_patience);
    link.order(key_question, task_id{}, task_order::cancel, *this);
  }

  void ask(exchange_link& link) {
    is_asked_ = true;
    link.set_patience(asked_->waits ? wait_ : default_patience);
    link.lease(lease_question, asked_);
  }

  std::optional<reply> answered(question name, const answer& what, exchange_link& link) override {
    if (const auto* outcome = std::get_if<status>(&what.content)) {
      if (name != key_question || outcome->code() != ec::not_found)
        return problem_reply(problem_of(*outcome));
      ask(link);
      return std::nullopt;
    }
    return json_reply(200, encode_leases(*std::get<leases_ptr>(what.content)));
  }

  std::optional<reply> overdue(exchange_link& link) override {
    if (!is_asked_ || is_over_)
      return no_answer_reply();
    is_over_ = true;
    link.set_patience(default_patience);
    link.stop_leasing(lease_question);
    return std::nullopt;
  }

  void abandoned(exchange_link& link) override {
    if (is_asked_)
      link.stop_leasing(lease_question);
  }

  bool is_waiting() const override { return true; }

private:
  std::chrono::milliseconds wait_;
  lease_request_ptr asked_;
  bool is_asked_ = false;
  bool is_over_ = false; ///< The wait, but the answer is to come.
};

/// A heartbeat or a finish: the STORE's answer is the response.
class change_rest final : public continuation {
public:
  explicit change_rest(reply_function make) : make_(std::move(make)) {}

  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    return make_(what.content);
  }

  reply_function reply_of_success() const override { return make_; }

private:
  reply_function make_;
};

/// Puts back what a worker has, a step at a time.
class dismissal_rest final : public continuation {
public:
  explicit dismissal_rest(std::string worker) : worker_(std::move(worker)) {}

  void ask(exchange_link& link) {
    link.set_patience(default_patience);
    link.release_worker(change_question, worker_);
  }

  std::optional<reply> answered(question, const answer& what, exchange_link& link) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    if (std::get<orders_done>(what.content).done < leases_max)
      return reply{204, {}, {}, {}};
    ask(link);
    return std::nullopt;
  }

private:
  std::string worker_;
};

route_result take_leases(const route_call& call, known_kinds& known) {
  if (auto refusal = refuse_unless_json(call))
    return std::move(*refusal);
  auto decoded = decode_lease_request(call.request.body);
  if (const auto* why = std::get_if<problem>(&decoded))
    return problem_reply(*why);
  auto& wanted = std::get<written_lease_request>(decoded);
  known.offer(wanted.asked.wanted.kinds);
  auto rest = std::make_unique<lease_rest>(std::move(wanted));
  if (call.request.header("Idempotency-Key"))
    rest->look_up_key(call.link);
  else
    rest->ask(call.link);
  return rest;
}

route_result keep_leases(const route_call& call, const wall_clock& now) {
  if (auto refusal = refuse_unless_json(call))
    return std::move(*refusal);
  auto decoded = decode_lease_signs(call.request.body, now());
  if (const auto* why = std::get_if<problem>(&decoded))
    return problem_reply(*why);
  auto& [tokens, signs] = std::get<written_signs>(decoded);
  auto rest = std::make_unique<change_rest>([texts = std::move(tokens)](const answer_content& a) {
    return json_reply(200, encode_lease_states(texts, *std::get<lease_states_ptr>(a)));
  });
  call.link.keep_leases(change_question,
                        std::make_shared<const std::vector<lease_sign>>(std::move(signs)), *rest);
  return rest;
}

route_result end_leases(const route_call& call, const wall_clock& now) {
  if (auto refusal = refuse_unless_json(call))
    return std::move(*refusal);
  auto decoded = decode_lease_ends(call.request.body, now());
  if (const auto* why = std::get_if<problem>(&decoded))
    return problem_reply(*why);
  auto& written = std::get<written_ends>(decoded);
  auto ends = std::make_shared<const std::vector<lease_end>>(std::move(written.ends));
  auto rest = std::make_unique<change_rest>(
      [texts = std::move(written.tokens), ends](const answer_content& a) {
        return json_reply(200, encode_ended_leases(texts, *ends, *std::get<ended_leases_ptr>(a)));
      });
  call.link.end_leases(change_question, std::move(ends), *rest);
  return rest;
}

} // namespace

void add_lease_routes(router& to, known_kinds known, wall_clock now) {
  to.add(http_method::post, "/v1/leases",
         [known](const route_call& call) mutable { return take_leases(call, known); });
  to.add(http_method::post, "/v1/leases/heartbeat",
         [now](const route_call& call) { return keep_leases(call, now); });
  to.add(http_method::post, "/v1/leases/finish",
         [now](const route_call& call) { return end_leases(call, now); });
  to.add(http_method::delete_, R"(/v1/workers/([^\n]{1,256}))",
         [](const route_call& call) -> route_result {
           if (auto errors = refuse_query(call.query); !errors.empty())
             return problem_reply(problems::invalid(std::move(errors)));
           auto rest = std::make_unique<dismissal_rest>(std::string(call.capture));
           rest->ask(call.link);
           return rest;
         });
}

} // namespace errand
