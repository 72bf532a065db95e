#include "http/queue_routes.hpp"

#include "http/bulk_order.hpp"
#include "http/cursor.hpp"
#include "http/json_queue.hpp"
#include "http/task_query.hpp"
#include "task/utf8.hpp"

#include <array>

namespace errand {

namespace {

// Names of questions.
constexpr question queue_question = 0;
constexpr question statistics_question = 1;

constexpr size_t max_limit = 1000;

const activity& activity_of(const statistics_view& view, const std::string& queue) {
  static const activity none;
  const auto found = view.queues.find(queue);
  return found == view.queues.end() ? none : found->second;
}

/// PUT, pause and resume: the STORE's answer is the response.
class settings_rest final : public continuation {
public:
  explicit settings_rest(std::string queue) : queue_(std::move(queue)) {}

  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    return told(queue_, what.content);
  }

  reply_function reply_of_success() const override {
    return [queue = queue_](const answer_content& what) { return told(queue, what); };
  }

private:
  static reply told(const std::string& queue, const answer_content& what) {
    return json_reply(200, encode_settings(queue, *std::get<queue_settings_ptr>(what)));
  }

  std::string queue_;
};

/// GET of one or a page: the READER knows the queues, and STATISTICS then what went on in them.
class queues_rest final : public continuation {
public:
  explicit queues_rest(wall_clock now) : now_(std::move(now)) {}

  std::optional<reply> answered(question name, const answer& what, exchange_link& link) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    if (name == statistics_question)
      return shown(*std::get<statistics_ptr>(what.content));
    if (const auto* one = std::get_if<queue_view_ptr>(&what.content)) {
      is_one_ = true;
      page_.queues = {**one};
    } else {
      page_ = *std::get<queue_page_ptr>(what.content);
    }
    std::vector<std::string> names;
    for (const auto& queue : page_.queues)
      names.push_back(queue.name);
    link.statistics(statistics_question, std::move(names));
    return std::nullopt;
  }

private:
  reply shown(const statistics_view& view) const {
    const auto now = now_();
    std::string out;
    json_writer w(out);
    if (is_one_) {
      const auto& queue = page_.queues.front();
      write_queue(w, queue, activity_of(view, queue.name), now);
      return json_reply(200, std::move(out));
    }
    w.begin_object();
    w.key("queues").begin_array();
    for (const auto& queue : page_.queues)
      write_queue(w, queue, activity_of(view, queue.name), now);
    w.end_array();
    w.key("next_cursor");
    if (page_.next)
      w.string(encode_name_cursor(*page_.next));
    else
      w.null();
    w.end_object();
    return json_reply(200, std::move(out));
  }

  wall_clock now_;
  queue_page page_;
  bool is_one_ = false;
};

/// The cursor has the name of the last queue of the page before.
std::variant<queue_list_request, std::vector<field_error>>
parse_queues_query(const query_parameters& query) {
  constexpr std::array<std::string_view, 2> known = {"limit", "cursor"};
  queue_list_request request;
  std::vector<field_error> errors;
  bool has_limit = false, has_cursor = false;
  for (const auto& [name, value] : query) {
    const auto fault = [&, &pointed = name](std::string detail) {
      errors.push_back({pointer_to(pointed), std::move(detail)});
    };
    if (name != "limit" && name != "cursor") {
      fault(unknown_parameter(name, known));
    } else if (name == "limit" ? has_limit : has_cursor) {
      fault("is given more than once; give it once");
    } else if (name == "limit") {
      has_limit = true;
      const auto limit = parse_decimal(value);
      if (limit && *limit >= 1 && *limit <= max_limit)
        request.limit = static_cast<size_t>(*limit);
      else
        fault("is " + quoted(value) + "; it must be a whole number from 1 to 1000");
    } else {
      has_cursor = true;
      request.after = decode_name_cursor(value);
      if (!request.after)
        fault("is " + quoted(value) + "; it must be the next_cursor of an earlier page, unchanged");
    }
  }
  if (!errors.empty())
    return errors;
  return request;
}

/// Why a call is refused that names its queue by the path and takes no query.
std::optional<reply> refusal_of(const route_call& call) {
  auto errors = refuse_query(call.query);
  if (auto fault = name_fault(call.capture))
    errors.push_back({"{queue}", std::move(*fault)});
  if (errors.empty())
    return std::nullopt;
  return problem_reply(problems::invalid(std::move(errors)));
}

std::optional<reply> refuse_body(const route_call& call) {
  if (call.request.body.empty() || call.request.body == "{}")
    return std::nullopt;
  return problem_reply(
      problems::invalid({{"", "is a body, and this call takes none; the path says all"}}));
}

route_result tell(const route_call& call, queue_order what) {
  what.queue = call.capture;
  auto rest = std::make_unique<settings_rest>(what.queue);
  call.link.configure(queue_question, what, *rest);
  return rest;
}

route_result put(const route_call& call) {
  if (auto refusal = refusal_of(call))
    return std::move(*refusal);
  if (auto refusal = refuse_unless_json(call))
    return std::move(*refusal);
  auto decoded = decode_queue_settings(call.request.body);
  if (const auto* why = std::get_if<problem>(&decoded))
    return problem_reply(*why);
  return tell(call, {{}, queue_order::what::put, std::get<queue_settings>(decoded)});
}

route_result pause(const route_call& call) {
  if (auto refusal = refusal_of(call))
    return std::move(*refusal);
  if (!call.request.body.empty())
    if (auto refusal = refuse_unless_json(call))
      return std::move(*refusal);
  auto decoded = decode_pause(call.request.body);
  if (const auto* why = std::get_if<problem>(&decoded))
    return problem_reply(*why);
  return tell(call, {{}, queue_order::what::pause, {}, std::get<0>(decoded)});
}

route_result resume(const route_call& call) {
  if (auto refusal = refusal_of(call))
    return std::move(*refusal);
  if (auto refusal = refuse_body(call))
    return std::move(*refusal);
  return tell(call, {{}, queue_order::what::resume});
}

route_result purge(const route_call& call) {
  if (auto refusal = refusal_of(call))
    return std::move(*refusal);
  if (auto refusal = refuse_body(call))
    return std::move(*refusal);
  list_filter filter;
  filter.queue = std::string(call.capture);
  for (const auto state : all_task_states)
    if (has_not_started(state))
      filter.states.push_back(state);
  return begin_bulk_order(
      call, std::move(filter), task_order::purge,
      [queue = std::string(call.capture)](uint64_t matched, exchange_link& link) {
        if (matched > 0)
          link.announce({event_type::queue_purged, queue, {}, matched});
      });
}

} // namespace

void add_queue_routes(router& to, wall_clock now) {
  // Any text, so that a name that can be none is told so; a name may have slashes in it.
  const std::string one = R"(/v1/queues/([^\n]{1,256}))";
  to.add(http_method::get, "/v1/queues", {scope::read},
         [now](const route_call& call) -> route_result {
           auto parsed = parse_queues_query(call.query);
           if (auto* errors = std::get_if<std::vector<field_error>>(&parsed))
             return problem_reply(problems::invalid(std::move(*errors)));
           call.link.queues(queue_question, std::get<queue_list_request>(parsed));
           return std::make_unique<queues_rest>(now);
         });
  to.add(http_method::get, one, {scope::read}, [now](const route_call& call) -> route_result {
    if (auto refusal = refusal_of(call))
      return std::move(*refusal);
    call.link.queue(queue_question, std::string(call.capture));
    return std::make_unique<queues_rest>(now);
  });
  to.add(http_method::put, one, {scope::admin}, put);
  to.add(http_method::post, one + "/pause", {scope::admin}, pause);
  to.add(http_method::post, one + "/resume", {scope::admin}, resume);
  to.add(http_method::post, one + "/purge", {scope::admin}, purge);
}

} // namespace errand
