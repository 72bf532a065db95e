// The fields that a spec may have in JSON, and what to say about any other. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace errand {

enum class spec_field : uint8_t { args, delay_s, kind, priority, queue, run_at, tags, timeout_s };

struct spec_field_entry {
  std::string_view name;
  spec_field id;
  std::string_view rule; ///< What its value must be, for people.
};

/// Null if there is no such field.
const spec_field_entry* find_spec_field(std::string_view name);

/// Why that is no field, as field_error::detail says it: a later version's, or which one was meant.
std::string why_no_spec_field(std::string_view name);

} // namespace errand
