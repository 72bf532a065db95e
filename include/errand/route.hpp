// A program's own HTTP routes beside the server's.
#pragma once

#include <errand/task.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)
namespace errand {

/// A request, as a route's function sees it, for as long as the call.
class RouteRequest {
public:
  virtual ~RouteRequest() = default;

  virtual std::string_view method() const = 0;
  virtual std::string_view path() const = 0; ///< Decoded, without the query.
  virtual std::string_view body() const = 0;

  /// The first of that name, whatever its case.
  virtual std::optional<std::string_view> header(std::string_view name) const = 0;

  /// The parameter of the query, decoded; the first of that name.
  virtual std::optional<std::string_view> query(std::string_view name) const = 0;
};

/// What is sent. A reply with a status, a header or a content type that can't be is answered with
/// 500 (problem+json) instead, its task is not submitted, and the log says what was wrong.
struct RouteReply {
  int status = 200; ///< 200 to 599. With 204 and 304 the body is not sent.
  std::string body = {};

  /// The value of Content-Type; empty: none. By the rules for headers' values.
  std::string content_type = "text/plain; charset=utf-8";

  /// Names are tokens of HTTP ("X-Name"), values are without control characters but tabs. Those
  /// that frame the message or speak of the connection are the server's alone: Content-Length,
  /// Transfer-Encoding, Connection, Keep-Alive, Upgrade, TE, Trailer, Proxy-Connection,
  /// Proxy-Authenticate, and so are Date, X-Request-Id and, for which there is `content_type`,
  /// Content-Type. Without a Cache-Control the reply has "no-store".
  std::vector<std::pair<std::string, std::string>> headers = {};

  /// Submitted first: the reply is sent once the task is durable, with its id in Errand-Task-Id. If
  /// it is refused, that is the answer instead (422, 409, 503). `traceparent` counts as on a
  /// submit. With an Idempotency-Key on a POST a known request gets its first answer, though the
  /// function was called.
  std::optional<TaskSpec> task = {};
};

/// Replies right away: it runs in the thread that serves all connections, so it must not block, and
/// so may not call what of TaskServer blocks. What takes time is a task, or is deferred. What it
/// throws is logged and answered with 500.
using RouteFunction = std::function<RouteReply(const RouteRequest&)>;

/// Who may use a route where tokens are in use: whoever has one with this scope (or "admin").
enum class RouteScope : uint8_t { submit, read, work, admin, everybody };

} // namespace errand
#pragma GCC visibility pop
