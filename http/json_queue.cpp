#include "http/json_queue.hpp"

#include "http/flat_reader.hpp"

#include <algorithm>
#include <array>

namespace errand {

namespace {

constexpr std::string_view settings_rule = "a JSON object such as {\"concurrency\": 4}";
constexpr std::string_view pause_rule =
    "a JSON object such as {\"until\": \"2026-11-22T21:00:00Z\"}, or nothing";
constexpr std::string_view boolean_rule = "true or false";
constexpr std::string_view until_rule =
    "an RFC 3339 time such as \"2026-11-22T21:00:00Z\", or null";

using fault = std::optional<std::string>;

/// An integer or null.
auto take_limit(std::optional<int64_t>& into, fault (*why_not)(int64_t), std::string_view rule) {
  return [&into, why_not, rule](const flat_value& value) -> fault {
    into.reset();
    if (value.is_null())
      return std::nullopt;
    const auto n = value.integer();
    if (!n)
      return not_as_ruled(value, rule);
    into = n;
    return why_not(*n);
  };
}

/// A time or null.
auto take_time(std::optional<timestamp>& into) {
  return [&into](const flat_value& value) -> fault {
    into.reset();
    if (value.is_null())
      return std::nullopt;
    if (value.is_string())
      into = parse_rfc3339(value.text);
    if (!into)
      return not_as_ruled(value, until_rule);
    return std::nullopt;
  };
}

auto take_number(std::optional<double>& into, fault (*why_not)(double), std::string_view rule) {
  return [&into, why_not, rule](const flat_value& value) -> fault {
    if (!value.is_number())
      return not_as_ruled(value, rule);
    into = value.number;
    return why_not(value.number);
  };
}

void write_tallies(json_writer& w, std::string_view name, const tallies& counted) {
  w.key(name).begin_object();
  for (const auto what : all_tallies)
    w.key(to_string(what)).integer(static_cast<int64_t>(counted[what]));
  w.end_object();
}

} // namespace

decoded_settings decode_queue_settings(std::string_view body) {
  queue_settings settings;
  bool has_rate = false;
  std::optional<int64_t> limit;
  std::optional<double> per, weight;
  const auto fields = std::to_array<flat_field>({
      {"concurrency", concurrency_rule,
       take_limit(settings.concurrency, concurrency_fault, concurrency_rule)},
      {"group_concurrency", concurrency_rule,
       take_limit(settings.group_concurrency, concurrency_fault, concurrency_rule)},
      {"rate", rate_rule,
       [&](const flat_value& value) -> fault {
         has_rate = value.type == flat_value::what::object;
         if (!has_rate && !value.is_null())
           return not_as_ruled(value, rate_rule);
         return std::nullopt;
       }},
      {"rate/limit", rate_count_rule,
       [&](const flat_value& value) -> fault {
         limit = value.integer();
         if (!limit)
           return not_as_ruled(value, rate_count_rule);
         return rate_count_fault(*limit);
       }},
      {"rate/per_s", rate_period_rule, take_number(per, rate_period_fault, rate_period_rule)},
      {"weight", weight_rule, take_number(weight, weight_fault, weight_rule)},
      {"paused", boolean_rule,
       [&](const flat_value& value) -> fault {
         if (!value.boolean())
           return not_as_ruled(value, boolean_rule);
         settings.paused = *value.boolean();
         return std::nullopt;
       }},
      {"paused_until", until_rule, take_time(settings.paused_until)},
  });
  const auto check = [&](bool all_good) {
    std::vector<field_error> faults;
    if (!all_good)
      return faults;
    if (has_rate && !limit)
      faults.push_back({"/rate/limit", "is missing; it must be " + std::string(rate_count_rule)});
    if (has_rate && !per)
      faults.push_back({"/rate/per_s", "is missing; it must be " + std::string(rate_period_rule)});
    if (settings.paused_until && !settings.paused)
      faults.push_back({"/paused_until", "is given, but paused is not true; send both or neither"});
    return faults;
  };
  if (auto why = read_flat_object(body, settings_rule, "a queue's settings", fields, check))
    return std::move(*why);
  if (limit && per)
    settings.rate = rate_limit{*limit, duration_of(*per)};
  settings.weight = weight.value_or(settings.weight);
  return settings;
}

decoded_pause decode_pause(std::string_view body) {
  std::optional<timestamp> until;
  if (body.empty())
    return until;
  const auto fields = std::to_array<flat_field>({{"until", until_rule, take_time(until)}});
  if (auto why = read_flat_object(body, pause_rule, "a pause", fields,
                                  [](bool) { return std::vector<field_error>(); }))
    return std::move(*why);
  return until;
}

void write_queue_settings(json_writer& w, const queue_settings& settings) {
  w.key("concurrency").integer_if_any(settings.concurrency);
  w.key("group_concurrency").integer_if_any(settings.group_concurrency);
  w.key("rate");
  if (settings.rate) {
    w.begin_object();
    w.key("limit").integer(settings.rate->limit);
    w.key("per_s").seconds(settings.rate->per);
    w.end_object();
  } else {
    w.null();
  }
  w.key("weight").number(settings.weight);
  w.key("paused").boolean(settings.paused);
  w.key("paused_until").time(settings.paused_until);
}

std::string encode_settings(std::string_view queue, const queue_settings& settings) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.key("name").string(queue);
  write_queue_settings(w, settings);
  w.end_object();
  return out;
}

void write_queue(json_writer& w, const queue_view& queue, const activity& recent, timestamp now) {
  w.begin_object();
  w.key("name").string(queue.name);
  write_queue_settings(w, queue.settings);
  write_counts(w, queue.counts);
  write_age(w, queue.oldest_queued, now);
  write_activity(w, recent);
  w.end_object();
}

void write_activity(json_writer& w, const activity& recent) {
  write_tallies(w, "last_minute", recent.last_minute);
  write_tallies(w, "last_hour", recent.last_hour);
  write_summary(w, "wait_s", recent.waited);
  write_summary(w, "run_s", recent.ran);
}

void write_summary(json_writer& w, std::string_view name, const duration_summary& durations) {
  w.key(name).begin_object();
  w.key("count").integer(static_cast<int64_t>(durations.count));
  w.key("p50").seconds_if_any(durations.p50);
  w.key("p95").seconds_if_any(durations.p95);
  w.key("p99").seconds_if_any(durations.p99);
  w.end_object();
}

void write_counts(json_writer& w, const std::map<task_state, int64_t>& counts) {
  w.key("counts").begin_object();
  for (const auto state : all_task_states) {
    const auto found = counts.find(state);
    w.key(to_string(state)).integer(found == counts.end() ? 0 : found->second);
  }
  w.end_object();
}

void write_age(json_writer& w, std::optional<timestamp> oldest_queued, timestamp now) {
  std::optional<duration> age;
  if (oldest_queued)
    age = std::max(duration{0}, now - *oldest_queued);
  w.key("oldest_queued_age_s").seconds_if_any(age);
}

} // namespace errand
