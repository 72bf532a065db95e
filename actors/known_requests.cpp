#include "actors/known_requests.hpp"

#include "task/utf8.hpp"

#include <utility>

namespace errand {

namespace {

status reused(const std::string& key) {
  return {
      ec::key_reused,
      "The Idempotency-Key " + quoted(key)
          + " has come with another request in the last 24 hours, and nothing was done now. Send "
            "what is new with a new key; to have the first answer again, send the first method, "
            "path and body."};
}

} // namespace

std::optional<answer_content> answer_to_known(store& db, const request_key& key, timestamp now) {
  auto found = db.find_reply(key.mark.key, now - reply_lifetime);
  if (!found)
    return std::nullopt;
  if (found->mark.fingerprint != key.mark.fingerprint)
    return reused(key.mark.key);
  return std::make_shared<const kept_reply>(std::move(*found));
}

void keep_reply(store& db, const kept_reply& reply, timestamp now) {
  db.forget_replies(now - reply_lifetime, replies_forgotten_at_once);
  db.keep_reply(reply, now);
}

} // namespace errand
