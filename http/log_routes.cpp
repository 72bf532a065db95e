#include "http/log_routes.hpp"

#include "http/streaming.hpp"
#include "http/task_query.hpp"
#include "http/task_routes.hpp"
#include "task/utf8.hpp"

#include <array>

namespace errand {

namespace {

// Names of questions.
constexpr question fetched = 0;
constexpr question followed = 1;

/// Bytes of lines that a client who follows is sent at a time; the next are fetched when it has
/// taken them.
constexpr size_t page_bytes = 64 * 1024;

/// The log as it stands.
class log_rest final : public continuation {
public:
  log_rest(const task_id& id, exchange_link& link) : id_(id) { link.log(fetched, {id}); }

  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return failed_look(id_, *failure);
    reply made{200, "text/plain; charset=utf-8", {}, {}};
    for (const auto& line : std::get<log_page_ptr>(what.content)->lines)
      made.body.append(to_rfc3339(line.at))
          .append(" #")
          .append(std::to_string(line.attempt))
          .append(" ")
          .append(line.text)
          .append("\n");
    return made;
  }

private:
  task_id id_;
};

/// The log as it grows. EVENTS says when to look, and READER shows what there is, with the state
/// that the task has then: so the end is told behind the last line. A client that reads slowly is
/// waited for, since nothing piles up but in the store.
class follow_rest final : public streaming {
public:
  follow_rest(const task_id& id, int64_t after, bool head_only,
              std::chrono::milliseconds heartbeat_every, exchange_link& link)
      : streaming(heartbeat_every), next_{id, after, page_bytes}, head_only_(head_only) {
    link.follow(followed, id);
    go_on(link);
  }

  std::optional<reply> answered(question name, const answer& what, exchange_link& link) override {
    if (name == followed) {
      if (is_fetching_ || is_behind())
        is_stale_ = true;
      else
        go_on(link);
      return std::nullopt;
    }
    is_fetching_ = false;
    if (const auto* failure = std::get_if<status>(&what.content))
      return failed(*failure, link);
    if (head_only_) {
      abandoned(link);
      return event_stream_head();
    }
    send(*std::get<log_page_ptr>(what.content), link);
    return std::nullopt;
  }

  void abandoned(exchange_link& link) override { link.unwatch(followed, next_.id); }

private:
  void go_on(exchange_link& link) override {
    is_fetching_ = true;
    is_stale_ = false;
    link.log(fetched, next_);
  }

  void send(const log_page& page, exchange_link& link) {
    std::string bytes{begin(link) ? heartbeat : ""};
    for (const auto& line : page.lines)
      append_log_event(bytes, line);
    if (!page.lines.empty())
      next_.after = page.lines.back().number;
    const bool is_over = is_final(page.state) && !page.more;
    if (is_over)
      append_end_event(bytes, page.state);
    const bool taken = bytes.empty() || link.stream(bytes);
    if (is_over)
      link.end_stream();
    else if ((page.more || is_stale_) && taken)
      go_on(link);
    else if (page.more || is_stale_)
      fall_behind();
  }

  /// A client whose stream ends without an `end` comes back, and is told then what is wrong.
  std::optional<reply> failed(const status& why, exchange_link& link) {
    if (!has_begun()) {
      abandoned(link);
      return failed_look(next_.id, why);
    }
    if (why.code() == ec::not_found) {
      std::string bytes;
      append_end_event(bytes, std::nullopt);
      link.stream(bytes);
    }
    link.end_stream();
    return std::nullopt;
  }

  log_request next_;
  bool head_only_;
  bool is_fetching_ = false; ///< An answer of the READER is to come,
  bool is_stale_ = false;    ///< but there may be more since it was made.
};

/// ?follow=
std::variant<bool, std::vector<field_error>> parse_log_query(const query_parameters& query) {
  constexpr std::array<std::string_view, 1> known = {"follow"};
  std::optional<bool> follow;
  std::vector<field_error> errors;
  for (const auto& [name, value] : query) {
    if (name != known[0])
      errors.push_back({pointer_to(name), unknown_parameter(name, known)});
    else if (follow)
      errors.push_back({"?follow", "is given more than once; give it once"});
    else if (value == "true" || value == "false")
      follow = value == "true";
    else
      errors.push_back({"?follow", "is " + errand::quoted(value) + "; it must be true or false"});
  }
  if (!errors.empty())
    return errors;
  return follow.value_or(false);
}

/// The number of the last line that a client who comes back has seen.
int64_t last_line(const http_request& request) {
  const auto number = parse_decimal(request.header("Last-Event-ID").value_or(""));
  return number && *number <= INT64_MAX ? static_cast<int64_t>(*number) : 0;
}

route_result show_log(const route_call& call, std::chrono::milliseconds heartbeat_every) {
  auto parsed = parse_log_query(call.query);
  if (auto* errors = std::get_if<std::vector<field_error>>(&parsed))
    return problem_reply(problems::invalid(std::move(*errors)));
  const auto id = task_id::parse(call.capture);
  if (!id)
    return problem_reply(problems::no_such_task(call.capture));
  if (!std::get<bool>(parsed))
    return std::make_unique<log_rest>(*id, call.link);
  return std::make_unique<follow_rest>(*id, last_line(call.request),
                                       call.request.method == http_method::head, heartbeat_every,
                                       call.link);
}

} // namespace

void add_log_routes(router& to, std::chrono::milliseconds heartbeat_every) {
  to.add(http_method::get, "/v1/tasks/([0-9A-Za-z-]{1,64})/log", {scope::read, scope::submit},
         [heartbeat_every](const route_call& call) { return show_log(call, heartbeat_every); });
}

} // namespace errand
