#include "http/explain_routes.hpp"

#include "http/explain.hpp"
#include "http/json_writer.hpp"
#include "http/task_query.hpp"

#include <algorithm>

namespace errand {

namespace {

// Names of questions.
constexpr question place_question = 0;
constexpr question workers_question = 1;
constexpr question store_question = 2;
constexpr question lease_workers_question = 3;
constexpr question leases_question = 4;
constexpr unsigned all_answered = 0b11111;

reply explained_reply(const circumstances& known) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.key("state").string(to_string(known.place.row.state));
  w.key("reasons").begin_array();
  for (const auto& [code, detail] : explain(known)) {
    w.begin_object();
    w.key("code").string(code);
    w.key("detail").string(detail);
    w.end_object();
  }
  w.end_array();
  w.key("position");
  if (const auto position = position_in_queue(known.place))
    w.integer(*position);
  else
    w.null();
  w.end_object();
  return json_reply(200, std::move(out));
}

bool matters_who_leases(task_state state) {
  return state == task_state::queued || state == task_state::running;
}

class explain_rest final : public continuation {
public:
  explain_rest(const task_id& id, known_kinds known, wall_clock now, exchange_link& link)
      : kinds_(std::move(known)), now_(std::move(now)) {
    link.place(place_question, id);
    link.workers(workers_question);
    link.lease_workers(lease_workers_question);
    link.probe(store_question, peer::store);
  }

  std::optional<reply> answered(question name, const answer& what, exchange_link& link) override {
    switch (name) {
    case place_question:
      if (const auto* failure = std::get_if<status>(&what.content))
        return problem_reply(problem_of(*failure));
      known_.place = *std::get<task_place_ptr>(what.content);
      if (matters_who_leases(known_.place.row.state))
        link.leases(leases_question);
      else
        answered_ |= 1U << leases_question;
      break;
    case workers_question:
    case lease_workers_question: {
      const auto& workers = *std::get<worker_views_ptr>(what.content);
      known_.workers.insert(known_.workers.end(), workers.begin(), workers.end());
      break;
    }
    case leases_question:
      if (const auto* failure = std::get_if<status>(&what.content))
        return problem_reply(problem_of(*failure));
      known_.leases = std::get<lease_views_ptr>(what.content);
      break;
    case store_question:
      known_.store = std::get<status>(what.content);
      break;
    default:
      return std::nullopt;
    }
    answered_ |= 1U << name;
    if (answered_ != all_answered)
      return std::nullopt;
    known_.has_handler = kinds_.is_handled(known_.place.row.spec.kind);
    known_.now = now_();
    return explained_reply(known_);
  }

private:
  known_kinds kinds_;
  wall_clock now_;
  circumstances known_;
  unsigned answered_ = 0; ///< A bit for each question.
};

} // namespace

void add_explain_routes(router& to, known_kinds known, wall_clock now) {
  to.add(http_method::get, "/v1/tasks/([0-9A-Za-z-]{1,64})/explain", {scope::read, scope::submit},
         [known, now = std::move(now)](const route_call& call) -> route_result {
           if (auto errors = refuse_query(call.query); !errors.empty())
             return problem_reply(problems::invalid(std::move(errors)));
           const auto id = task_id::parse(call.capture);
           if (!id)
             return problem_reply(problems::no_such_task(call.capture));
           return std::make_unique<explain_rest>(*id, known, now, call.link);
         });
}

} // namespace errand
