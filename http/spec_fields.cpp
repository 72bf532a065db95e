#include "http/spec_fields.hpp"

#include "task/http_url.hpp"
#include "task/near_name.hpp"
#include "task/spec_rules.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace errand {

namespace {

constexpr std::array spec_fields = {
    spec_field_entry{"after", spec_field::after, after_rule},
    spec_field_entry{"args", spec_field::args, "any JSON"},
    spec_field_entry{"callback_url", spec_field::callback_url, http_url_rule},
    spec_field_entry{"delay_s", spec_field::delay_s, delay_rule},
    spec_field_entry{"expires_at", spec_field::expires_at, run_at_rule},
    spec_field_entry{"expires_in_s", spec_field::expires_in_s, expires_in_rule},
    spec_field_entry{"group", spec_field::group, group_rule},
    spec_field_entry{"kind", spec_field::kind, name_rule},
    spec_field_entry{"max_attempts", spec_field::max_attempts, max_attempts_rule},
    spec_field_entry{"max_crashes", spec_field::max_crashes, max_crashes_rule},
    spec_field_entry{"on_dependency_failure", spec_field::on_dependency_failure,
                     dependency_policy_rule},
    spec_field_entry{"priority", spec_field::priority, priority_rule},
    spec_field_entry{"queue", spec_field::queue, name_rule},
    spec_field_entry{"retry", spec_field::retry, retry_rule},
    spec_field_entry{"run_at", spec_field::run_at, run_at_rule},
    spec_field_entry{"tags", spec_field::tags, tags_rule},
    spec_field_entry{"timeout_s", spec_field::timeout_s, timeout_rule},
    spec_field_entry{"unique", spec_field::unique, unique_object_rule},
};

constexpr std::array retry_fields = {
    retry_field_entry{"factor", retry_field::factor, factor_rule},
    retry_field_entry{"jitter", retry_field::jitter, jitter_rule},
    retry_field_entry{"max_backoff_s", retry_field::max_backoff_s, backoff_rule},
    retry_field_entry{"min_backoff_s", retry_field::min_backoff_s, backoff_rule},
};

constexpr std::array unique_fields = {
    unique_field_entry{"key", unique_field::key, unique_key_rule},
    unique_field_entry{"on_conflict", unique_field::on_conflict, unique_conflict_rule},
    unique_field_entry{"until", unique_field::until, unique_until_rule},
    unique_field_entry{"window_s", unique_field::window_s, window_rule},
};

const auto* find(const auto& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const auto& entry) { return entry.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

/// `of`: what has these fields.
std::string why_none_of(const auto& fields, std::string_view of, std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& entry : fields)
    names.push_back(entry.name);
  auto text = "is not a field of " + std::string(of);
  if (const auto near = near_name(name, names))
    return text + "; did you mean \"" + std::string(*near) + "\"?";
  text += "; there are";
  for (const auto known : names)
    text += (known == names.front() ? " " : ", ") + std::string(known);
  return text;
}

} // namespace

const spec_field_entry* find_spec_field(std::string_view name) {
  return find(spec_fields, name);
}

const retry_field_entry* find_retry_field(std::string_view name) {
  return find(retry_fields, name);
}

const unique_field_entry* find_unique_field(std::string_view name) {
  return find(unique_fields, name);
}

std::string why_no_spec_field(std::string_view name) {
  return why_none_of(spec_fields, "a task", name);
}

std::string why_no_retry_field(std::string_view name) {
  return why_none_of(retry_fields, "retry", name);
}

std::string why_no_unique_field(std::string_view name) {
  return why_none_of(unique_fields, "unique", name);
}

} // namespace errand
