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
constexpr unsigned all_answered = 0b111;

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

class explain_rest final : public continuation {
public:
  explain_rest(const task_id& id, std::shared_ptr<const std::vector<std::string>> kinds,
               wall_clock now, exchange_link& link)
      : kinds_(std::move(kinds)), now_(std::move(now)) {
    link.place(place_question, id);
    link.workers(workers_question);
    link.probe(store_question, peer::store);
  }

  std::optional<reply> answered(question name, const answer& what, exchange_link&) override {
    switch (name) {
    case place_question:
      if (const auto* failure = std::get_if<status>(&what.content))
        return problem_reply(problem_of(*failure));
      known_.place = *std::get<task_place_ptr>(what.content);
      break;
    case workers_question:
      known_.workers = *std::get<worker_views_ptr>(what.content);
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
    known_.has_handler =
        std::binary_search(kinds_->begin(), kinds_->end(), known_.place.row.spec.kind);
    known_.now = now_();
    return explained_reply(known_);
  }

private:
  std::shared_ptr<const std::vector<std::string>> kinds_;
  wall_clock now_;
  circumstances known_;
  unsigned answered_ = 0; ///< A bit for each question.
};

} // namespace

void add_explain_routes(router& to, std::vector<std::string> known_kinds, wall_clock now) {
  std::sort(known_kinds.begin(), known_kinds.end());
  auto kinds = std::make_shared<const std::vector<std::string>>(std::move(known_kinds));
  to.add(http_method::get, "/v1/tasks/([0-9A-Za-z-]{1,64})/explain", {scope::read, scope::submit},
         [kinds, now = std::move(now)](const route_call& call) -> route_result {
           if (auto errors = refuse_query(call.query); !errors.empty())
             return problem_reply(problems::invalid(std::move(errors)));
           const auto id = task_id::parse(call.capture);
           if (!id)
             return problem_reply(problems::no_such_task(call.capture));
           return std::make_unique<explain_rest>(*id, kinds, now, call.link);
         });
}

} // namespace errand
