#include "http/framing.hpp"

#include <algorithm>

namespace errand {

namespace {

/// A body of announced length gets so much memory at once; the rest only as it comes.
constexpr uint64_t trusted_length = 16 * 1024;

/// What reset() keeps.
constexpr size_t kept_capacity = 16 * 1024;

} // namespace

size_t request_parser::feed(std::string_view input) {
  size_t used = 0;
  if (!head_.is_whole()) {
    used = head_.feed(input);
    if (head_.why())
      refuse(*head_.why());
    if (!head_.is_whole())
      return used;
    if (head_.body().chunked) {
      chunks_ = chunked_decoder{head_.body().max_bytes};
    } else {
      if (head_.body().length == 0)
        complete();
      else
        body_.reserve(static_cast<size_t>(std::min(head_.body().length, trusted_length)));
    }
  }
  if (now_ == progress::needs_more && used < input.size())
    used += feed_body(input.substr(used));
  return used;
}

size_t request_parser::feed_body(std::string_view input) {
  body_has_begun_ = true;
  if (head_.body().chunked) {
    const size_t used = chunks_.feed(input, body_);
    if (chunks_.why())
      refuse(*chunks_.why());
    else if (chunks_.is_whole())
      complete();
    return used;
  }
  const auto used = static_cast<size_t>(std::min<uint64_t>(body_bytes_left(), input.size()));
  body_.append(input, 0, used);
  if (body_.size() == head_.body().length)
    complete();
  return used;
}

uint64_t request_parser::body_bytes_left() const {
  if (!reads_body())
    return 0;
  return head_.body().chunked ? chunks_.chunk_bytes_left() : head_.body().length - body_.size();
}

void request_parser::refuse(const problem& why) {
  why_ = why;
  now_ = progress::refused;
}

void request_parser::complete() {
  head_.fill(request_);
  request_.body = body_;
  now_ = progress::whole;
}

void request_parser::reset() {
  head_.reset();
  body_.clear();
  if (body_.capacity() > kept_capacity)
    body_.shrink_to_fit();
  body_has_begun_ = false;
  request_.body = {};
  now_ = progress::needs_more;
}

} // namespace errand
