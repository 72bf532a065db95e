#include "task/schedule.hpp"

#include "task/spec_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace errand {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::array missed_policies = {missed_policy::skip, missed_policy::run_once,
                                        missed_policy::run_all};
constexpr std::array overlap_policies = {overlap_policy::allow, overlap_policy::skip,
                                         overlap_policy::cancel_previous};

template <class Value>
std::optional<Value> parse(std::string_view word, const auto& values) {
  for (const auto value : values)
    if (to_string(value) == word)
      return value;
  return std::nullopt;
}

std::optional<std::string> message_of(const status& result) {
  if (result.ok())
    return std::nullopt;
  return result.message();
}

civil_time civil(sys_seconds time, seconds offset) {
  return civil_time(time.time_since_epoch() + offset);
}

} // namespace

status_or<timing> timing::of(const schedule_spec& spec, timestamp anchor) {
  timing made;
  made.every_ = spec.every;
  made.anchor_ = anchor;
  if (spec.every > duration{0})
    return made;
  const auto expression = cron::parse(spec.cron);
  if (!expression.ok())
    return status({{"/cron", expression.why().message()}});
  const auto zone = errand::time_zone::find(spec.time_zone);
  if (!zone.ok())
    return status({{"/time_zone", zone.why().message()}});
  made.cron_ = *expression;
  made.zone_ = *zone;
  return made;
}

std::optional<timestamp> timing::next(timestamp after) const {
  if (every_ > duration{0}) {
    if (after < anchor_)
      return anchor_ + every_;
    return anchor_ + ((after - anchor_) / every_ + 1) * every_;
  }
  return cron_.every_hour() ? next_as_it_passes(after) : next_by_name(after);
}

std::optional<timestamp> timing::next_by_name(timestamp after) const {
  const auto second = std::chrono::floor<seconds>(after);
  auto last = civil(second, zone_.at(second).offset);
  while (const auto found = cron_.next(last)) {
    const auto reading = zone_.read(*found);
    if (reading.time > after)
      return reading.time;
    // It was repeated, and its first passing is over; so is that of all that are repeated with it.
    last = std::max(*found, reading.repeated_until - seconds(1));
  }
  return std::nullopt;
}

std::optional<timestamp> timing::next_as_it_passes(timestamp after) const {
  auto from = std::chrono::floor<seconds>(after) + seconds(1);
  while (true) {
    const auto stretch = zone_.at(from);
    const auto found = cron_.next(civil(from, stretch.offset) - seconds(1));
    if (!found)
      return std::nullopt;
    const sys_seconds time(found->time_since_epoch() - stretch.offset);
    if (time < stretch.end)
      return time;
    from = stretch.end;
  }
}

/// Whether at most n nominal times lie after the one and up to the other.
bool timing::at_most(size_t n, timestamp after, timestamp until) const {
  for (size_t i = 0; i <= n; ++i) {
    const auto found = next(after);
    if (!found || *found > until)
      return true;
    after = *found;
  }
  return false;
}

timestamp timing::newest(timestamp first, timestamp until, size_t n) const {
  if (at_most(n - 1, first, until))
    return first;
  // After `few` there are at most n, after `many` are more. In the end no two nominal times fit
  // between them, so that the one that makes the difference is behind neither.
  auto many = first;
  auto few = until;
  while (few - many > min_every / 2) {
    const auto middle = many + (few - many) / 2;
    (at_most(n, middle, until) ? few : many) = middle;
  }
  return *next(few);
}

std::vector<timestamp> next_runs(const schedule& row, size_t n) {
  std::vector<timestamp> runs;
  const auto times = timing::of(row.spec, row.anchor);
  for (auto run = row.next_run_at; run && times.ok() && runs.size() < n; run = times->next(*run))
    runs.push_back(*run);
  return runs;
}

std::optional<std::string> every_fault(double every_s) {
  const auto limit = [](duration d) { return std::chrono::duration<double>(d).count(); };
  if (every_s >= limit(min_every) && every_s <= limit(max_every)) // false for NaN
    return std::nullopt;
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, every_s).ptr;
  return "is " + std::string(digits, end) + "; it must be " + std::string(every_rule);
}

std::optional<std::string> cron_fault(std::string_view text) {
  const auto parsed = cron::parse(text);
  return parsed.ok() ? std::nullopt : message_of(parsed.why());
}

std::optional<std::string> time_zone_fault(std::string_view name) {
  const auto found = errand::time_zone::find(name);
  return found.ok() ? std::nullopt : message_of(found.why());
}

std::vector<field_error> scheduled_task_faults(const task_spec& spec) {
  std::vector<field_error> faults;
  if (spec.run_at)
    faults.push_back({"/run_at", "is a moment, and each fire of a schedule has its own; leave it"
                                 " out, or give delay_s to run later than the fire"});
  if (spec.expires_at)
    faults.push_back({"/expires_at", "is a moment, and each fire of a schedule has its own; give"
                                     " expires_in_s, which counts from the fire"});
  if (!spec.after.empty())
    faults.push_back({"/after", "names tasks, which end once, and a schedule fires again and again;"
                                " leave it out"});
  return faults;
}

std::string_view to_string(missed_policy policy) {
  switch (policy) {
  case missed_policy::skip:
    return "skip";
  case missed_policy::run_once:
    return "run_once";
  case missed_policy::run_all:
    return "run_all";
  }
  return {};
}

std::string_view to_string(overlap_policy policy) {
  switch (policy) {
  case overlap_policy::allow:
    return "allow";
  case overlap_policy::skip:
    return "skip";
  case overlap_policy::cancel_previous:
    return "cancel_previous";
  }
  return {};
}

std::string_view to_string(fire_outcome::what outcome) {
  switch (outcome) {
  case fire_outcome::what::fired:
    return "fired";
  case fire_outcome::what::skipped:
    return "skipped";
  case fire_outcome::what::stalled:
    return "stalled";
  }
  return {};
}

std::optional<missed_policy> parse_missed_policy(std::string_view word) {
  return parse<missed_policy>(word, missed_policies);
}

std::optional<overlap_policy> parse_overlap_policy(std::string_view word) {
  return parse<overlap_policy>(word, overlap_policies);
}

} // namespace errand
