// Server-sent events: bytes -> events, and a stream that goes on when its connection breaks.
#pragma once

#include "cli/client/session.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace errand::client {

struct stream_event {
  std::string id; ///< The last one that was sent, also before this event.
  std::string name;
  std::string data;
};

/// False ends the stream.
using event_handler = std::function<bool(const stream_event&)>;

/// Takes a stream's bytes in pieces of any size, as the HTML standard has it.
class event_parser {
public:
  explicit event_parser(event_handler on_event);

  /// False once the handler has said so.
  bool feed(std::string_view bytes);

  const std::string& last_id() const { return next_.id; }

  /// A new connection: what was begun is forgotten, but not the last id.
  void reset();

private:
  bool take_line();

  event_handler on_event_;
  stream_event next_;
  std::string line_;
  bool after_cr_ = false;
};

/// Gives the events at `path` to `on_event` until that says false. A connection that breaks is made
/// anew and goes on behind the last event, for a minute at most; throws failure after that, and if
/// the first connection fails.
void follow(const session& s, const std::string& path, event_handler on_event);

} // namespace errand::client
