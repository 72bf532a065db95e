#include "http/task_routes.hpp"

#include "http/known_kinds.hpp"
#include "http/prefer.hpp"
#include "http/task_query.hpp"
#include "http/task_wait.hpp"
#include "task/traceparent.hpp"

namespace errand {

namespace {

// Names of questions.
constexpr question first_question = 0;
constexpr question wait_questions = 1;

reply shown_reply(const task& row) {
  return json_reply(200, encode_task(row, true));
}

/// POST: the STORE's answer is the response, unless the client wishes to wait for the end.
class submit_rest final : public continuation {
public:
  submit_rest(std::optional<std::chrono::seconds> wait, std::vector<std::string> warnings)
      : patience_(wait), notes_{false, std::move(warnings)} {}

  std::optional<reply> answered(question name, const answer& what, exchange_link& link) override {
    if (wait_.has_started())
      return after(wait_.answered(name, what, link));
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    accepted_ = std::get<insertion_ptr>(what.content);
    notes_.duplicate = accepted_->duplicate;
    if (!patience_ || patience_->count() == 0)
      return accepted_reply(accepted_->task, notes_);
    wait_.start(accepted_->task.id, *patience_, link);
    return std::nullopt;
  }

  std::optional<reply> overdue(exchange_link& link) override {
    return wait_.has_started() ? after(wait_.overdue(link)) : continuation::overdue(link);
  }

  void abandoned(exchange_link& link) override { wait_.abandoned(link); }

  bool is_waiting() const override { return wait_.has_started(); }

  reply_function reply_of_success() const override {
    return [warnings = notes_.warnings](const answer_content& what) {
      const auto& added = *std::get<insertion_ptr>(what);
      return accepted_reply(added.task, {added.duplicate, warnings});
    };
  }

private:
  /// The task is accepted, whatever comes of the wait.
  std::optional<reply> after(task_wait::outcome how) const {
    switch (how) {
    case task_wait::outcome::goes_on:
      return std::nullopt;
    case task_wait::outcome::failed:
      return accepted_reply(accepted_->task, notes_);
    case task_wait::outcome::ended:
      break;
    }
    if (!is_final(wait_.last().state))
      return accepted_reply(wait_.last(), notes_);
    auto made = json_reply(200, encode_task(wait_.last(), true, notes_));
    made.headers.emplace_back("Preference-Applied", "wait=" + std::to_string(patience_->count()));
    return made;
  }

  std::optional<std::chrono::seconds> patience_;
  submit_notes notes_;
  insertion_ptr accepted_;
  task_wait wait_{wait_questions};
};

/// GET of one task, at once.
class look_rest final : public continuation {
public:
  explicit look_rest(const task_id& id) : id_(id) {}

  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return failed_look(id_, *failure);
    return shown_reply(*std::get<task_ptr>(what.content));
  }

private:
  task_id id_;
};

/// GET of one task, as soon as it is final.
class wait_rest final : public continuation {
public:
  wait_rest(const task_id& id, std::chrono::milliseconds patience, exchange_link& link) : id_(id) {
    wait_.start(id, patience, link);
  }

  std::optional<reply> answered(question name, const answer& what, exchange_link& link) override {
    return after(wait_.answered(name, what, link));
  }
  std::optional<reply> overdue(exchange_link& link) override { return after(wait_.overdue(link)); }
  void abandoned(exchange_link& link) override { wait_.abandoned(link); }
  bool is_waiting() const override { return true; }

private:
  std::optional<reply> after(task_wait::outcome how) const {
    switch (how) {
    case task_wait::outcome::goes_on:
      return std::nullopt;
    case task_wait::outcome::failed:
      return failed_look(id_, wait_.why());
    case task_wait::outcome::ended:
      break;
    }
    return shown_reply(wait_.last());
  }

  task_id id_;
  task_wait wait_{first_question};
};

class list_rest final : public continuation {
public:
  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    const auto& page = *std::get<task_page_ptr>(what.content);
    return json_reply(200, encode_page(page.tasks, page.next));
  }
};

/// POST of an order, and DELETE: the STORE's answer is the response.
class order_rest final : public continuation {
public:
  explicit order_rest(const task_id& id) : id_(id) {}

  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    const auto* outcome = std::get_if<status>(&what.content);
    if (outcome && !outcome->ok())
      return failed_look(id_, *outcome);
    return carried_out(what.content);
  }

  reply_function reply_of_success() const override { return carried_out; }

private:
  static reply carried_out(const answer_content& what) {
    if (const auto* row = std::get_if<task_ptr>(&what))
      return json_reply(200, encode_task(**row, false));
    return {204, {}, {}, {}};
  }

  task_id id_;
};

class task_routes {
public:
  explicit task_routes(known_kinds known) : known_kinds_(std::move(known)) {}

  route_result submit(const route_call& call) const {
    if (auto refusal = refuse_unless_json(call))
      return std::move(*refusal);
    if (call.request.body.empty())
      return problem_reply(problems::not_json(
          "The body is empty. Send a task, such as {\"kind\": \"sleep\", \"args\": "
          "{\"seconds\": 5}}."));
    auto decoded = decode_spec(call.request.body);
    if (const auto* why = std::get_if<problem>(&decoded))
      return problem_reply(*why);
    auto& spec = std::get<task_spec>(decoded);
    spec.traceparent = accept_traceparent(call.request.header("traceparent").value_or(""));
    auto rest = std::make_unique<submit_rest>(preferred_wait(call.request),
                                              known_kinds_.warnings(spec.kind));
    call.link.submit(first_question, std::make_shared<const task_spec>(std::move(spec)), *rest);
    return rest;
  }

private:
  known_kinds known_kinds_;
};

route_result look(const route_call& call) {
  auto parsed = parse_wait_query(call.query);
  if (auto* errors = std::get_if<std::vector<field_error>>(&parsed))
    return problem_reply(problems::invalid(std::move(*errors)));
  const auto id = task_id::parse(call.capture);
  if (!id)
    return problem_reply(problems::no_such_task(call.capture));
  const auto wait = std::get<std::chrono::milliseconds>(parsed);
  if (wait.count() > 0)
    return std::make_unique<wait_rest>(*id, wait, call.link);
  call.link.fetch(first_question, *id);
  return std::make_unique<look_rest>(*id);
}

route_result order(const route_call& call, task_order what) {
  if (auto errors = refuse_query(call.query); !errors.empty())
    return problem_reply(problems::invalid(std::move(errors)));
  if (!call.request.body.empty() && call.request.body != "{}")
    return problem_reply(
        problems::invalid({{"", "is a body, and this call takes none; the path says all"}}));
  const auto id = task_id::parse(call.capture);
  if (!id)
    return problem_reply(problems::no_such_task(call.capture));
  auto rest = std::make_unique<order_rest>(*id);
  call.link.order(first_question, *id, what, *rest);
  return rest;
}

route_result list(const route_call& call) {
  auto parsed = parse_list_query(call.query);
  if (auto* errors = std::get_if<std::vector<field_error>>(&parsed))
    return problem_reply(problems::invalid(std::move(*errors)));
  call.link.list(first_question, std::get<list_request>(parsed));
  return std::make_unique<list_rest>();
}

} // namespace

bool is_json(std::string_view content_type) {
  return equals_ignoring_case(trimmed(content_type.substr(0, content_type.find(';'))),
                              "application/json");
}

reply accepted_reply(const task& accepted, const submit_notes& notes) {
  auto made = json_reply(notes.duplicate ? 200 : 202, encode_task(accepted, false, notes));
  made.headers.emplace_back("Location", "/v1/tasks/" + accepted.id.to_string());
  return made;
}

reply failed_look(const task_id& id, const status& why) {
  return problem_reply(why.code() == ec::not_found ? problems::no_such_task(id.to_string())
                                                   : problem_of(why));
}

void add_task_routes(router& to, known_kinds known) {
  auto routes = std::make_shared<const task_routes>(std::move(known));
  to.add(http_method::post, "/v1/tasks",
         [routes](const route_call& call) { return routes->submit(call); });
  to.add(http_method::get, "/v1/tasks/([0-9A-Za-z-]{1,64})", look);
  to.add(http_method::get, "/v1/tasks", list);
  to.add(http_method::delete_, "/v1/tasks/([0-9A-Za-z-]{1,64})",
         [](const route_call& call) { return order(call, task_order::remove); });
  to.add(http_method::post, "/v1/tasks/([0-9A-Za-z-]{1,64})/cancel",
         [](const route_call& call) { return order(call, task_order::cancel); });
  to.add(http_method::post, "/v1/tasks/([0-9A-Za-z-]{1,64})/retry",
         [](const route_call& call) { return order(call, task_order::retry); });
}

} // namespace errand
