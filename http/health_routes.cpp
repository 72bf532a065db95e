#include "http/health_routes.hpp"

#include "http/json_writer.hpp"
#include "http/task_query.hpp"

#include <algorithm>
#include <array>

namespace errand {

namespace {

reply ok_reply() {
  return json_reply(200, R"({"status":"ok"})");
}

/// Waits for an answer of each peer; the question's name is its place in the list.
class probe_rest final : public continuation {
public:
  enum class wants {
    any_answer, ///< That they live.
    success,    ///< That they can work.
  };

  probe_rest(std::vector<peer> peers, wants what, exchange_link& link)
      : silent_(std::move(peers)), wants_(what) {
    link.set_patience(probe_patience);
    for (size_t i = 0; i < silent_.size(); ++i)
      link.probe(static_cast<question>(silent_[i]), silent_[i]);
  }

  std::optional<reply> answered(question name, const answer& what, exchange_link&) override {
    const auto* state = std::get_if<status>(&what.content);
    if (wants_ == wants::success && state != nullptr && !state->ok())
      return problem_reply(problem_of(*state));
    std::erase(silent_, static_cast<peer>(name));
    if (silent_.empty())
      return ok_reply();
    return std::nullopt;
  }

  std::optional<reply> overdue(exchange_link&) override {
    std::string names;
    for (const auto who : silent_)
      names.append(names.empty() ? "" : ", ").append(to_string(who));
    return problem_reply(problem_of(
        {ec::timed_out, "No answer within " + std::to_string(probe_patience.count()) + " s from: "
                            + names + ". The server is overloaded or broken; its log says more."}));
  }

private:
  std::vector<peer> silent_;
  wants wants_;
};

route_result live(const route_call& call) {
  return std::make_unique<probe_rest>(std::vector(all_peers.begin(), all_peers.end()),
                                      probe_rest::wants::any_answer, call.link);
}

route_result ready(const route_call& call) {
  return std::make_unique<probe_rest>(std::vector{peer::store, peer::reader},
                                      probe_rest::wants::success, call.link);
}

std::string version_json(const std::string& version) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.key("name").string("errand");
  w.key("version").string(version);
  w.end_object();
  return out;
}

std::string index_json(const std::string& version) {
  constexpr auto calls = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"POST /v1/tasks", "submit a task"},
      {"POST /v1/tasks/batch", "submit up to 10000 tasks, all or none"},
      {"GET /v1/tasks", "list tasks"},
      {"GET /v1/tasks/{id}", "one task; with wait_s, once it is final"},
      {"GET /v1/tasks/{id}/explain", "why it is not running right now"},
      {"POST /v1/tasks/{id}/cancel, /retry", "end it, or run it again; DELETE forgets it"},
      {"POST /v1/tasks/cancel, /retry, /delete", "the same for every task that matches a filter"},
      {"GET /v1/tasks/{id}/log", "what its handlers wrote; with follow=true, as it comes"},
      {"GET /v1/events", "what happens, as server-sent events"},
      {"GET /v1/workers", "what each worker runs"},
      {"GET /v1/queues", "what queues are told, and what they hold"},
      {"PUT /v1/queues/{queue}",
       "limits, a rate, a weight, a pause; also POST .../pause, /resume, /purge"},
      {"GET /v1/stats", "how much there is to do, and how fast it is done"},
      {"GET /v1/actors", "how the parts of the server stand, and what waits in their mailboxes"},
      {"GET /metrics", "all of this for Prometheus"},
      {"PUT /v1/schedules/{name}", "tasks that come at their times"},
      {"POST /v1/leases", "work for workers outside; also /heartbeat, /finish"},
      {"GET /livez", "do the actors answer"},
      {"GET /readyz", "is the store reachable, and the server not about to stop"},
      {"GET /version", "name and version"},
      {"GET /openapi.json", "all of this as OpenAPI 3.1"},
  });
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.key("name").string("errand");
  w.key("version").string(version);
  w.key("calls").begin_object();
  for (const auto& [call, meaning] : calls)
    w.key(call).string(meaning);
  w.end_object();
  w.end_object();
  return out;
}

router::route_handler constant(std::string body) {
  return
      [body = std::move(body)](const route_call&) -> route_result { return json_reply(200, body); };
}

} // namespace

void add_health_routes(router& to, const std::string& version) {
  to.add(http_method::get, "/livez", open_to_all, live);
  to.add(http_method::get, "/readyz", open_to_all, ready);
  to.add(http_method::get, "/version", {scope::read}, constant(version_json(version)));
  to.add(http_method::get, "/", {scope::read}, constant(index_json(version)));
}

} // namespace errand
