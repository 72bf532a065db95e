#include "http/json_queue.hpp"

namespace errand {

namespace {

void write_limit(json_writer& w, std::string_view name, const std::optional<int64_t>& limit) {
  w.key(name);
  if (limit)
    w.integer(*limit);
  else
    w.null();
}

} // namespace

void write_queue_settings(json_writer& w, const queue_settings& settings) {
  write_limit(w, "concurrency", settings.concurrency);
  write_limit(w, "group_concurrency", settings.group_concurrency);
  w.key("rate");
  if (settings.rate) {
    w.begin_object();
    w.key("limit").integer(settings.rate->limit);
    w.key("per_s").seconds(settings.rate->per);
    w.end_object();
  } else {
    w.null();
  }
  w.key("weight").number(settings.weight);
  w.key("paused").boolean(settings.paused);
  w.key("paused_until");
  if (settings.paused_until)
    w.string(to_rfc3339(*settings.paused_until));
  else
    w.null();
}

} // namespace errand
