#include "http/spec_fields.hpp"

#include "task/near_name.hpp"
#include "task/spec_rules.hpp"

#include <algorithm>
#include <array>

namespace errand {

namespace {

constexpr std::array fields = {
    spec_field_entry{"args", spec_field::args, "any JSON"},
    spec_field_entry{"delay_s", spec_field::delay_s, delay_rule},
    spec_field_entry{"kind", spec_field::kind, name_rule},
    spec_field_entry{"priority", spec_field::priority, priority_rule},
    spec_field_entry{"queue", spec_field::queue, name_rule},
    spec_field_entry{"run_at", spec_field::run_at, run_at_rule},
    spec_field_entry{"tags", spec_field::tags, tags_rule},
    spec_field_entry{"timeout_s", spec_field::timeout_s, timeout_rule},
};

/// Part of the API's version 1, but not of this program yet.
constexpr std::array<std::string_view, 10> later_fields = {
    "after",        "callback_url", "expires_at", "expires_in_s",          "group",
    "max_attempts", "max_crashes",  "retry",      "on_dependency_failure", "unique",
};

} // namespace

const spec_field_entry* find_spec_field(std::string_view name) {
  for (const auto& entry : fields)
    if (entry.name == name)
      return &entry;
  return nullptr;
}

std::string why_no_spec_field(std::string_view name) {
  if (std::find(later_fields.begin(), later_fields.end(), name) != later_fields.end())
    return "is not supported by this version of the server yet; leave it out";
  std::array<std::string_view, fields.size()> names;
  std::transform(fields.begin(), fields.end(), names.begin(), [](auto& f) { return f.name; });
  if (const auto near = near_name(name, names))
    return "is not a field of a task; did you mean \"" + std::string(*near) + "\"?";
  std::string text = "is not a field of a task; there are";
  for (const auto known : names)
    text += (known == names.front() ? " " : ", ") + std::string(known);
  return text;
}

} // namespace errand
