// Bytes in; out comes that more is needed, one whole request, or a refusal. Pure and incremental:
// the result does not depend on how the bytes were cut, and no byte is looked at again because
// another one came. One object serves one connection at a time.
#pragma once

#include "http/chunked.hpp"
#include "http/head.hpp"
#include "http/request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace errand {

class request_parser {
public:
  enum class progress {
    needs_more, ///< Feed what comes next.
    whole,      ///< See request().
    refused,    ///< See why(); what follows on the connection can't be read.
  };

  explicit request_parser(const framing_limits& limits)
      : head_(limits), chunks_(limits.body_bytes) {}

  // request() shows views into this object.
  request_parser(const request_parser&) = delete;
  request_parser& operator=(const request_parser&) = delete;

  /// Takes what belongs to this request and returns how many bytes that were; what is left belongs
  /// to the next one. Precondition: now() == needs_more.
  size_t feed(std::string_view input);

  progress now() const { return now_; }

  /// Valid until reset(). Precondition: now() == whole.
  const http_request& request() const { return request_; }

  /// Precondition: now() == refused.
  const problem& why() const { return why_; }

  /// A byte of a request has come.
  bool has_begun() const { return head_.has_begun(); }

  /// The head is accepted, and the client waits for a word before it sends the body.
  bool awaits_continue() const {
    return reads_body() && head_.body().expects_continue && !body_has_begun_;
  }

  /// The head is accepted and the body is not yet whole.
  bool reads_body() const { return now_ == progress::needs_more && head_.is_whole(); }

  /// How many more bytes of the body are announced. 0 if that is not known yet.
  uint64_t body_bytes_left() const;

  /// Ready for the next request. Keeps memory that an ordinary request needs.
  void reset();

private:
  size_t feed_body(std::string_view input);
  void refuse(const problem& why);
  void complete();

  head_parser head_;
  chunked_decoder chunks_; ///< Made anew for each chunked body.
  std::string body_;
  bool body_has_begun_ = false;
  progress now_ = progress::needs_more;
  http_request request_;
  problem why_;
};

} // namespace errand
