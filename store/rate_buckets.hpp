// How many attempts the queues that have a rate may start now: one token bucket each, filled by
// the passing of time. Kept in the store with the queue's settings, so that a restart does not
// fill them. A bucket whose time lies ahead, because the clock was put back, fills from the first
// look at it on. Writer's thread only.
#pragma once

#include "task/queue_settings.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

class rate_buckets {
public:
  /// As it was kept. A queue of which nothing was kept has a full bucket.
  void load(std::string_view queue, double tokens, timestamp at);

  int64_t available(std::string_view queue, const rate_limit& rate, timestamp now);

  /// When the next one is available. Nothing if one is now.
  std::optional<timestamp> next_at(std::string_view queue, const rate_limit& rate, timestamp now);

  /// Takes one out. Precondition: one is available.
  void take(std::string_view queue, const rate_limit& rate, timestamp now);
  /// Puts one back, for an attempt that did not begin after all.
  void put_back(std::string_view queue, const rate_limit& rate, timestamp now);

  /// Fills it.
  void forget(std::string_view queue);

  struct row {
    std::string_view queue;
    double tokens;
    timestamp at;
  };

  /// What the transaction changed, or found ahead of the clock. Valid until the next change or
  /// look.
  std::vector<row> changed() const;
  void committed();
  void rolled_back();

private:
  struct bucket {
    double tokens = 0;
    timestamp at{}; ///< So many there were then.
  };

  double tokens_at(std::string_view queue, const rate_limit& rate, timestamp now);
  void set(std::string_view queue, double tokens, timestamp now);
  void keep_before(std::string_view queue);

  std::map<std::string, bucket, std::less<>> buckets_;

  /// What the transaction has changed, as it was before; nothing if there was no bucket.
  std::map<std::string, std::optional<bucket>, std::less<>> before_;
};

} // namespace errand
