#include "server/named_tables.hpp"

#include "server/named_options.hpp"
#include "server/nearest_name.hpp"

#include <algorithm>

namespace errand {

namespace {

constexpr std::string_view queues_table = "queues";
constexpr std::string_view workers_table = "workers";

/// What stands behind the table's name: "rate.limit".
std::string rest_of(const config_entry& entry) {
  std::string rest;
  for (size_t i = 2; i < entry.path.size(); ++i)
    rest += (rest.empty() ? "" : ".") + entry.path[i];
  return rest;
}

template <class Target>
void print(const std::map<std::string, Target>& tables, std::string_view family,
           std::span<const named_field<Target>> fields, const loaded_settings& settings,
           std::string& text) {
  for (const auto& [name, target] : tables) {
    const auto table = table_name(family, name);
    text += "\n[" + table + "]\n";
    for (const auto& field : fields) {
      const auto value = field.shown(target);
      if (!value)
        continue;
      const auto origin = settings.named_origins.find(table + '.' + std::string(field.key));
      auto line = std::string(field.key) + " = " + *value;
      line.resize(std::max<size_t>(line.size(), 32), ' ');
      text += line + " # " + (origin == settings.named_origins.end() ? "default" : origin->second)
              + "\n";
    }
  }
}

} // namespace

bool named_tables::take(const config_entry& entry) {
  const auto& path = entry.path;
  const bool is_table = entry.is_empty_table;
  if (path[0] == queues_table) {
    if (path.size() == 1 || (path.size() == 2 && !is_table))
      refuse_table(entry);
    else
      read_into(loaded_.options.queues, entry, queue_fields());
    return true;
  }
  if (path[0] != workers_table)
    return false;
  if (path.size() == 1) {
    if (!is_table)
      error(entry.value_place,
            "workers is " + described(entry.value)
                + ", but must be a table: write [workers] and, below it, count = "
                + (std::holds_alternative<int64_t>(entry.value) ? described(entry.value) : "4"));
    return true;
  }
  if (path.size() == 2 && path[1] == "count")
    return false; // a setting like others
  if (path.size() == 2 && !is_table) {
    const std::vector<std::string> known{"workers.count"};
    error(entry.key_place, "there is no setting " + entry.key
                               + did_you_mean(entry.key, known, workers_table.size() + 1)
                               + "; a pool of workers is a table [workers.NAME]");
    return true;
  }
  read_into(loaded_.options.pools, entry, pool_fields());
  return true;
}

void named_tables::refuse_table(const config_entry& entry) {
  if (entry.is_empty_table)
    return;
  error(entry.value_place, entry.key + " must be a table: a line ["
                               + (entry.path.size() == 1 ? entry.key + ".NAME" : entry.key)
                               + "] and its keys below");
}

template <class Target, class Fields>
void named_tables::read_into(std::map<std::string, Target>& tables, const config_entry& entry,
                             Fields fields) {
  const bool is_queue = entry.path[0] == queues_table;
  const auto& name = entry.path[1];
  const auto table = table_name(entry.path[0], name);
  auto& all_seen = is_queue ? queues_ : pools_;
  const bool is_first = !all_seen.contains(name);
  auto& seen = all_seen[name];
  if (is_first) {
    seen.place = entry.key_place;
    if (auto fault = is_queue ? queue_name_fault(name) : pool_name_fault(name))
      error(seen.place, table + ' ' + *fault);
  }
  auto& target = tables[name];
  const auto rest = rest_of(entry);
  if (rest.empty())
    return; // the table is there, and empty
  seen.keys.insert(rest);
  std::vector<std::string> known;
  bool has_parts = false;
  for (const auto& field : fields) {
    known.push_back(table + '.' + std::string(field.key));
    has_parts |= field.key.starts_with(rest + '.');
    if (field.key != rest)
      continue;
    if (field.read(entry.value, target))
      loaded_.named_origins[table + '.' + rest] = entry.value_place;
    else
      error(entry.value_place, entry.key + " is " + described(entry.value) + ", but must be "
                                   + std::string(field.allowed));
    return;
  }
  if (has_parts)
    error(entry.value_place, entry.key + " is " + described(entry.value)
                                 + ", but must be a table such as {limit = 10, per_s = 1}");
  else
    error(entry.key_place,
          "there is no setting " + entry.key + did_you_mean(entry.key, known, table.size() + 1));
}

void named_tables::finish() {
  for (const auto& [name, seen] : queues_)
    if (seen.keys.contains("rate.limit") != seen.keys.contains("rate.per_s"))
      error(seen.place, table_name(queues_table, name) + ".rate must have both limit and per_s");
  for (const auto& [name, seen] : pools_) {
    const auto table = table_name(workers_table, name);
    if (!seen.keys.contains("count"))
      error(seen.place,
            table + ".count is missing; it must be " + std::string(pool_fields().front().allowed));
    if (!seen.keys.contains("queues") && !seen.keys.contains("kinds"))
      error(seen.place, table + ' ' + *pool_fault({}));
  }
  if (pools_.size() > max_pools)
    error(pools_.begin()->second.place, "there are " + std::to_string(pools_.size())
                                            + " pools of workers, but may be at most "
                                            + std::to_string(max_pools));
  if (queues_.size() > max_preset_queues)
    error(queues_.begin()->second.place, "there are settings of " + std::to_string(queues_.size())
                                             + " queues, but may be of at most "
                                             + std::to_string(max_preset_queues));
}

void named_tables::error(const std::string& place, const std::string& text) {
  loaded_.errors.push_back(place + ": " + text);
}

std::string named_tables_to_toml(const loaded_settings& settings) {
  std::string text;
  print<WorkerPool>(settings.options.pools, workers_table, pool_fields(), settings, text);
  print<QueueOptions>(settings.options.queues, queues_table, queue_fields(), settings, text);
  return text;
}

} // namespace errand
