// The settings of all queues, as the writer knows them in memory: what is in the table `queues`,
// plus what the open transaction changes. So a claim asks nobody. Writer's thread only.
#pragma once

#include "store/queues.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace errand {

class queue_rules {
public:
  /// A row of the table, before any transaction.
  void load(std::string_view queue, queue_settings settings);

  /// The defaults, if the queue has no settings of its own. Valid until those change.
  const queue_settings& of(std::string_view queue) const;

  bool has(std::string_view queue) const { return settings_.contains(queue); }
  size_t size() const { return settings_.size(); }
  std::vector<std::string> names() const;

  /// What the transaction changes.
  void put(std::string_view queue, const queue_settings& settings);
  void drop(std::string_view queue);

  /// The transaction came to its end: what it changed stays, or is forgotten.
  void committed();
  void rolled_back();

  /// When the next pause ends by itself.
  std::optional<timestamp> next_end_of_pause() const;

  /// The queues whose pauses have ended by themselves, the earliest first.
  std::vector<std::string> ended_pauses(timestamp now) const;

  /// What the configuration says of queues, for as long as the server runs.
  void preset(std::map<std::string, queue_settings> presets) { presets_ = std::move(presets); }
  const std::map<std::string, queue_settings>& presets() const { return presets_; }

private:
  struct text_hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  void set(std::string_view queue, const std::optional<queue_settings>& settings);

  std::unordered_map<std::string, queue_settings, text_hash, std::equal_to<>> settings_;
  std::set<std::pair<timestamp, std::string>> ends_of_pauses_;
  std::map<std::string, queue_settings> presets_;

  /// What the transaction changed, as it was before, in order.
  std::vector<std::pair<std::string, std::optional<queue_settings>>> before_;
};

} // namespace errand
