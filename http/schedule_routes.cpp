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
  put_rest(std::vector<std::string> warnings, redaction_ptr hidden)
      : warnings_(std::move(warnings)), hidden_(std::move(hidden)) {}

  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    const auto& change = *std::get<schedule_change_ptr>(what.content);
    auto made = json_reply(change.created ? 201 : 200,
                           encode_schedule(change.row, *hidden_, change.next_runs, warnings_));
    if (change.created)
      made.headers.emplace_back("Location", "/v1/schedules/" + change.row.name);
    return made;
  }

private:
  std::vector<std::string> warnings_;
  redaction_ptr hidden_;
};

class look_rest final : public continuation {
public:
  explicit look_rest(redaction_ptr hidden) : hidden_(std::move(hidden)) {}

  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    const auto& view = *std::get<schedule_view_ptr>(what.content);
    return json_reply(200, encode_schedule(view.row, *hidden_, view.next_runs));
  }

private:
  redaction_ptr hidden_;
};

class list_rest final : public continuation {
public:
  explicit list_rest(redaction_ptr hidden) : hidden_(std::move(hidden)) {}

  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    return json_reply(200, encode_schedules(*std::get<schedule_page_ptr>(what.content), *hidden_));
  }

private:
  redaction_ptr hidden_;
};

/// POST of an order, and DELETE: the STORE's answer is the response.
class order_rest final : public continuation {
public:
  explicit order_rest(redaction_ptr hidden) : hidden_(std::move(hidden)) {}

  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    const auto* outcome = std::get_if<status>(&what.content);
    if (outcome && !outcome->ok())
      return problem_reply(problem_of(*outcome));
    return carried_out(what.content, *hidden_);
  }

  reply_function reply_of_success() const override {
    return [hidden = hidden_](const answer_content& what) { return carried_out(what, *hidden); };
  }

private:
  static reply carried_out(const answer_content& what, const redaction& hidden) {
    const auto* changed = std::get_if<schedule_change_ptr>(&what);
    if (!changed)
      return {204, {}, {}, {}};
    const auto& change = **changed;
    if (change.ran)
      return accepted_reply(*change.ran, hidden, {change.duplicate, {}});
    return json_reply(200, encode_schedule(change.row, hidden, change.next_runs));
  }

  redaction_ptr hidden_;
};

route_result put(const route_call& call, const known_kinds& known, const redaction_ptr& hidden) {
  if (auto refusal = refuse_unless_json(call))
    return std::move(*refusal);
  std::string name{call.capture};
  if (auto fault = name_fault(name))
    return problem_reply(problems::invalid({{"{name}", std::move(*fault)}}));
  auto decoded = decode_schedule(call.request.body);
  if (const auto* why = std::get_if<problem>(&decoded))
    return problem_reply(*why);
  auto& spec = std::get<schedule_spec>(decoded);
  auto rest = std::make_unique<put_rest>(known.warnings(spec.task.kind), hidden);
  call.link.put_schedule(only_question, std::make_shared<const schedule_put>(
                                            schedule_put{std::move(name), std::move(spec)}));
  return rest;
}

route_result look(const route_call& call, const redaction_ptr& hidden) {
  if (auto errors = refuse_query(call.query); !errors.empty())
    return problem_reply(problems::invalid(std::move(errors)));
  call.link.schedule(only_question, std::string(call.capture));
  return std::make_unique<look_rest>(hidden);
}

route_result order(const route_call& call, schedule_order what, const redaction_ptr& hidden) {
  if (auto errors = refuse_query(call.query); !errors.empty())
    return problem_reply(problems::invalid(std::move(errors)));
  if (!call.request.body.empty() && call.request.body != "{}")
    return problem_reply(
        problems::invalid({{"", "is a body, and this call takes none; the path says all"}}));
  auto rest = std::make_unique<order_rest>(hidden);
  call.link.order_schedule(only_question, {std::string(call.capture), what}, *rest);
  return rest;
}

route_result list(const route_call& call, const redaction_ptr& hidden) {
  auto parsed = parse_page_query(call.query);
  if (auto* errors = std::get_if<std::vector<field_error>>(&parsed))
    return problem_reply(problems::invalid(std::move(*errors)));
  const auto& page = std::get<list_request>(parsed);
  call.link.schedules(only_question, {page.ascending, page.limit, page.after});
  return std::make_unique<list_rest>(hidden);
}

} // namespace

void add_schedule_routes(router& to, known_kinds known, redaction_ptr hidden) {
  const std::string path = name_pattern;
  const auto ordering = [hidden](schedule_order what) {
    return [hidden, what](const route_call& call) { return order(call, what, hidden); };
  };
  to.add(http_method::get, "/v1/schedules", {scope::read},
         [hidden](const route_call& call) { return list(call, hidden); });
  to.add(http_method::get, path, {scope::read},
         [hidden](const route_call& call) { return look(call, hidden); });
  to.add(http_method::put, path, {scope::admin},
         [known, hidden](const route_call& call) { return put(call, known, hidden); });
  to.add(http_method::delete_, path, {scope::admin}, ordering(schedule_order::remove));
  to.add(http_method::post, path + "/run", {scope::admin}, ordering(schedule_order::run));
  to.add(http_method::post, path + "/pause", {scope::admin}, ordering(schedule_order::pause));
  to.add(http_method::post, path + "/resume", {scope::admin}, ordering(schedule_order::resume));
}

} // namespace errand
