#include "http/problem.hpp"

#include "http/json_writer.hpp"
#include "task/utf8.hpp"

#include <cassert>
#include <utility>

namespace errand {

namespace {

/// What one type's problems have in common.
struct problem_kind {
  int status;
  const char* type;
  const char* title;
};

constexpr problem_kind bad_request_kind{400, "/problems/bad-request", "Bad request"};
constexpr problem_kind not_json_kind{400, "/problems/not-json", "The body is not JSON"};
constexpr problem_kind invalid_key_kind{400, "/problems/idempotency-key-invalid",
                                        "Not an idempotency key"};
constexpr problem_kind unauthorized_kind{401, "/problems/unauthorized", "A token is needed"};
constexpr problem_kind forbidden_kind{403, "/problems/forbidden", "Forbidden"};
constexpr problem_kind scope_kind{403, "/problems/insufficient-scope",
                                  "The token does not suffice"};
constexpr problem_kind foreign_page_kind{403, "/problems/foreign-page",
                                         "A web page of another origin"};
constexpr problem_kind misdirected_kind{421, "/problems/misdirected", "Not this server's name"};
constexpr problem_kind not_found_kind{404, "/problems/not-found", "Not found"};
constexpr problem_kind method_kind{405, "/problems/method-not-allowed", "Method not allowed"};
constexpr problem_kind timeout_kind{408, "/problems/request-timeout", "Request timeout"};
constexpr problem_kind wrong_state_kind{409, "/problems/wrong-state", "Wrong state"};
constexpr problem_kind not_unique_kind{409, "/problems/not-unique", "Not unique"};
constexpr problem_kind in_flight_kind{409, "/problems/request-in-flight", "Request in flight"};
constexpr problem_kind body_kind{413, "/problems/body-too-large", "Body too large"};
constexpr problem_kind uri_kind{414, "/problems/uri-too-long", "URI too long"};
constexpr problem_kind media_kind{415, "/problems/unsupported-media-type",
                                  "Unsupported media type"};
constexpr problem_kind encoding_kind{415, "/problems/unsupported-encoding",
                                     "Unsupported content encoding"};
constexpr problem_kind expectation_kind{417, "/problems/expectation-failed", "Expectation failed"};
constexpr problem_kind invalid_kind{422, "/problems/invalid", "Not valid"};
constexpr problem_kind reused_key_kind{422, "/problems/idempotency-key-reused",
                                       "Idempotency key of another request"};
constexpr problem_kind header_kind{431, "/problems/header-too-large", "Header too large"};
constexpr problem_kind internal_kind{500, "/problems/internal-error", "Internal error"};
constexpr problem_kind not_implemented_kind{501, "/problems/not-implemented", "Not implemented"};
constexpr problem_kind version_kind{505, "/problems/version-not-supported",
                                    "HTTP version not supported"};
constexpr problem_kind busy_kind{503, "/problems/too-busy", "Too busy"};
constexpr problem_kind draining_kind{503, "/problems/draining", "Shutting down"};
constexpr problem_kind full_kind{503, "/problems/store-full", "The store is full"};
constexpr problem_kind store_kind{503, "/problems/store-failed", "The store failed"};
constexpr problem_kind no_answer_kind{503, "/problems/no-answer", "No answer in time"};

problem make(const problem_kind& kind, std::string detail) {
  return {kind.status, kind.type, kind.title, std::move(detail), {}};
}

std::string bytes(size_t count) {
  return std::to_string(count) + " bytes";
}

std::string seconds(std::chrono::milliseconds time) {
  std::string text;
  json_writer(text).seconds(time);
  return text + " s";
}

} // namespace

std::string to_json(const problem& what) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.key("type").string(what.type);
  w.key("title").string(what.title);
  w.key("status").integer(what.status);
  w.key("detail").string(what.detail);
  if (!what.errors.empty()) {
    w.key("errors").begin_array();
    for (const auto& error : what.errors) {
      w.begin_object();
      w.key("pointer").string(error.pointer);
      w.key("detail").string(error.detail);
      w.end_object();
    }
    w.end_array();
  }
  w.end_object();
  return out;
}

std::optional<int> retry_after_s(int status) {
  // A full mailbox is empty again after a commit or two, and a restart takes about as long.
  if (status == 429 || status == 503)
    return 1;
  return std::nullopt;
}

problem problem_of(const status& why) {
  switch (why.code()) {
  case ec::ok:
    break;
  case ec::not_found:
    return make(not_found_kind, why.message());
  case ec::wrong_state:
    return make(wrong_state_kind, why.message());
  case ec::invalid:
    return why.fields().empty() ? make(invalid_kind, why.message())
                                : problems::invalid(why.fields());
  case ec::store_full:
    return make(full_kind, why.message());
  case ec::store_failed:
  case ec::store_locked:
  case ec::store_newer:
    return make(store_kind, why.message());
  case ec::draining:
    return make(draining_kind, why.message());
  case ec::timed_out:
    return make(no_answer_kind, why.message());
  case ec::not_unique:
    return make(not_unique_kind, why.message());
  case ec::key_reused:
    return make(reused_key_kind, why.message());
  }
  assert(!"a problem was made of success");
  return problems::internal_error();
}

namespace problems {

problem bad_request(std::string detail) {
  return make(bad_request_kind, std::move(detail));
}

problem not_json(std::string where) {
  return make(not_json_kind, std::move(where));
}

problem token_missing() {
  return make(unauthorized_kind,
              "The request has no token. Send Authorization: Bearer TOKEN, with a token that "
              "`errand token new` has made and that the server's errand.toml knows.");
}

problem token_unknown() {
  return make(unauthorized_kind,
              "The server does not know the token in Authorization. Check that it is whole, and "
              "that errand.toml has its hash; `errand token new` makes another.");
}

problem no_token_configured() {
  return make(forbidden_kind,
              "This server has no token configured, and so answers its own machine only. Give it "
              "one, by ERRAND_TOKEN or by what `errand token new` prints for errand.toml, or start "
              "it with --no-auth if everybody who reaches it may use it.");
}

problem scope_missing(std::string_view needed, std::string_view held) {
  // Whatever is needed, admin suffices.
  const auto suffices =
      needed == "admin" ? "the scope admin" : "one of: " + std::string(needed) + ", admin";
  return make(scope_kind, "The token has the scope " + std::string(held) + ", and this needs "
                              + suffices + ". Use another token.");
}

problem foreign_page() {
  return make(
      foreign_page_kind,
      "A web page of another origin sent this, and may not. If it is yours, name its origin "
      "in the server's setting http.cors_origins.");
}

problem misdirected(std::string_view host) {
  return make(misdirected_kind,
              "The Host header is " + quoted(host)
                  + ", and this server does not go by that name. Use its address or localhost, or "
                    "add the name to the server's setting http.hosts.");
}

problem invalid_key(std::string_view key) {
  return make(
      invalid_key_kind,
      "The Idempotency-Key is " + quoted(key)
          + "; it must be 1 to 255 visible ASCII characters, without blanks, such as a UUID.");
}

problem several_keys(size_t times) {
  return make(invalid_key_kind,
              "The request has " + std::to_string(times) + " Idempotency-Key headers; send one.");
}

problem not_found(std::string_view path) {
  return make(not_found_kind, "Nothing has the path " + quoted(path)
                                  + ". Tasks live below /v1/tasks; check the path's spelling.");
}

problem no_such_task(std::string_view id) {
  return make(not_found_kind, "There is no task " + quoted(id)
                                  + ": it was never accepted, or it is deleted. Ids are given by "
                                    "POST /v1/tasks.");
}

problem method_not_allowed(std::string_view method, std::string_view path, std::string_view allow) {
  return make(method_kind, quoted(method) + " does not go with " + quoted(path) + ". Use "
                               + std::string(allow) + '.');
}

problem request_timeout(std::chrono::milliseconds limit) {
  return make(timeout_kind, "The request was not complete " + seconds(limit)
                                + " after its first byte. Send it faster, or in smaller ones.");
}

problem key_in_flight(std::string_view key) {
  return make(in_flight_kind, "A request with the Idempotency-Key " + quoted(key)
                                  + " is being answered. Send it again after the time in "
                                    "Retry-After to get the same answer.");
}

problem body_too_large(size_t max_bytes) {
  return make(body_kind, "The body has more than the " + bytes(max_bytes)
                             + " that are allowed. Send less, or a link to it; the limits are the "
                               "server's max_body_bytes and, for batches, max_batch_bytes.");
}

problem uri_too_long(size_t max_bytes) {
  return make(uri_kind, "The request target has more than the " + bytes(max_bytes)
                            + " that are allowed. Shorten the query.");
}

problem unsupported_media_type(std::string_view content_type) {
  const auto got = content_type.empty() ? "The request names no Content-Type"
                                        : "The Content-Type is " + quoted(content_type);
  return make(media_kind, got + ". Send Content-Type: application/json.");
}

problem unsupported_encoding(std::string_view encoding) {
  return make(encoding_kind, "The Content-Encoding is " + quoted(encoding)
                                 + ". Send the body as it is, without compression.");
}

problem expectation_failed(std::string_view expectation) {
  return make(expectation_kind, "The Expect header is " + quoted(expectation)
                                    + ". Only \"100-continue\" is understood.");
}

problem invalid(std::vector<field_error> errors) {
  assert(!errors.empty());
  const auto& first = errors.front();
  auto detail = (first.pointer.empty() ? "The body" : first.pointer) + ' ' + first.detail;
  if (errors.size() > 1)
    detail += " (and " + std::to_string(errors.size() - 1) + " more under errors)";
  auto made = make(invalid_kind, std::move(detail));
  made.errors = std::move(errors);
  return made;
}

problem header_too_large(size_t max_bytes) {
  return make(header_kind, "Request line and headers have more than the " + bytes(max_bytes)
                               + " that are allowed. Send fewer or shorter headers (cookies?).");
}

problem internal_error() {
  return make(internal_kind, "The server made a mistake, and its log says more. Try again; if it "
                             "happens again, report it with the X-Request-Id of this answer.");
}

problem not_implemented(std::string_view what) {
  return make(not_implemented_kind, std::string(what)
                                        + " is not something this server can do. "
                                          "Send the request without it.");
}

problem version_not_supported(std::string_view version) {
  return make(version_kind,
              "The version is " + quoted(version) + ". This server speaks HTTP/1.1 and HTTP/1.0.");
}

problem too_busy(size_t max_in_flight) {
  return make(busy_kind,
              std::to_string(max_in_flight)
                  + " requests are waiting for their answers, and no more may. Try again "
                    "after the time in Retry-After.");
}

problem draining() {
  return make(draining_kind, "The server is shutting down and takes no more requests. Try again "
                             "after the time in Retry-After.");
}

} // namespace problems

} // namespace errand
