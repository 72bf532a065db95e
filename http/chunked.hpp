// The chunked transfer coding (RFC 9112, 7.1), decoded as it comes. Pure. Extensions are ignored
// and trailers dropped; both are bounded.
#pragma once

#include "http/head.hpp"

namespace errand {

class chunked_decoder {
public:
  explicit chunked_decoder(size_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

  /// Takes what belongs to the body, appends the decoded bytes to `body`, and returns how many
  /// bytes it took. Ends early when the body is whole or refused; is not to be called afterwards.
  size_t feed(std::string_view input, std::string& body);

  bool is_whole() const { return phase_ == phase::whole; }
  const std::optional<problem>& why() const { return why_; }

  /// How many bytes of the current chunk are to come.
  uint64_t chunk_bytes_left() const { return left_; }

private:
  enum class phase { size_line, data, data_end, trailers, whole };

  void refuse(problem why) { why_ = std::move(why); }
  void refuse(std::string detail) { refuse(problems::bad_request(std::move(detail))); }
  size_t take_line(std::string_view input, size_t body_size);
  size_t take_data_end(char next);
  void read_size(std::string_view line, size_t body_size);
  void read_trailer(std::string_view line);

  size_t max_body_bytes_;
  phase phase_ = phase::size_line;
  std::string line_;     ///< An unfinished size line or trailer.
  uint64_t left_ = 0;    ///< Of the current chunk.
  bool cr_seen_ = false; ///< Of the CR LF after a chunk.
  size_t overhead_ = 0;  ///< Bytes spent on size lines beyond what chunks of that size need.
  size_t trailer_bytes_ = 0;
  std::optional<problem> why_;
};

} // namespace errand
