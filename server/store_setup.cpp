#include "server/store_setup.hpp"

namespace errand {

namespace {

/// What lies beyond three centuries, infinity too, is for ever, and no matter for a 64-bit time.
std::optional<duration> kept_for(Seconds age) {
  constexpr Seconds for_ever{1e10};
  if (age >= for_ever)
    return std::nullopt;
  return std::chrono::round<duration>(age);
}

queue_settings to_store(const QueueOptions& options) {
  queue_settings settings;
  settings.concurrency = options.concurrency;
  settings.group_concurrency = options.group_concurrency;
  if (options.rate)
    settings.rate = rate_limit{options.rate->limit, duration_of(options.rate->per.count())};
  settings.weight = options.weight;
  settings.paused = options.paused;
  return settings;
}

} // namespace

retention to_store(const RetentionOptions& options) {
  return {kept_for(options.succeeded), kept_for(options.failed)};
}

status preset_queues(store& db, const std::map<std::string, QueueOptions>& options) {
  std::map<std::string, queue_settings> presets;
  for (const auto& [name, queue] : options)
    presets.emplace(name, to_store(queue));
  if (auto begun = db.begin(); !begun.ok())
    return begun;
  db.preset_queues(presets);
  return db.commit();
}

} // namespace errand
