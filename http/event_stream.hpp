// Server-sent events as bytes (WHATWG HTML, 9.2): what a stream of them begins with, and what each
// looks like. Pure; the front's thread.
#pragma once

#include "actors/messages.hpp"
#include "http/reply.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// A stream on which nothing happens says so that often: proxies end a connection that is silent
/// for a minute, and a client that is gone without a word shows only when something is sent to it.
inline constexpr std::chrono::seconds heartbeat_interval{15};

/// A comment, which clients skip.
inline constexpr std::string_view heartbeat = ":\n\n";

/// 200, text/event-stream; keeps proxies from holding the stream back.
reply event_stream_head();

/// One event. `data` is on one line, as JSON is here.
void append_event(std::string& out, std::optional<uint64_t> id, std::string_view name,
                  std::string_view data);

/// Where a client stands, told without an event: it will resume there.
void append_position(std::string& out, uint64_t id);

/// Renders events. Each is rendered once however many clients read it, since all that one
/// message of EVENTS brings stands here until the next.
class event_texts {
public:
  /// A gap if there is one, and the events. Valid until the next call.
  std::string_view of(const event_slice_ptr& slice);

private:
  const std::string& text_of(const event_record& event);

  struct entry {
    uint64_t id = 0;
    std::string text;
  };
  std::array<entry, 1024> recent_; ///< By the last bits of their ids.
  event_slice_ptr last_;           ///< What `bytes_` shows.
  std::string bytes_;
};

/// `event: log`, for a line of a task's log; its id is the line's number.
void append_log_event(std::string& out, const log_record& line);

/// `event: end`, for a log to which nothing comes any more: with the final state, or null if the
/// task was deleted.
void append_end_event(std::string& out, std::optional<task_state> state);

} // namespace errand
