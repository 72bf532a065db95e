#include "http/schedule_routes.hpp"

#include "http/json_schedule.hpp"
#include "http/known_kinds.hpp"
#include "http/task_query.hpp"
#include "http/task_routes.hpp"
#include "task/spec_rules.hpp"

namespace errand {

namespace {

constexpr question only_question = 0;

/// Longer than a name may be, so that one that is too long is told so. Names have slashes, and so
/// may end as the paths of orders do: those are for POST alone, and names for the other methods.
constexpr const char* name_pattern = "/v1/schedules/(.{1,256})";

/// PUT: the STORE's answer is the response.
class put_rest final : public continuation {
public:
  explicit put_rest(std::vector<std::string> warnings) : warnings_(std::move(warnings)) {}

  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    const auto& change = *std::get<schedule_change_ptr>(what.content);
    auto made = json_reply(change.created ? 201 : 200,
                           encode_schedule(change.row, change.next_runs, warnings_));
    if (change.created)
      made.headers.emplace_back("Location", "/v1/schedules/" + change.row.name);
    return made;
  }

private:
  std::vector<std::string> warnings_;
};

class look_rest final : public continuation {
public:
  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    const auto& view = *std::get<schedule_view_ptr>(what.content);
    return json_reply(200, encode_schedule(view.row, view.next_runs));
  }
};

class list_rest final : public continuation {
public:
  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    return json_reply(200, encode_schedules(*std::get<schedule_page_ptr>(what.content)));
  }
};

/// POST of an order, and DELETE: the STORE's answer is the response.
class order_rest final : public continuation {
public:
  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    const auto* outcome = std::get_if<status>(&what.content);
    if (outcome && !outcome->ok())
      return problem_reply(problem_of(*outcome));
    return carried_out(what.content);
  }

  reply_function reply_of_success() const override { return carried_out; }

private:
  static reply carried_out(const answer_content& what) {
    const auto* changed = std::get_if<schedule_change_ptr>(&what);
    if (!changed)
      return {204, {}, {}, {}};
    const auto& change = **changed;
    if (change.ran)
      return accepted_reply(*change.ran, {change.duplicate, {}});
    return json_reply(200, encode_schedule(change.row, change.next_runs));
  }
};

route_result put(const route_call& call, const known_kinds& known) {
  if (auto refusal = refuse_unless_json(call))
    return std::move(*refusal);
  std::string name{call.capture};
  if (auto fault = name_fault(name))
    return problem_reply(problem_of({ec::invalid, "The name in the path " + *fault}));
  auto decoded = decode_schedule(call.request.body);
  if (const auto* why = std::get_if<problem>(&decoded))
    return problem_reply(*why);
  auto& spec = std::get<schedule_spec>(decoded);
  auto rest = std::make_unique<put_rest>(known.warnings(spec.task.kind));
  call.link.put_schedule(only_question, std::make_shared<const schedule_put>(
                                            schedule_put{std::move(name), std::move(spec)}));
  return rest;
}

route_result look(const route_call& call) {
  if (auto errors = refuse_query(call.query); !errors.empty())
    return problem_reply(problems::invalid(std::move(errors)));
  call.link.schedule(only_question, std::string(call.capture));
  return std::make_unique<look_rest>();
}

route_result order(const route_call& call, schedule_order what) {
  if (auto errors = refuse_query(call.query); !errors.empty())
    return problem_reply(problems::invalid(std::move(errors)));
  if (!call.request.body.empty() && call.request.body != "{}")
    return problem_reply(
        problems::invalid({{"", "is a body, and this call takes none; the path says all"}}));
  auto rest = std::make_unique<order_rest>();
  call.link.order_schedule(only_question, {std::string(call.capture), what}, *rest);
  return rest;
}

route_result list(const route_call& call) {
  auto parsed = parse_page_query(call.query);
  if (auto* errors = std::get_if<std::vector<field_error>>(&parsed))
    return problem_reply(problems::invalid(std::move(*errors)));
  const auto& page = std::get<list_request>(parsed);
  call.link.schedules(only_question, {page.ascending, page.limit, page.after});
  return std::make_unique<list_rest>();
}

} // namespace

void add_schedule_routes(router& to, known_kinds known) {
  const std::string path = name_pattern;
  to.add(http_method::get, "/v1/schedules", list);
  to.add(http_method::get, path, look);
  to.add(http_method::put, path, [known](const route_call& call) { return put(call, known); });
  to.add(http_method::delete_, path,
         [](const route_call& call) { return order(call, schedule_order::remove); });
  to.add(http_method::post, path + "/run",
         [](const route_call& call) { return order(call, schedule_order::run); });
  to.add(http_method::post, path + "/pause",
         [](const route_call& call) { return order(call, schedule_order::pause); });
  to.add(http_method::post, path + "/resume",
         [](const route_call& call) { return order(call, schedule_order::resume); });
}

} // namespace errand
