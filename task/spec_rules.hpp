// What a task may be asked to be: every limit of a spec, once, for HTTP, configuration and
// embedders alike. Pure.
#pragma once

#include "task/status.hpp"
#include "task/task.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// Kinds and queues: 1 to 128 of [A-Za-z0-9._:/-].
inline constexpr size_t max_name_size = 128;

/// Kinds that only the server itself makes tasks of.
inline constexpr std::string_view own_kinds_prefix = "errand.";

inline constexpr int min_priority = -100;
inline constexpr int max_priority = 100;

/// Of one attempt. A handler that needs longer than a month is a service and not a task.
inline constexpr duration max_timeout = std::chrono::days(30);

/// Ten years of 365 days. Farther away than that, a mistaken unit is likelier than a wish.
inline constexpr duration max_delay = std::chrono::days(3650);

/// Exclusive; from 1970 on. What RFC 3339 can write.
inline constexpr timestamp run_at_end{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}};

/// Failures, and lost attempts, that a task may be given.
inline constexpr int64_t max_max_attempts = 1000;
inline constexpr int64_t max_max_crashes = 100;

/// Of a retry policy.
inline constexpr duration max_max_backoff = std::chrono::days(30);
inline constexpr double max_factor = 100;

/// Tags are for filters, not for data. Keys: 1 to 64 of the alphabet of names. Values: 0 to 256
/// bytes of UTF-8 without control characters.
inline constexpr size_t max_tags = 16;
inline constexpr size_t max_tag_key_size = 64;
inline constexpr size_t max_tag_value_size = 256;

/// A group is a name of the client's: 1 to 128 bytes of UTF-8 without control characters.
inline constexpr size_t max_group_size = 128;

/// Of a unique rule. The key: bytes of UTF-8 without control characters.
inline constexpr size_t max_unique_key_size = 256;
inline constexpr duration max_unique_window = std::chrono::days(30);

/// Tasks that one may come after. What fans in wider does so in steps.
inline constexpr size_t max_after = 10'000;

/// Faults that one answer tells: neither the work nor the answer may outgrow what a request is
/// worth.
inline constexpr size_t max_faults = 32;

/// How deep JSON may nest, the outermost value being level 1. Bounds the stack of whoever walks it.
inline constexpr size_t max_json_depth = 100;

bool is_name(std::string_view text);

/// Each says what is wrong with that value, as `field_error::detail` does, or nothing if it is
/// good.
std::optional<std::string> name_fault(std::string_view kind_or_queue);

/// As name_fault(), and kinds of the server's own (errand.…) are not for clients.
std::optional<std::string> kind_fault(std::string_view kind);
std::optional<std::string> priority_fault(int64_t priority);
std::optional<std::string> max_attempts_fault(int64_t n);
std::optional<std::string> max_crashes_fault(int64_t n);
std::optional<std::string> factor_fault(double factor);
std::optional<std::string> jitter_fault(double jitter);
std::optional<std::string> run_at_fault(timestamp run_at);
std::optional<std::string> tag_key_fault(std::string_view key);
std::optional<std::string> tag_value_fault(std::string_view value);
std::optional<std::string> tag_count_fault(size_t count);
std::optional<std::string> group_fault(std::string_view group);
std::optional<std::string> unique_key_fault(std::string_view key);
std::optional<std::string> after_count_fault(size_t count);

/// The same for durations as they are written, in seconds; any double, also NaN.
std::optional<std::string> delay_fault(double seconds);
std::optional<std::string> timeout_fault(double seconds);
std::optional<std::string> backoff_fault(double seconds);
std::optional<std::string> expires_in_fault(double seconds);
std::optional<std::string> window_fault(double seconds);

/// What two good fields of a policy can get wrong together; told of min_backoff_s.
std::optional<std::string> backoffs_fault(const retry_policy& policy);

/// The same for the fields of `unique`; told of window_s.
std::optional<std::string> unique_fault(const unique_rule& rule);

/// The same for the two ends of the time in which a task may start, accepted `now` or at any time;
/// told of expires_at.
std::optional<std::string> expiry_fault(const task_spec& spec);

/// What each kind of field must be, for messages about values of another type.
inline constexpr std::string_view name_rule = "a string of 1 to 128 of [A-Za-z0-9._:/-]";
inline constexpr std::string_view priority_rule = "an integer from -100 to 100";
inline constexpr std::string_view delay_rule = "a number of seconds from 0 to 315360000 (10 years)";
inline constexpr std::string_view timeout_rule =
    "a number of seconds above 0 and up to 2592000 (30 days)";
inline constexpr std::string_view run_at_rule =
    "an RFC 3339 time from 1970 to 9999, such as \"2026-11-22T21:00:00Z\"";
inline constexpr std::string_view max_attempts_rule = "an integer from 1 to 1000";
inline constexpr std::string_view max_crashes_rule = "an integer from 1 to 100";
inline constexpr std::string_view backoff_rule = "a number of seconds from 0 to 2592000 (30 days)";
inline constexpr std::string_view factor_rule = "a number from 1 to 100";
inline constexpr std::string_view jitter_rule = "a number from 0 to 1";
inline constexpr std::string_view expires_in_rule =
    "a number of seconds above 0 and up to 315360000 (10 years)";
inline constexpr std::string_view group_rule =
    "a string of 1 to 128 bytes of UTF-8 without control characters";
inline constexpr std::string_view unique_key_rule =
    "a string of 1 to 256 bytes of UTF-8 without control characters";
inline constexpr std::string_view unique_until_rule = R"("started", "final" or "window")";
inline constexpr std::string_view unique_conflict_rule = R"("return", "replace" or "reject")";
inline constexpr std::string_view window_rule =
    "a number of seconds above 0 and up to 2592000 (30 days)";
inline constexpr std::string_view unique_object_rule =
    "an object of key, until, window_s and on_conflict";
inline constexpr std::string_view after_rule = "an array of up to 10000 ids of tasks";
inline constexpr std::string_view after_id_rule =
    "the id of a task, such as \"0193a5e0-7c00-7000-8000-000000000000\"";
inline constexpr std::string_view after_in_batch_rule =
    "the id of a task, or \"#\" and the ref of another task of the batch";
inline constexpr std::string_view dependency_policy_rule = R"("cancel" or "run")";
inline constexpr std::string_view retry_rule =
    "an object of min_backoff_s, max_backoff_s, factor and jitter";
inline constexpr std::string_view tags_rule = "an object of up to 16 strings";
inline constexpr std::string_view tag_key_rule = "1 to 64 of [A-Za-z0-9._:/-]";
inline constexpr std::string_view tag_value_rule =
    "a string of up to 256 bytes of UTF-8 without control characters";

/// Seconds, rounded to microseconds, but never to 0 from above. Precondition: a duration that one
/// of the two above found good.
duration duration_of(double seconds);

/// Everything that is wrong with a spec put together in code. Empty if it is good. What only text
/// can get wrong (that args_json is JSON) is not looked at.
std::vector<field_error> spec_faults(const task_spec& spec);

/// When a spec accepted now falls due: run_at, but not before now; else now plus delay.
timestamp due_at(const task_spec& spec, timestamp now);

/// When a spec accepted now expires, if it does.
std::optional<timestamp> expiry_at(const task_spec& spec, timestamp now);

/// One step of a JSON pointer: a slash and the name, with "~" and "/" escaped. Names too long to
/// show are cut.
std::string pointer_step(std::string_view name);

} // namespace errand
