#include "http/actor_routes.hpp"

#include "http/actor_survey.hpp"
#include "http/json_writer.hpp"
#include "http/task_query.hpp"

namespace errand {

namespace {

constexpr question workers_question = actor_survey::questions;

void write_actor(json_writer& w, const actor_survey::row& actor) {
  w.begin_object();
  w.key("name").string(actor.name);
  w.key("state").string(actor.view ? "answers" : "silent");
  if (actor.view) {
    w.key("mailbox").integer(static_cast<int64_t>(actor.view->mailbox));
    w.key("answered_in_s").seconds(actor.took);
  } else {
    w.key("mailbox").null();
    w.key("answered_in_s").null();
  }
  w.key("figures").begin_object();
  if (actor.view)
    for (const auto& [name, value] : actor.view->figures)
      w.key(name).integer(static_cast<int64_t>(value));
  w.end_object();
  w.end_object();
}

/// A worker reads its mailbox between batches alone, and there is never more than one in it; so the
/// DISPATCHER speaks for it.
void write_worker(json_writer& w, const worker_view& worker) {
  w.begin_object();
  w.key("name").string(worker.name);
  w.key("state").string(to_string(worker.state));
  w.key("mailbox").null();
  w.key("answered_in_s").null();
  w.key("figures").begin_object().end_object();
  w.end_object();
}

class actors_rest final : public continuation {
public:
  explicit actors_rest(exchange_link& link) : survey_(link) { link.workers(workers_question); }

  std::optional<reply> answered(question name, const answer& what, exchange_link& link) override {
    if (name == workers_question)
      workers_ = std::get<worker_views_ptr>(what.content);
    else
      survey_.answered(name, what);
    if (!survey_.is_complete() || !workers_)
      return std::nullopt;
    return shown(link);
  }

  std::optional<reply> overdue(exchange_link& link) override { return shown(link); }

private:
  reply shown(const exchange_link& link) const {
    std::string out;
    json_writer w(out);
    w.begin_object();
    w.key("actors").begin_array();
    for (const auto& actor : survey_.rows(link))
      write_actor(w, actor);
    if (workers_)
      for (const auto& worker : *workers_)
        write_worker(w, worker);
    w.end_array();
    w.end_object();
    return json_reply(200, std::move(out));
  }

  actor_survey survey_;
  worker_views_ptr workers_; ///< Null while the DISPATCHER is silent.
};

route_result list_actors(const route_call& call) {
  if (auto errors = refuse_query(call.query); !errors.empty())
    return problem_reply(problems::invalid(std::move(errors)));
  return std::make_unique<actors_rest>(call.link);
}

} // namespace

void add_actor_routes(router& to) {
  to.add(http_method::get, "/v1/actors", {scope::read}, list_actors);
}

} // namespace errand
