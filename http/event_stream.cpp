#include "http/event_stream.hpp"

#include "http/json_queue.hpp"

namespace errand {

namespace {

void write_notice(json_writer& w, const notice& what) {
  if (!what.queue.empty())
    w.key("queue").string(what.queue);
  if (what.settings)
    write_queue_settings(w, *what.settings);
  if (what.type == event_type::queue_purged)
    w.key("tasks").integer(static_cast<int64_t>(what.tasks));
}

void write_fact(json_writer& w, const task_fact& fact) {
  w.key("task").string(fact.id.to_string());
  w.key("kind").string(fact.kind);
  w.key("queue").string(fact.queue);
  w.key("state").string(to_string(fact.state));
  w.key("attempt").integer(fact.attempt);
}

std::string event_json(const event_record& event) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  if (event.fact)
    write_fact(w, *event.fact);
  else
    write_notice(w, *event.notice);
  w.key("at").string(to_rfc3339(event.at));
  if (event.fact && event.fact->progress) {
    w.key("fraction").number(event.fact->progress->fraction);
    w.key("message").string(event.fact->progress->message);
  }
  w.end_object();
  return out;
}

} // namespace

reply event_stream_head() {
  reply head{200, "text/event-stream", {}, {{"X-Accel-Buffering", "no"}}};
  head.streams = true;
  return head;
}

void append_event(std::string& out, std::optional<uint64_t> id, std::string_view name,
                  std::string_view data) {
  if (id)
    out.append("id: ").append(std::to_string(*id)).append("\n");
  out.append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
}

void append_position(std::string& out, uint64_t id) {
  out.append("id: ").append(std::to_string(id)).append("\n\n");
}

const std::string& event_texts::text_of(const event_record& event) {
  auto& slot = recent_[event.id % recent_.size()];
  if (slot.id != event.id || slot.text.empty()) {
    slot.id = event.id;
    slot.text.clear();
    append_event(slot.text, event.id, to_string(event.type), event_json(event));
  }
  return slot.text;
}

std::string_view event_texts::of(const event_slice_ptr& slice) {
  if (slice == last_)
    return bytes_;
  last_ = slice;
  bytes_.clear();
  if (slice->gap)
    append_event(bytes_, std::nullopt, "gap", "{}");
  for (const auto& event : slice->events)
    bytes_ += text_of(event);
  return bytes_;
}

void append_log_event(std::string& out, const log_record& line) {
  std::string data;
  json_writer w(data);
  w.begin_object();
  w.key("at").string(to_rfc3339(line.at));
  w.key("attempt").integer(line.attempt);
  w.key("line").string(line.text);
  w.end_object();
  append_event(out, static_cast<uint64_t>(line.number), "log", data);
}

void append_end_event(std::string& out, std::optional<task_state> state) {
  std::string data;
  json_writer w(data);
  w.begin_object();
  w.key("state");
  if (state)
    w.string(to_string(*state));
  else
    w.null();
  w.end_object();
  append_event(out, std::nullopt, "end", data);
}

} // namespace errand
