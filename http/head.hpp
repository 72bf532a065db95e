// Request line and headers: takes bytes as they come and reads each line once it is whole, so the
// work is linear in the bytes however they are cut. Pure. What smuggling lives from is refused
// here.
#pragma once

#include "http/problem.hpp"
#include "http/request.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// Where a request grows too large; HttpOptions names the answers.
struct framing_limits {
  size_t head_bytes = 32 * 1024;  ///< Request line and headers together.
  size_t target_bytes = 8 * 1024; ///< The request target.
  size_t body_bytes = 1024 * 1024;
  size_t batch_bytes = 16 * 1024 * 1024; ///< The body of a POST to batch_target.
};

/// The one target to which more may be sent at once.
inline constexpr std::string_view batch_target = "/v1/tasks/batch";

/// One header with its CRLF, bytes: 431 beyond. What Debian's httplib reads at most.
inline constexpr size_t max_field_line = 8 * 1024;

/// How the body comes.
struct body_framing {
  bool chunked = false;
  uint64_t length = 0; ///< If not chunked.
  size_t max_bytes = 0;
  bool expects_continue = false;
};

class head_parser {
public:
  explicit head_parser(const framing_limits& limits) : limits_(limits) {}

  /// Takes what belongs to the head and returns how many bytes that were. Ends early when the head
  /// is whole or refused; is not to be called afterwards.
  size_t feed(std::string_view input);

  bool is_whole() const { return is_whole_; }
  const std::optional<problem>& why() const { return why_; }

  /// A byte of a request has come; empty lines before it do not count.
  bool has_begun() const { return !text_.empty(); }

  /// Moves the result into `request`, whose body it leaves alone. Precondition: is_whole(). The
  /// views show this parser's text.
  void fill(http_request& request) const;
  const body_framing& body() const { return body_; }

  /// Ready for the next request. Keeps its memory.
  void reset();

private:
  /// Offsets into text_, which moves while it grows.
  struct span {
    size_t begin = 0;
    size_t size = 0;
  };
  struct field {
    span name;
    span value;
  };

  std::string_view view(span where) const {
    return std::string_view{text_}.substr(where.begin, where.size);
  }
  span span_of(std::string_view part) const {
    return {static_cast<size_t>(part.data() - text_.data()), part.size()};
  }
  bool in_request_line() const { return line_begin_ == 0; }

  /// The connection ends with a refusal, since where the next request would begin is not known.
  void refuse(problem why) { why_ = std::move(why); }
  void refuse(std::string detail) { refuse(problems::bad_request(std::move(detail))); }
  void refuse_overlong();
  void read_line();
  void read_request_line(std::string_view line);
  void read_target(std::string_view target);
  void read_absolute_target(std::string_view target, size_t authority_begin);
  void read_field(std::string_view line);
  void note_field(std::string_view name, std::string_view value);
  void finish();
  bool check_host();
  bool check_length();
  bool check_expectations();

  framing_limits limits_;
  std::string text_;      ///< The head so far.
  size_t line_begin_ = 0; ///< Where in text_ the unfinished line begins.
  int empty_lines_ = 0;   ///< Before the request line.
  bool is_whole_ = false;
  std::optional<problem> why_;

  http_method method_ = http_method::get;
  span target_;
  std::optional<span> host_of_target_; ///< Of an absolute one.
  bool is_http_1_0_ = false;
  std::vector<field> fields_;
  body_framing body_;

  // Headers that say how to read the rest: how often they came, and the value that came last.
  struct noted {
    size_t count = 0;
    span value;
  };
  noted host_, content_length_, transfer_encoding_, content_encoding_, expect_;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
};

/// What is wrong with a header or trailer line (without its CRLF), or nothing.
std::optional<std::string> field_line_fault(std::string_view line);

} // namespace errand
