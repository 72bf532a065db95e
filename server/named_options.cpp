#include "server/named_options.hpp"

#include "server/printable.hpp"
#include "task/queue_settings.hpp"
#include "task/spec_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace errand {

namespace {

constexpr std::string_view limit_allowed = "a whole number from 1 to 1000000";
constexpr std::string_view names_allowed =
    "an array of names, each 1 to 128 of A-Z, a-z, 0-9 and ._:/-, such as [\"mail\"]";
constexpr std::string_view name_allowed = "1 to 128 of A-Z, a-z, 0-9 and ._:/-";

constexpr int64_t max_pool_workers = 1024;

std::string shown_number(double number) {
  char digits[32];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

std::optional<double> number_in(const given_value& value) {
  if (const auto* whole = std::get_if<int64_t>(&value))
    return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&value))
    return *number;
  return std::nullopt;
}

template <class T>
const T* foreign(const given_value& value) {
  const auto* other = std::get_if<foreign_value>(&value);
  return other ? std::get_if<T>(&other->content) : nullptr;
}

bool are_names(const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [](const auto& name) { return is_name(name); });
}

// -- Queues

/// A limit, which an optional member of QueueOptions holds.
template <std::optional<int64_t> QueueOptions::*Member>
constexpr named_field<QueueOptions> limit(std::string_view key) {
  return {key, limit_allowed,
          [](const given_value& value, QueueOptions& queue) {
            const auto* n = std::get_if<int64_t>(&value);
            if (!n || concurrency_fault(*n))
              return false;
            queue.*Member = *n;
            return true;
          },
          [](const QueueOptions& queue) {
            std::optional<std::string> text;
            if (queue.*Member)
              text = std::to_string(*(queue.*Member));
            return text;
          },
          [](const QueueOptions& queue) {
            return !(queue.*Member) || !concurrency_fault(*(queue.*Member));
          }};
}

RateLimit& rate_of(QueueOptions& queue) {
  return queue.rate ? *queue.rate : queue.rate.emplace();
}

constexpr std::array queue_table{
    limit<&QueueOptions::concurrency>("concurrency"),
    limit<&QueueOptions::group_concurrency>("group_concurrency"),
    named_field<QueueOptions>{"rate.limit", limit_allowed,
                              [](const given_value& value, QueueOptions& queue) {
                                const auto* n = std::get_if<int64_t>(&value);
                                if (!n || rate_count_fault(*n))
                                  return false;
                                rate_of(queue).limit = *n;
                                return true;
                              },
                              [](const QueueOptions& queue) {
                                std::optional<std::string> text;
                                if (queue.rate)
                                  text = std::to_string(queue.rate->limit);
                                return text;
                              },
                              [](const QueueOptions& queue) {
                                return !queue.rate || !rate_count_fault(queue.rate->limit);
                              }},
    named_field<QueueOptions>{"rate.per_s", "seconds from 0.000001 to 2592000 (30 days)",
                              [](const given_value& value, QueueOptions& queue) {
                                const auto number = number_in(value);
                                if (!number || rate_period_fault(*number))
                                  return false;
                                rate_of(queue).per = Seconds(*number);
                                return true;
                              },
                              [](const QueueOptions& queue) {
                                std::optional<std::string> text;
                                if (queue.rate)
                                  text = shown_number(queue.rate->per.count());
                                return text;
                              },
                              [](const QueueOptions& queue) {
                                return !queue.rate || !rate_period_fault(queue.rate->per.count());
                              }},
    named_field<QueueOptions>{
        "weight", weight_rule,
        [](const given_value& value, QueueOptions& queue) {
          const auto number = number_in(value);
          if (!number || weight_fault(*number))
            return false;
          queue.weight = *number;
          return true;
        },
        [](const QueueOptions& queue) { return std::optional(shown_number(queue.weight)); },
        [](const QueueOptions& queue) { return !weight_fault(queue.weight); }},
    named_field<QueueOptions>{"paused", "true or false",
                              [](const given_value& value, QueueOptions& queue) {
                                const auto* paused = foreign<bool>(value);
                                if (paused)
                                  queue.paused = *paused;
                                return paused != nullptr;
                              },
                              [](const QueueOptions& queue) {
                                return std::optional<std::string>(queue.paused ? "true" : "false");
                              },
                              [](const QueueOptions&) { return true; }},
};

// -- Pools

template <std::vector<std::string> WorkerPool::*Member>
constexpr named_field<WorkerPool> names(std::string_view key) {
  return {key, names_allowed,
          [](const given_value& value, WorkerPool& pool) {
            const auto* given = foreign<std::vector<std::string>>(value);
            if (!given || given->empty() || !are_names(*given))
              return false;
            pool.*Member = *given;
            return true;
          },
          [](const WorkerPool& pool) {
            std::optional<std::string> text;
            for (const auto& name : pool.*Member)
              text = (text ? *text + ", " : "[") + string_literal(name);
            if (text)
              *text += ']';
            return text;
          },
          [](const WorkerPool& pool) { return are_names(pool.*Member); }};
}

constexpr std::array pool_table{
    named_field<WorkerPool>{
        "count", "a whole number from 0 to 1024",
        [](const given_value& value, WorkerPool& pool) {
          const auto* n = std::get_if<int64_t>(&value);
          if (!n || *n < 0 || *n > max_pool_workers)
            return false;
          pool.count = static_cast<size_t>(*n);
          return true;
        },
        [](const WorkerPool& pool) { return std::optional(std::to_string(pool.count)); },
        [](const WorkerPool& pool) { return pool.count <= static_cast<size_t>(max_pool_workers); }},
    names<&WorkerPool::queues>("queues"),
    names<&WorkerPool::kinds>("kinds"),
};

std::string quoted_part(std::string_view name) {
  const bool is_bare = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '-';
  });
  return is_bare ? std::string(name) : string_literal(name);
}

template <class Target>
void check_all(const std::map<std::string, Target>& tables, std::string_view family,
               std::span<const named_field<Target>> fields,
               std::optional<std::string> (*name_fault_of)(std::string_view),
               std::vector<std::string>& wrong) {
  for (const auto& [name, target] : tables) {
    const auto table = "option " + table_name(family, name);
    if (auto fault = name_fault_of(name))
      wrong.push_back(table + ' ' + *fault);
    for (const auto& field : fields)
      if (!field.is_good(target))
        wrong.push_back(table + '.' + std::string(field.key) + " is "
                        + field.shown(target).value_or("not set") + ", but must be "
                        + std::string(field.allowed));
  }
}

} // namespace

std::span<const named_field<QueueOptions>> queue_fields() {
  return queue_table;
}

std::span<const named_field<WorkerPool>> pool_fields() {
  return pool_table;
}

std::optional<std::string> pool_fault(const WorkerPool& pool) {
  if (!pool.queues.empty() || !pool.kinds.empty())
    return std::nullopt;
  return "serves nothing: name its queues, its kinds, or both";
}

std::optional<std::string> queue_name_fault(std::string_view name) {
  if (is_name(name))
    return std::nullopt;
  return "can't be a queue: its name must be " + std::string(name_allowed);
}

std::optional<std::string> pool_name_fault(std::string_view name) {
  if (name == "count")
    return "can't be a pool: workers.count is how many workers the default pool has; choose"
           " another name";
  if (name == default_pool)
    return "can't be a pool: it is what serves all that no pool does; choose another name";
  if (is_name(name))
    return std::nullopt;
  return "can't be a pool: its name must be " + std::string(name_allowed);
}

std::string table_name(std::string_view family, std::string_view name) {
  return std::string(family) + '.' + quoted_part(name);
}

std::vector<std::string> wrong_named_options(const Options& options) {
  std::vector<std::string> wrong;
  check_all<WorkerPool>(options.pools, "workers", pool_fields(), pool_name_fault, wrong);
  for (const auto& [name, pool] : options.pools)
    if (auto fault = pool_fault(pool))
      wrong.push_back("option " + table_name("workers", name) + ' ' + *fault);
  if (options.pools.size() > max_pools)
    wrong.push_back("option pools has " + std::to_string(options.pools.size())
                    + " pools, but may have at most " + std::to_string(max_pools));
  check_all<QueueOptions>(options.queues, "queues", queue_fields(), queue_name_fault, wrong);
  if (options.queues.size() > max_preset_queues)
    wrong.push_back("option queues has " + std::to_string(options.queues.size())
                    + " queues, but may have at most " + std::to_string(max_preset_queues));
  return wrong;
}

} // namespace errand
