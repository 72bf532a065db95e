#include "cli/client/event_stream.hpp"

#include "cli/client/patience.hpp"

#include <utility>

namespace errand::client {

namespace {

/// The server sends a comment every 15 s.
constexpr std::chrono::seconds silence_max{45};

order order_of(const std::string& path, const std::string& last_id) {
  order result{.path = path, .patience = silence_max};
  result.headers.emplace_back("Accept", "text/event-stream");
  if (!last_id.empty())
    result.headers.emplace_back("Last-Event-ID", last_id);
  return result;
}

} // namespace

event_parser::event_parser(event_handler on_event) : on_event_(std::move(on_event)) {}

bool event_parser::feed(std::string_view bytes) {
  for (const char c : bytes) {
    const bool second_of_crlf = after_cr_ && c == '\n';
    after_cr_ = c == '\r';
    if (second_of_crlf)
      continue;
    if (c != '\n' && c != '\r')
      line_ += c;
    else if (!take_line())
      return false;
  }
  return true;
}

bool event_parser::take_line() {
  const auto line = std::exchange(line_, {});
  if (line.empty()) {
    const bool is_event = !next_.data.empty();
    if (is_event)
      next_.data.pop_back(); // the line break after its last line
    const bool goes_on = !is_event || on_event_(next_);
    next_.name.clear();
    next_.data.clear();
    return goes_on;
  }
  const auto colon = line.find(':');
  const auto field = line.substr(0, colon);
  auto value = colon == line.npos ? std::string() : line.substr(colon + 1);
  if (value.starts_with(' '))
    value.erase(0, 1);
  if (field == "id")
    next_.id = value;
  else if (field == "event")
    next_.name = value;
  else if (field == "data")
    next_.data += value + '\n';
  return true;
}

void event_parser::reset() {
  line_.clear();
  after_cr_ = false;
  next_.name.clear();
  next_.data.clear();
}

void follow(const session& s, const std::string& path, event_handler on_event) {
  bool is_over = false;
  event_parser parser([&](const stream_event& event) {
    is_over = !on_event(event);
    return !is_over;
  });
  patience left;
  bool was_there = false;
  while (!is_over) {
    try {
      s.server.stream(order_of(path, parser.last_id()), [&](std::string_view bytes) {
        was_there = true;
        left.restart();
        return parser.feed(bytes);
      });
      if (!is_over)
        throw failure{exit_unreachable, {"the connection to " + s.server.url() + " broke"}};
    } catch (const failure& f) {
      if (!was_there)
        throw;
      left.wait_or_throw(f);
    }
    parser.reset();
  }
}

} // namespace errand::client
