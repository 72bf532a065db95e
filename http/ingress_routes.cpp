#include "http/ingress_routes.hpp"

#include "task/traceparent.hpp"

namespace errand {

namespace {

using route_ptr = std::shared_ptr<const ingress_route>;

reply configured_reply(const ingress_route& route) {
  return {route.reply_status, route.reply_content_type, route.reply_body, {}};
}

reply submitted_reply(const ingress_route& route, const answer_content& what) {
  auto made = configured_reply(route);
  made.headers.emplace_back("Errand-Task-Id", std::get<insertion_ptr>(what)->task.id.to_string());
  return made;
}

class ingress_rest final : public continuation {
public:
  explicit ingress_rest(route_ptr route) : route_(std::move(route)) {}

  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    return submitted_reply(*route_, what.content);
  }

  reply_function reply_of_success() const override {
    return [route = route_](const answer_content& what) { return submitted_reply(*route, what); };
  }

private:
  route_ptr route_;
};

route_result submit(const route_ptr& route, const route_call& call) {
  if (call.request.method == http_method::head)
    return configured_reply(*route);
  auto args = route->args.fill(call.request, call.query);
  if (const auto* why = std::get_if<problem>(&args))
    return problem_reply(*why);
  auto spec = std::make_shared<task_spec>(route->spec);
  spec->args_json = std::move(std::get<std::string>(args));
  spec->traceparent = accept_traceparent(call.request.header("traceparent").value_or(""));
  auto rest = std::make_unique<ingress_rest>(route);
  call.link.submit(0, std::move(spec), *rest);
  return rest;
}

} // namespace

void add_ingress_routes(router& to, const std::vector<ingress_route>& routes) {
  for (const auto& each : routes) {
    auto route = std::make_shared<const ingress_route>(each);
    to.add(each.method, literal_pattern(each.path),
           each.is_public ? open_to_all : scope_set{scope::submit},
           [route](const route_call& call) { return submit(route, call); });
  }
}

} // namespace errand
