// Refusals as RFC 9457 problem details: which status, type and words each gets, and nothing else
// decides that. Pure values; any thread.
#pragma once

#include "task/spec_rules.hpp"
#include "task/status.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

inline constexpr std::string_view problem_content_type = "application/problem+json";

struct problem {
  int status = 500;
  std::string type;   ///< A path below /problems/.
  std::string title;  ///< The same for each problem of a type.
  std::string detail; ///< What was wrong this time, with the offending value, and what to do.
  std::vector<field_error> errors;
};

std::string to_json(const problem& what);

/// What `Retry-After` says with this status, in seconds; nothing for those that carry none.
std::optional<int> retry_after_s(int status);

/// The answer to an operation that failed. Precondition: !why.ok().
problem problem_of(const status& why);

/// One maker for each refusal of the HTTP side. A `detail` goes on the wire as it is, save that
/// what is not UTF-8 becomes U+FFFD; values of clients come shortened.
namespace problems {

/// 400: the bytes are not HTTP as it should be.
problem bad_request(std::string detail);

/// 400: the body is not JSON; `where` begins with a capital and says where and why.
problem not_json(std::string where);

/// 401: no token came, or one that nobody has.
problem token_missing();
problem token_unknown();

/// 403: only peers on this machine are answered, since there is no token.
problem no_token_configured();

/// 403: the token has `held`, and one of `needed` is asked for.
problem scope_missing(std::string_view needed, std::string_view held);

/// 403: a web page of another origin.
problem foreign_page();

/// 421: the Host header names a host that is not this server.
problem misdirected(std::string_view host);

/// 400: an Idempotency-Key that can be none.
problem invalid_key(std::string_view key);

/// 400: the header came so many times.
problem several_keys(size_t times);

/// 404: no resource has that path.
problem not_found(std::string_view path);

/// 404: the path is right, the task is not there.
problem no_such_task(std::string_view id);

/// 405; `allow` is the value of the Allow header.
problem method_not_allowed(std::string_view method, std::string_view path, std::string_view allow);

/// 408: the request did not arrive whole within that time.
problem request_timeout(std::chrono::milliseconds limit);

/// 409: a request with that Idempotency-Key is being answered.
problem key_in_flight(std::string_view key);

/// 413
problem body_too_large(size_t max_bytes);

/// 414
problem uri_too_long(size_t max_bytes);

/// 415: a body of another type than application/json, or none named (empty).
problem unsupported_media_type(std::string_view content_type);

/// 415: a body with a Content-Encoding.
problem unsupported_encoding(std::string_view encoding);

/// 417: an Expect header other than 100-continue.
problem expectation_failed(std::string_view expectation);

/// 422: JSON (or a query), but not valid; `errors` is not empty.
problem invalid(std::vector<field_error> errors);

/// 431
problem header_too_large(size_t max_bytes);

/// 500: our fault; nothing of the inside is shown.
problem internal_error();

/// 501: HTTP that this server does not speak, such as a transfer coding; `what` begins the
/// sentence.
problem not_implemented(std::string_view what);

/// 505: neither HTTP/1.1 nor HTTP/1.0.
problem version_not_supported(std::string_view version);

/// 503: so many requests wait for an answer.
problem too_busy(size_t max_in_flight);

/// 503: shutting down.
problem draining();

} // namespace problems

} // namespace errand
