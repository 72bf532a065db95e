// What queues are told. A row that holds nothing but defaults is spared, unless it stands against
// what the configuration says of its queue.
#include "store/queue_row.hpp"
#include "store/sqlite_store.hpp"

#include <utility>

namespace errand {

namespace {

/// Why a pause can't end then, if so.
std::optional<status> end_fault(const queue_order& order, timestamp now) {
  const bool is_pause = order.order == queue_order::what::pause;
  const auto& end = is_pause ? order.until : order.settings.paused_until;
  if (!end || *end > now)
    return std::nullopt;
  return status(std::vector<field_error>{
      {is_pause ? "/until" : "/paused_until",
       "is " + to_rfc3339(*end) + ", which has passed; it must lie ahead"}});
}

queue_settings told(const queue_order& order, queue_settings settings) {
  switch (order.order) {
  case queue_order::what::put:
    return order.settings;
  case queue_order::what::pause:
    settings.paused = true;
    settings.paused_until = order.until;
    break;
  case queue_order::what::resume:
    settings.paused = false;
    settings.paused_until.reset();
    break;
  }
  return settings;
}

} // namespace

void sqlite_store::load_queues() {
  sqlite_statement all(connection_, std::string("SELECT name, ") + queue_columns + " FROM queues");
  sqlite_execution row(all);
  while (row.next())
    queues_.load(row.text(0), read_queue_settings(row, 1));
}

std::optional<status_or<queue_change>> sqlite_store::configure_queue(const queue_order& order,
                                                                     timestamp now) {
  return verb([&]() -> std::optional<status_or<queue_change>> {
    if (auto fault = end_fault(order, now))
      return std::move(*fault);
    const auto before = queues_.of(order.queue);
    auto after = told(order, before);
    if (!after.paused)
      after.paused_until.reset();
    if (after == before)
      return queue_change{before, after};
    if (!queues_.has(order.queue) && queues_.size() >= max_configured_queues)
      return status(ec::invalid, std::to_string(max_configured_queues)
                                     + " queues have settings of their own, which is the maximum;"
                                       " give one of them the defaults first");
    write_queue(order.queue, after);
    return queue_change{before, after};
  });
}

/// By the API: from then on the row stands against the configuration, unless both say the same.
void sqlite_store::write_queue(const std::string& queue, const queue_settings& settings) {
  const auto preset = queues_.presets().find(queue);
  const bool is_preset = preset != queues_.presets().end();
  if (settings == queue_settings{} && !is_preset)
    drop_queue(queue);
  else
    put_queue(queue, settings, is_preset && preset->second == settings);
}

void sqlite_store::put_queue(const std::string& queue, const queue_settings& settings,
                             bool is_preset) {
  std::optional<int64_t> limit;
  std::optional<duration> per;
  if (settings.rate) {
    limit = settings.rate->limit;
    per = settings.rate->per;
  }
  sqlite_execution(sql_.put_queue, queue, settings.concurrency, settings.group_concurrency, limit,
                   per, settings.weight, int64_t{settings.paused}, settings.paused_until,
                   int64_t{is_preset})
      .run();
  limits_change(queue, queues_.of(queue), settings);
  queues_.put(queue, settings);
}

void sqlite_store::drop_queue(const std::string& queue) {
  sqlite_execution(sql_.drop_queue, queue).run();
  limits_change(queue, queues_.of(queue), {});
  queues_.drop(queue);
}

bool sqlite_store::preset_queues(const std::map<std::string, queue_settings>& presets) {
  return verb([&] {
    queues_.preset(presets);
    std::vector<std::string> to_drop;
    {
      sqlite_execution row(sql_.queue_origins);
      while (row.next()) {
        const auto name = row.text(0);
        const bool follows = row.integer(1) != 0;
        if (!presets.contains(name) && (follows || queues_.of(name) == queue_settings{}))
          to_drop.push_back(name);
      }
    }
    for (const auto& name : to_drop)
      drop_queue(name);
    for (const auto& [name, settings] : presets) {
      sqlite_execution row(sql_.queue_origin, name);
      if (row.next() && row.integer(0) == 0)
        continue; // a client has said otherwise since
      if (queues_.of(name) != settings || !queues_.has(name))
        put_queue(name, settings, true);
    }
    return true;
  });
}

std::vector<resumed_queue> sqlite_store::end_pauses(timestamp now) {
  return verb([&] {
    std::vector<resumed_queue> resumed;
    for (const auto& queue : queues_.ended_pauses(now)) {
      const auto settings = told({queue, queue_order::what::resume}, queues_.of(queue));
      write_queue(queue, settings);
      resumed.push_back({queue, settings});
    }
    return resumed;
  });
}

} // namespace errand
