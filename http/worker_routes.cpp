#include "http/worker_routes.hpp"

#include "http/json_writer.hpp"
#include "http/task_query.hpp"

#include <map>

namespace errand {

namespace {

// Names of questions.
constexpr question workers_question = 0;
constexpr question lease_workers_question = 1;
constexpr question leases_question = 2;
constexpr unsigned all_answered = 0b111;

void write_worker(json_writer& w, const worker_view& worker) {
  w.begin_object();
  w.key("name").string(worker.name);
  w.key("pool").string(worker.pool);
  w.key("state").string(to_string(worker.state));
  if (worker.attempt) {
    w.key("task").string(worker.attempt->id.to_string());
    w.key("attempt").integer(worker.attempt->attempt);
    w.key("kind").string(worker.kind);
    w.key("queue").string(worker.queue);
    w.key("since").time(worker.since);
  } else {
    for (const auto* key : {"task", "attempt", "kind", "queue", "since"})
      w.key(key).null();
  }
  w.end_object();
}

/// A worker outside: as it asked last, and what it has leased.
struct lease_worker {
  const worker_view* asked = nullptr; ///< Null if that was long ago.
  std::vector<const lease_view*> leases;
};

void write_names(json_writer& w, const std::vector<std::string>& names) {
  w.begin_array();
  for (const auto& name : names)
    w.string(name);
  w.end_array();
}

void write_lease_worker(json_writer& w, const std::string& name, const lease_worker& worker) {
  const bool waits = worker.asked && worker.asked->state == worker_view::what::idle;
  w.begin_object();
  w.key("name").string(name);
  w.key("waiting").boolean(waits);
  if (worker.asked) {
    w.key("last_asked_at").time(worker.asked->since);
    write_names(w.key("queues"), worker.asked->runs->wanted.queues);
    write_names(w.key("kinds"), worker.asked->runs->wanted.kinds);
  } else {
    for (const auto* key : {"last_asked_at", "queues", "kinds"})
      w.key(key).null();
  }
  w.key("leases").begin_array();
  for (const auto* lease : worker.leases) {
    w.begin_object();
    w.key("task").string(lease->attempt.id.to_string());
    w.key("attempt").integer(lease->attempt.attempt);
    w.key("kind").string(lease->kind);
    w.key("queue").string(lease->queue);
    w.key("since").time(lease->since);
    w.key("expires_at").time(lease->expires_at);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

class workers_rest final : public continuation {
public:
  std::optional<reply> answered(question name, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    if (name == workers_question)
      workers_ = std::get<worker_views_ptr>(what.content);
    else if (name == lease_workers_question)
      lease_workers_ = std::get<worker_views_ptr>(what.content);
    else
      leases_ = std::get<lease_views_ptr>(what.content);
    answered_ |= 1U << name;
    if (answered_ != all_answered)
      return std::nullopt;
    return shown();
  }

private:
  reply shown() const {
    std::map<std::string, lease_worker> outside;
    for (const auto& worker : *lease_workers_)
      outside[worker.name].asked = &worker;
    for (const auto& lease : *leases_)
      outside[lease.worker].leases.push_back(&lease);
    std::string out;
    json_writer w(out);
    w.begin_object();
    w.key("workers").begin_array();
    for (const auto& worker : *workers_)
      write_worker(w, worker);
    w.end_array();
    w.key("lease_workers").begin_array();
    for (const auto& [name, worker] : outside)
      write_lease_worker(w, name, worker);
    w.end_array();
    w.end_object();
    return json_reply(200, std::move(out));
  }

  worker_views_ptr workers_;
  worker_views_ptr lease_workers_;
  lease_views_ptr leases_;
  unsigned answered_ = 0; ///< A bit for each question.
};

route_result list_workers(const route_call& call) {
  if (auto errors = refuse_query(call.query); !errors.empty())
    return problem_reply(problems::invalid(std::move(errors)));
  call.link.workers(workers_question);
  call.link.lease_workers(lease_workers_question);
  call.link.leases(leases_question);
  return std::make_unique<workers_rest>();
}

} // namespace

void add_worker_routes(router& to) {
  to.add(http_method::get, "/v1/workers", {scope::read}, list_workers);
}

} // namespace errand
