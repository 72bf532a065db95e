// A response that is a stream of events, as a continuation: what all of them do alike.
#pragma once

#include "http/event_stream.hpp"
#include "http/route.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace errand {

/// Begins the stream, says that it is alive while nothing happens, and goes on where it had to stop
/// once a slow client has taken what it was sent. The front's thread.
class streaming : public continuation {
public:
  void drained(exchange_link& link) final {
    if (std::exchange(is_behind_, false))
      go_on(link);
  }

  std::optional<reply> overdue(exchange_link& link) final {
    if (!has_begun_) {
      abandoned(link);
      return continuation::overdue(link);
    }
    link.set_patience(heartbeat_every_);
    link.stream(heartbeat);
    return std::nullopt;
  }

protected:
  explicit streaming(std::chrono::milliseconds heartbeat_every)
      : heartbeat_every_(heartbeat_every) {}

  /// Asks for what comes next.
  virtual void go_on(exchange_link& link) = 0;

  bool has_begun() const { return has_begun_; }

  /// Whether this call began it: later ones do nothing.
  bool begin(exchange_link& link) {
    if (std::exchange(has_begun_, true))
      return false;
    link.begin_stream(event_stream_head());
    link.set_patience(heartbeat_every_);
    return true;
  }

  /// There is more for the client, once it has taken what it was sent.
  void fall_behind() { is_behind_ = true; }
  bool is_behind() const { return is_behind_; }

private:
  std::chrono::milliseconds heartbeat_every_;
  bool has_begun_ = false;
  bool is_behind_ = false;
};

} // namespace errand
