#include "task/spec_rules.hpp"

#include "task/http_url.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace errand {

namespace {

/// A pointer's step is there to find the field by, not to send it back.
constexpr size_t max_step_size = 128;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
         || c == '_' || c == ':' || c == '/' || c == '-';
}

bool is_word(std::string_view text, size_t max_size) {
  return !text.empty() && text.size() <= max_size
         && std::all_of(text.begin(), text.end(), is_name_character);
}

std::string must_be(std::string offender, std::string_view rule) {
  return "is " + std::move(offender) + "; it must be " + std::string(rule);
}

/// A text that is too long is told with its size, since its end is what is wrong.
std::string shown(std::string_view text, size_t max_size) {
  auto out = quoted(text);
  if (text.size() > max_size)
    out += " (" + std::to_string(text.size()) + " bytes)";
  return out;
}

std::string shown(double number) {
  char digits[32];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

std::optional<std::string> text_fault(std::string_view text, size_t max_size,
                                      std::string_view rule) {
  if (!text.empty() && text.size() <= max_size && is_utf8(text) && has_no_control_characters(text))
    return std::nullopt;
  return must_be(shown(text, max_size), rule);
}

double in_seconds(duration time) {
  return std::chrono::duration<double>(time).count();
}

} // namespace

bool is_name(std::string_view text) {
  return is_word(text, max_name_size);
}

std::optional<std::string> name_fault(std::string_view kind_or_queue) {
  if (is_name(kind_or_queue))
    return std::nullopt;
  return must_be(shown(kind_or_queue, max_name_size), name_rule);
}

std::optional<std::string> kind_fault(std::string_view kind) {
  if (kind.starts_with(own_kinds_prefix))
    return "is " + quoted(kind)
           + ", and kinds that begin with \"errand.\" are the server's own; choose another name";
  return name_fault(kind);
}

std::optional<std::string> priority_fault(int64_t priority) {
  if (priority >= min_priority && priority <= max_priority)
    return std::nullopt;
  return must_be(std::to_string(priority), priority_rule);
}

std::optional<std::string> max_attempts_fault(int64_t n) {
  if (n >= 1 && n <= max_max_attempts)
    return std::nullopt;
  return must_be(std::to_string(n), max_attempts_rule);
}

std::optional<std::string> max_crashes_fault(int64_t n) {
  if (n >= 1 && n <= max_max_crashes)
    return std::nullopt;
  return must_be(std::to_string(n), max_crashes_rule);
}

std::optional<std::string> factor_fault(double factor) {
  if (factor >= 1 && factor <= max_factor)
    return std::nullopt;
  return must_be(shown(factor), factor_rule);
}

std::optional<std::string> jitter_fault(double jitter) {
  if (jitter >= 0 && jitter <= 1)
    return std::nullopt;
  return must_be(shown(jitter), jitter_rule);
}

std::optional<std::string> run_at_fault(timestamp run_at) {
  if (run_at >= timestamp{} && run_at < run_at_end)
    return std::nullopt;
  return must_be(std::to_string(run_at.time_since_epoch().count()) + " us since 1970", run_at_rule);
}

std::optional<std::string> tag_key_fault(std::string_view key) {
  if (is_word(key, max_tag_key_size))
    return std::nullopt;
  return "has the key " + shown(key, max_tag_key_size) + "; a key must be "
         + std::string(tag_key_rule);
}

std::optional<std::string> tag_value_fault(std::string_view value) {
  if (value.size() <= max_tag_value_size && is_utf8(value) && has_no_control_characters(value))
    return std::nullopt;
  return must_be(shown(value, max_tag_value_size), tag_value_rule);
}

std::optional<std::string> tag_count_fault(size_t count) {
  if (count <= max_tags)
    return std::nullopt;
  return "has " + std::to_string(count) + " tags; it must be " + std::string(tags_rule);
}

std::optional<std::string> group_fault(std::string_view group) {
  return text_fault(group, max_group_size, group_rule);
}

std::optional<std::string> unique_key_fault(std::string_view key) {
  return text_fault(key, max_unique_key_size, unique_key_rule);
}

std::optional<std::string> expires_in_fault(double seconds) {
  if (seconds > 0 && seconds <= in_seconds(max_delay))
    return std::nullopt;
  return must_be(shown(seconds), expires_in_rule);
}

std::optional<std::string> window_fault(double seconds) {
  if (seconds > 0 && seconds <= in_seconds(max_unique_window))
    return std::nullopt;
  return must_be(shown(seconds), window_rule);
}

std::optional<std::string> unique_fault(const unique_rule& rule) {
  const bool has_window = rule.window > duration::zero();
  if (has_window == (rule.until == unique_until::window))
    return std::nullopt;
  if (has_window)
    return R"(goes with "until": "window" alone; leave it out, or change until)";
  return R"(is missing; "until": "window" says for how long with it, )" + std::string(window_rule);
}

std::optional<std::string> expiry_fault(const task_spec& spec) {
  const bool after_both = spec.expires_at && spec.run_at && *spec.expires_at <= *spec.run_at;
  const bool within_delay =
      !spec.expires_at && !spec.run_at && spec.expires_in && *spec.expires_in <= spec.delay;
  if (after_both || within_delay)
    return "lies before the time at which the task may start; let it expire later, or start "
           "earlier";
  return std::nullopt;
}

std::optional<std::string> after_count_fault(size_t count) {
  if (count <= max_after)
    return std::nullopt;
  return "has " + std::to_string(count) + " elements; it must be " + std::string(after_rule)
         + "; let a few tasks come after some of them each, and this one after those";
}

std::optional<std::string> delay_fault(double seconds) {
  if (seconds >= 0 && seconds <= in_seconds(max_delay))
    return std::nullopt;
  return must_be(shown(seconds), delay_rule);
}

std::optional<std::string> timeout_fault(double seconds) {
  if (seconds > 0 && seconds <= in_seconds(max_timeout))
    return std::nullopt;
  return must_be(shown(seconds), timeout_rule);
}

std::optional<std::string> backoff_fault(double seconds) {
  if (seconds >= 0 && seconds <= in_seconds(max_max_backoff))
    return std::nullopt;
  return must_be(shown(seconds), backoff_rule);
}

std::optional<std::string> backoffs_fault(const retry_policy& policy) {
  if (policy.min_backoff <= policy.max_backoff)
    return std::nullopt;
  return "is " + shown(in_seconds(policy.min_backoff)) + ", more than max_backoff_s ("
         + shown(in_seconds(policy.max_backoff)) + "); lower it, or raise max_backoff_s";
}

duration duration_of(double seconds) {
  const duration rounded{std::llround(seconds * 1e6)};
  return seconds > 0 ? std::max(rounded, duration{1}) : rounded;
}

std::vector<field_error> spec_faults(const task_spec& spec) {
  std::vector<field_error> faults;
  const auto note = [&](std::string pointer, std::optional<std::string> fault) {
    if (fault)
      faults.push_back({std::move(pointer), std::move(*fault)});
  };
  note("/kind", kind_fault(spec.kind));
  note("/queue", name_fault(spec.queue));
  note("/priority", priority_fault(spec.priority));
  note("/delay_s", delay_fault(in_seconds(spec.delay)));
  note("/timeout_s", timeout_fault(in_seconds(spec.timeout)));
  note("/max_attempts", max_attempts_fault(spec.max_attempts));
  note("/max_crashes", max_crashes_fault(spec.max_crashes));
  note("/retry/min_backoff_s", backoff_fault(in_seconds(spec.retry.min_backoff)));
  note("/retry/max_backoff_s", backoff_fault(in_seconds(spec.retry.max_backoff)));
  note("/retry/min_backoff_s", backoffs_fault(spec.retry));
  note("/retry/factor", factor_fault(spec.retry.factor));
  note("/retry/jitter", jitter_fault(spec.retry.jitter));
  if (spec.run_at)
    note("/run_at", run_at_fault(*spec.run_at));
  if (spec.expires_at)
    note("/expires_at", run_at_fault(*spec.expires_at));
  if (spec.expires_in)
    note("/expires_in_s", expires_in_fault(in_seconds(*spec.expires_in)));
  note("/expires_at", expiry_fault(spec));
  if (!spec.callback_url.empty())
    note("/callback_url", http_url_fault(spec.callback_url));
  if (!spec.group.empty())
    note("/group", group_fault(spec.group));
  if (spec.unique) {
    note("/unique/key", unique_key_fault(spec.unique->key));
    note("/unique/window_s", unique_fault(*spec.unique));
    if (spec.unique->window != duration::zero())
      note("/unique/window_s", window_fault(in_seconds(spec.unique->window)));
  }
  note("/after", after_count_fault(spec.after.size()));
  note("/tags", tag_count_fault(spec.tags.size()));
  for (const auto& [key, value] : spec.tags) {
    note("/tags", tag_key_fault(key));
    note("/tags" + pointer_step(key), tag_value_fault(value));
  }
  return faults;
}

timestamp due_at(const task_spec& spec, timestamp now) {
  return spec.run_at ? std::max(*spec.run_at, now) : now + spec.delay;
}

std::optional<timestamp> expiry_at(const task_spec& spec, timestamp now) {
  if (spec.expires_at)
    return spec.expires_at;
  if (spec.expires_in)
    return now + *spec.expires_in;
  return std::nullopt;
}

std::string pointer_step(std::string_view name) {
  const auto shown_name = quoted(name, max_step_size);
  std::string step = "/";
  for (const char c : std::string_view(shown_name).substr(1, shown_name.size() - 2)) {
    if (c == '~')
      step += "~0";
    else if (c == '/')
      step += "~1";
    else
      step += c;
  }
  return step;
}

} // namespace errand
