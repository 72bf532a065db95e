#include "http/json_fields.hpp"

#include "http/json_text.hpp"
#include "http/json_writer.hpp"
#include "task/near_name.hpp"
#include "task/spec_rules.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace errand {

namespace {

struct too_deep {};

std::string in_seconds(duration time) {
  std::string text;
  json_writer(text).seconds(time);
  return text;
}

} // namespace

std::variant<nlohmann::json, problem> parse_object(std::string_view body, std::string_view rule) {
  if (auto why = why_no_text(body, rule))
    return std::move(*why);
  using json = nlohmann::json;
  const auto check_depth = [](int depth, json::parse_event_t, json&) {
    if (depth >= static_cast<int>(max_json_depth))
      throw too_deep{};
    return true;
  };
  try {
    auto parsed = json::parse(body.begin(), body.end(), check_depth);
    if (parsed.is_object())
      return parsed;
    return problems::invalid({{"", not_as_ruled(parsed, rule)}});
  } catch (const json::parse_error& error) {
    return problems::not_json(syntax_error(error.byte, "", error.what()));
  } catch (const json::out_of_range&) {
    return problems::invalid({{"", "holds a number that no double can hold"}});
  } catch (const too_deep&) {
    return problems::invalid({{"", "nests deeper than " + std::to_string(max_json_depth)
                                       + " levels; send something flatter"}});
  }
}

void fault_list::add(std::string pointer, std::string detail) {
  if (!is_full())
    faults_.push_back({std::move(pointer), std::move(detail)});
}

bool fault_list::is_full() const {
  return faults_.size() >= max_faults;
}

json_fields::json_fields(const nlohmann::json& object, std::string pointer, std::string_view what,
                         fault_list& faults)
    : object_(object), pointer_(std::move(pointer)), what_(what), faults_(faults) {}

const nlohmann::json* json_fields::find(std::string_view name) {
  known_.push_back(name);
  const auto found = object_.find(name);
  return found == object_.end() ? nullptr : &*found;
}

const nlohmann::json* json_fields::find_if_any(std::string_view name) {
  const auto* value = find(name);
  return value && !value->is_null() ? value : nullptr;
}

std::optional<std::string> json_fields::text(std::string_view name, std::string_view rule) {
  const auto* value = find_if_any(name);
  if (!value)
    return std::nullopt;
  if (value->is_string())
    return value->get<std::string>();
  fault(name, not_as_ruled(*value, rule));
  return std::nullopt;
}

std::optional<std::string> json_fields::needed_text(std::string_view name, std::string_view rule) {
  const auto found = object_.find(name);
  if (found != object_.end() && !found->is_null())
    return text(name, rule);
  known_.push_back(name);
  missing(name, rule);
  return std::nullopt;
}

std::optional<bool> json_fields::boolean(std::string_view name) {
  const auto* value = find_if_any(name);
  if (!value)
    return std::nullopt;
  if (value->is_boolean())
    return value->get<bool>();
  fault(name, not_as_ruled(*value, "true or false"));
  return std::nullopt;
}

std::optional<int64_t> json_fields::integer(std::string_view name, int64_t least, int64_t most) {
  const auto* value = find_if_any(name);
  if (!value)
    return std::nullopt;
  const double number = value->is_number() ? value->get<double>() : 0.5;
  if (std::trunc(number) == number && number >= static_cast<double>(least)
      && number <= static_cast<double>(most))
    return static_cast<int64_t>(number);
  fault(name, not_as_ruled(*value, "an integer from " + std::to_string(least) + " to "
                                       + std::to_string(most)));
  return std::nullopt;
}

std::optional<duration> json_fields::seconds(std::string_view name, duration least, duration most) {
  const auto* value = find_if_any(name);
  if (!value)
    return std::nullopt;
  const auto number = std::chrono::duration<double>(value->is_number() ? value->get<double>() : -1);
  if (number >= least && number <= most)
    return std::chrono::round<duration>(number);
  fault(name, not_as_ruled(*value, "a number of seconds from " + in_seconds(least) + " to "
                                       + in_seconds(most)));
  return std::nullopt;
}

std::optional<std::vector<std::string>>
json_fields::texts(std::string_view name, std::string_view rule,
                   std::optional<std::string> (*why_not)(std::string_view)) {
  const auto* value = find_if_any(name);
  if (!value)
    return std::nullopt;
  if (!value->is_array() || value->empty()) {
    fault(name, not_as_ruled(*value, rule));
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (size_t i = 0; i < value->size(); ++i) {
    const auto& each = (*value)[i];
    auto wrong = each.is_string() ? why_not(each.get_ref<const std::string&>())
                                  : std::optional(not_as_ruled(each, "a string"));
    if (wrong)
      faults_.add(pointer(name) + "/" + std::to_string(i), std::move(*wrong));
    else
      texts.push_back(each.get<std::string>());
  }
  return texts;
}

void json_fields::fault(std::string_view name, std::string detail) {
  faults_.add(pointer(name), std::move(detail));
}

void json_fields::missing(std::string_view name, std::string_view rule) {
  fault(name, "is missing; it must be " + std::string(rule));
}

std::string json_fields::pointer(std::string_view name) const {
  return pointer_ + pointer_step(name);
}

void json_fields::refuse_others() {
  for (const auto& [name, value] : object_.items()) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end())
      continue;
    std::string text = "is not a field of " + std::string(what_);
    if (const auto near = near_name(name, known_))
      text += "; did you mean \"" + std::string(*near) + "\"?";
    else
      for (const auto known : known_)
        text.append(known == known_.front() ? "; there are " : ", ").append(known);
    fault(name, std::move(text));
  }
}

std::string not_as_ruled(const nlohmann::json& value, std::string_view rule) {
  std::string shown;
  if (value.is_string())
    shown = quoted(value.get_ref<const std::string&>());
  else if (value.is_structured())
    shown = value.is_array() ? (value.empty() ? "an empty array" : "an array") : "an object";
  else
    shown = value.dump();
  return "is " + shown + "; it must be " + std::string(rule);
}

} // namespace errand
