#include "store/queue_rules.hpp"

namespace errand {

void queue_rules::load(std::string_view queue, queue_settings settings) {
  set(queue, std::move(settings));
}

const queue_settings& queue_rules::of(std::string_view queue) const {
  static const queue_settings defaults;
  const auto found = settings_.find(queue);
  return found == settings_.end() ? defaults : found->second;
}

std::vector<std::string> queue_rules::names() const {
  std::vector<std::string> names;
  for (const auto& [name, settings] : settings_)
    names.push_back(name);
  return names;
}

void queue_rules::put(std::string_view queue, const queue_settings& settings) {
  const auto found = settings_.find(queue);
  std::optional<queue_settings> before;
  if (found != settings_.end())
    before = found->second;
  before_.emplace_back(queue, std::move(before));
  set(queue, settings);
}

void queue_rules::drop(std::string_view queue) {
  const auto found = settings_.find(queue);
  if (found == settings_.end())
    return;
  before_.emplace_back(queue, found->second);
  set(queue, std::nullopt);
}

void queue_rules::committed() {
  before_.clear();
}

void queue_rules::rolled_back() {
  for (auto change = before_.rbegin(); change != before_.rend(); ++change)
    set(change->first, change->second);
  before_.clear();
}

void queue_rules::set(std::string_view queue, const std::optional<queue_settings>& settings) {
  const auto found = settings_.find(queue);
  if (found != settings_.end()) {
    if (found->second.paused_until)
      ends_of_pauses_.erase({*found->second.paused_until, found->first});
    if (!settings) {
      settings_.erase(found);
      return;
    }
    found->second = *settings;
  } else if (settings) {
    settings_.emplace(queue, *settings);
  } else {
    return;
  }
  if (settings->paused_until)
    ends_of_pauses_.emplace(*settings->paused_until, queue);
}

std::optional<timestamp> queue_rules::next_end_of_pause() const {
  if (ends_of_pauses_.empty())
    return std::nullopt;
  return ends_of_pauses_.begin()->first;
}

std::vector<std::string> queue_rules::ended_pauses(timestamp now) const {
  std::vector<std::string> ended;
  for (const auto& [end, queue] : ends_of_pauses_) {
    if (end > now)
      break;
    ended.push_back(queue);
  }
  return ended;
}

} // namespace errand
