// Requests that come twice, with one Idempotency-Key: what the STORE makes of them within its open
// transaction, so that a reply is kept if and only if what it tells has happened.
#pragma once

#include "actors/messages.hpp"

#include <chrono>
#include <optional>

namespace errand {

/// So long is a reply given again; after that its key is as good as new.
inline constexpr std::chrono::hours reply_lifetime{24};

/// Expired replies that go whenever one is kept: more than one, so that what a busy day has left
/// dwindles, and few, so that nobody's request pays for that day.
inline constexpr size_t replies_forgotten_at_once = 2;

/// What a request with a known key is answered, instead of carrying it out: the reply to the first
/// one, or key_reused if that was another request. Nothing for a new key, or if the store failed.
std::optional<answer_content> answer_to_known(store& db, const request_key& key, timestamp now);

/// For the next reply_lifetime.
void keep_reply(store& db, const kept_reply& reply, timestamp now);

} // namespace errand
