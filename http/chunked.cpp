#include "http/chunked.hpp"

#include "task/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace errand {

namespace {

/// A size line with its extensions and CRLF.
constexpr size_t max_size_line = 256;

/// All trailers together.
constexpr size_t max_trailer_bytes = 8 * 1024;

// A sender of one-byte chunks with long extensions makes us read much for little: each chunk may
// spend so many bytes on its size line plus its own size, and all of them that much more.
constexpr size_t free_bytes_per_chunk = 16;
constexpr size_t max_overhead = 16 * 1024;

problem trailers_too_long() {
  auto why = problems::header_too_large(max_trailer_bytes);
  why.detail = "The trailers are longer than " + std::to_string(max_trailer_bytes)
               + " bytes together. Send fewer or shorter ones.";
  return why;
}

} // namespace

size_t chunked_decoder::feed(std::string_view input, std::string& body) {
  size_t used = 0;
  while (phase_ != phase::whole && !why_ && used < input.size()) {
    const auto rest = input.substr(used);
    switch (phase_) {
    case phase::size_line:
    case phase::trailers:
      used += take_line(rest, body.size());
      break;
    case phase::data: {
      const auto taken = static_cast<size_t>(std::min<uint64_t>(left_, rest.size()));
      body.append(rest, 0, taken);
      left_ -= taken;
      used += taken;
      if (left_ == 0)
        phase_ = phase::data_end;
      break;
    }
    case phase::data_end:
      used += take_data_end(rest.front());
      break;
    case phase::whole:
      break;
    }
  }
  return used;
}

size_t chunked_decoder::take_line(std::string_view input, size_t body_size) {
  const bool is_size = phase_ == phase::size_line;
  const size_t room =
      is_size ? max_size_line - line_.size() : max_trailer_bytes - trailer_bytes_ - line_.size();
  const auto end = input.substr(0, room).find('\n');
  if (end == std::string_view::npos) {
    if (input.size() > room && is_size)
      refuse("A chunk's size line is longer than " + std::to_string(max_size_line)
             + " bytes. Send fewer or shorter chunk extensions.");
    else if (input.size() > room)
      refuse(trailers_too_long());
    else
      line_.append(input);
    return std::min(input.size(), room);
  }
  line_.append(input, 0, end + 1);
  auto line = std::string_view{line_}.substr(0, line_.size() - 1);
  if (!line.ends_with('\r')) {
    refuse("A line of the chunked body ends in LF alone; lines end in CR LF.");
  } else {
    line.remove_suffix(1);
    if (is_size)
      read_size(line, body_size);
    else
      read_trailer(line);
    line_.clear();
  }
  return end + 1;
}

size_t chunked_decoder::take_data_end(char next) {
  if (next != (cr_seen_ ? '\n' : '\r')) {
    refuse("A chunk is not followed by CR LF; it is longer than its size line says.");
    return 1;
  }
  if (cr_seen_)
    phase_ = phase::size_line;
  cr_seen_ = !cr_seen_;
  return 1;
}

void chunked_decoder::read_size(std::string_view line, size_t body_size) {
  const auto size_end = std::min(line.find_first_of("; \t"), line.size());
  const auto after = trimmed(line.substr(size_end));
  uint64_t size = 0;
  const auto parsed = std::from_chars(line.data(), line.data() + size_end, size, 16);
  if (size_end == 0 || parsed.ec != std::errc{} || parsed.ptr != line.data() + size_end)
    return refuse("The chunk size is " + quoted(line.substr(0, size_end))
                  + "; it must be a hexadecimal number.");
  // Blanks may stand before an extension, but not alone.
  if ((size_end < line.size() && !after.starts_with(';')) || !is_field_value(after))
    return refuse("The chunk size line is " + quoted(line)
                  + "; after the size may only stand extensions, each behind a ';'.");
  if (size > max_body_bytes_ || body_size > max_body_bytes_ - size)
    return refuse(problems::body_too_large(max_body_bytes_));
  const size_t spent = overhead_ + line.size() + 2;
  const size_t free = free_bytes_per_chunk + static_cast<size_t>(size);
  overhead_ = spent > free ? spent - free : 0;
  if (overhead_ > max_overhead)
    return refuse("The chunks are much smaller than their size lines; send larger ones, with "
                  "fewer extensions.");
  left_ = size;
  phase_ = size == 0 ? phase::trailers : phase::data;
}

void chunked_decoder::read_trailer(std::string_view line) {
  trailer_bytes_ += line_.size();
  if (line.empty())
    phase_ = phase::whole;
  else if (auto fault = field_line_fault(line))
    refuse(std::move(*fault));
}

} // namespace errand
