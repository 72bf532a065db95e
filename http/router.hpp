// Finds a request's route: httplib::Server without its sockets and threads decodes the path,
// matches it and calls the handler. What httplib would write is dropped; see http/reply. It sees a
// head that the framing has accepted, with the path alone: headers (which it would percent-decode),
// query and body stay with us.
#pragma once

#include "http/route.hpp"
#include "http/scope.hpp"
#include "task/logger.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

class router {
public:
  using route_handler = std::function<route_result(const route_call&)>;

  /// Is told what the request's route asks for, before anything else is done for it; what it gives
  /// back is the answer. A path or a method that is none asks for any_scope.
  using route_gate = std::function<std::optional<reply>(scope_set needed)>;

  struct route_entry {
    http_method method;
    std::string pattern;
    scope_set needed;
  };

  /// What a handler throws is written to `log` and answered with 500.
  explicit router(logger_ptr log);
  ~router();

  /// `pattern` is an ECMAScript expression for the whole decoded path. Its matcher recurses per
  /// character, so repetitions must be bounded. First come, first matched; hot ones first.
  /// Adding GET adds HEAD, and each path gets OPTIONS; these two are not to be added. Who wants to
  /// use the route needs one of the scopes `needed`. OPTIONS needs any scope, and none where one of
  /// the path's methods is open to all.
  void add(http_method method, const std::string& pattern, scope_set needed, route_handler handler);

  /// Takes the request to its handler, unless the gate answers it. No such path: 404; not with that
  /// method: 405 with Allow.
  route_result route(const http_request& request, exchange_link& link, const route_gate& gate);

  /// All that was added, in that order.
  const std::vector<route_entry>& table() const;

  /// Where in the table the route of the last request stands. Nothing if it had none.
  std::optional<size_t> last_matched() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// A pattern that matches `text` and nothing else.
std::string literal_pattern(std::string_view text);

} // namespace errand
