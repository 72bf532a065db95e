#include "http/worker_routes.hpp"

#include "http/json_writer.hpp"
#include "http/task_query.hpp"

namespace errand {

namespace {

std::string_view name_of(worker_view::what state) {
  switch (state) {
  case worker_view::what::idle:
    return "idle";
  case worker_view::what::running:
    return "running";
  case worker_view::what::stuck:
    return "stuck";
  }
  return {};
}

void write_worker(json_writer& w, const worker_view& worker) {
  w.begin_object();
  w.key("name").string(worker.name);
  w.key("pool").string(worker.pool);
  w.key("state").string(name_of(worker.state));
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

class workers_rest final : public continuation {
public:
  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    std::string out;
    json_writer w(out);
    w.begin_object();
    w.key("workers").begin_array();
    for (const auto& worker : *std::get<worker_views_ptr>(what.content))
      write_worker(w, worker);
    w.end_array();
    w.end_object();
    return json_reply(200, std::move(out));
  }
};

route_result list_workers(const route_call& call) {
  if (auto errors = refuse_query(call.query); !errors.empty())
    return problem_reply(problems::invalid(std::move(errors)));
  call.link.workers(0);
  return std::make_unique<workers_rest>();
}

} // namespace

void add_worker_routes(router& to) {
  to.add(http_method::get, "/v1/workers", {scope::read}, list_workers);
}

} // namespace errand
