#include "server/lookups.hpp"

#include "http/json_codec.hpp"

namespace errand {

status_or<std::vector<upstream_result>>
handler_lookups::upstream_results(const task_id& downstream) {
  const std::lock_guard lock{mutex_};
  return reader_->upstream_results(downstream);
}

status_or<std::optional<std::string>> handler_lookups::final_task(const task_id& id) {
  const auto found = [&] {
    const std::lock_guard lock{mutex_};
    return reader_->get(id);
  }();
  if (!found.ok())
    return found.why();
  std::optional<std::string> text;
  if (is_final(found->state))
    text = encode_task(*found, true);
  return text;
}

} // namespace errand
