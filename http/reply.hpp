// What a route answers, and how that goes on the wire: the only writer of responses.
#pragma once

#include "http/problem.hpp"
#include "task/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace errand {

struct reply {
  int status = 200;
  std::string content_type; ///< Without one there is no body.
  std::string body;

  /// Beyond those that every response has (see reply_writer).
  std::vector<std::pair<std::string, std::string>> headers;

  /// The head of a body of unknown length, which ends with the connection; so it needs no chunks
  /// and goes to HTTP/1.0 as well.
  bool streams = false;
};

/// Appends "name: value" and CR LF. The value can't end its line: control characters become spaces.
void append_header(std::string& out, std::string_view name, std::string_view value);

/// Calls `visit(name, value)` for each of what append_header() has put together.
template <class Visit>
void for_each_header(std::string_view lines, Visit visit) {
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find("\r\n"));
    const auto colon = line.find(": ");
    visit(line.substr(0, colon), line.substr(colon + 2));
    lines.remove_prefix(line.size() + 2);
  }
}

reply json_reply(int status, std::string body);

/// With Retry-After where the status asks for it.
reply problem_reply(const problem& what);

/// What the request says about its response, beside the reply itself.
struct reply_frame {
  bool keep_alive = true;
  bool is_http_1_0 = false; ///< Then keep-alive is said, too.
  bool head_only = false;   ///< Answers HEAD: all headers, no body.
  std::string_view request_id;
};

/// Writes responses. Every one has Date, X-Request-Id, Cache-Control: no-store and
/// X-Content-Type-Options: nosniff, and Content-Length unless its status forbids a body or it
/// streams.
class reply_writer {
public:
  explicit reply_writer(wall_clock now) : now_(std::move(now)) {}

  /// Appends one response.
  void write(const reply& what, const reply_frame& frame, std::string& out);

private:
  std::string_view date();

  wall_clock now_;
  int64_t date_second_ = -1;
  std::string date_; ///< IMF-fixdate of that second.
};

} // namespace errand
