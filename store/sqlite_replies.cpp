// Replies that are given again to who sends a request twice.
#include "store/sqlite_store.hpp"

#include <vector>

namespace errand {

std::optional<kept_reply> sqlite_store::find_reply(const std::string& key, timestamp since) {
  return verb([&]() -> std::optional<kept_reply> {
    sqlite_execution row(sql_.find_reply, key, since);
    if (!row.next())
      return std::nullopt;
    return kept_reply{{key, row.bytes(0)},
                      static_cast<int>(row.integer(1)),
                      row.text(2),
                      row.text(3),
                      row.bytes(4)};
  });
}

bool sqlite_store::keep_reply(const kept_reply& reply, timestamp now) {
  return verb([&] {
    sqlite_execution(sql_.keep_reply, now, reply.mark.key, blob{reply.mark.fingerprint},
                     int64_t{reply.status}, reply.content_type, reply.headers, blob{reply.body})
        .run();
    return true;
  });
}

bool sqlite_store::write_probe(timestamp now) {
  // As a reply to nobody, since no key begins with a space: it is forgotten with the others.
  constexpr size_t bytes = 64 * 1024;
  return keep_reply({{" probe", {}}, 0, {}, {}, std::string(bytes, '.')}, now);
}

size_t sqlite_store::forget_replies(timestamp until, size_t max) {
  return verb([&] {
    std::vector<int64_t> expired;
    {
      sqlite_execution row(sql_.oldest_replies, static_cast<int64_t>(max));
      while (row.next())
        if (row.time(1) <= until)
          expired.push_back(row.integer(0));
    }
    for (const auto seq : expired)
      sqlite_execution(sql_.forget_reply, seq).run();
    return expired.size();
  });
}

} // namespace errand
