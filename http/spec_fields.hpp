// The fields that a spec may have in JSON, and what to say about any other. Pure.
#pragma once

#include "task/spec_rules.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace errand {

enum class spec_field : uint8_t {
  after,
  args,
  callback_url,
  delay_s,
  expires_at,
  expires_in_s,
  group,
  kind,
  max_attempts,
  max_crashes,
  on_dependency_failure,
  priority,
  queue,
  ref,
  retry,
  run_at,
  tags,
  timeout_s,
  unique,
};

/// What a spec's `retry` holds.
enum class retry_field : uint8_t { factor, jitter, max_backoff_s, min_backoff_s };

/// What a spec's `unique` holds.
enum class unique_field : uint8_t { key, on_conflict, until, window_s };

template <class Field>
struct field_entry {
  std::string_view name;
  Field id;
  std::string_view rule; ///< What its value must be, for people.
};

using spec_field_entry = field_entry<spec_field>;
using retry_field_entry = field_entry<retry_field>;
using unique_field_entry = field_entry<unique_field>;

/// What a task of a batch may have beside the fields of a spec: its name there.
inline constexpr spec_field_entry ref_field{"ref", spec_field::ref, name_rule};

/// Null if there is no such field.
const spec_field_entry* find_spec_field(std::string_view name);
const retry_field_entry* find_retry_field(std::string_view name);
const unique_field_entry* find_unique_field(std::string_view name);

/// Why that is no field, as field_error::detail says it, and which one was meant.
std::string why_no_spec_field(std::string_view name);
std::string why_no_retry_field(std::string_view name);
std::string why_no_unique_field(std::string_view name);

} // namespace errand
