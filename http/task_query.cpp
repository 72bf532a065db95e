#include "http/task_query.hpp"

#include "http/cursor.hpp"
#include "http/field_rules.hpp"
#include "http/prefer.hpp"
#include "task/near_name.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace errand {

namespace {

constexpr size_t max_limit = 1000;
constexpr std::string_view tag_prefix = "tag.";

constexpr std::array<std::string_view, 11> list_parameters = {
    "state",          "queue", "kind",  "group", "schedule", "created_after",
    "created_before", "tag.",  "limit", "order", "cursor"};

/// The first of them, that choose tasks; the others are about pages.
constexpr auto filter_parameters = std::span(list_parameters).first(8);

/// The others.
constexpr auto page_parameters = std::span(list_parameters).last(3);

std::string state_words() {
  std::string words;
  for (const auto state : all_task_states)
    words.append(words.empty() ? "" : ", ").append(to_string(state));
  return words;
}

/// Reads one parameter after the other into a request, and notes what is wrong.
class list_reader {
public:
  explicit list_reader(std::span<const std::string_view> known) : known_(known) {}

  void read(const query_parameter& parameter) {
    const auto& [name, value] = parameter;
    if (name == "state")
      return read_states(value);
    if (!once(name))
      return fault(name, "is given more than once; give it once");
    if (name == "queue")
      read_name(name, value, filter().queue);
    else if (name == "kind")
      read_name(name, value, filter().kind);
    else if (name == "group")
      read_group(name, value);
    else if (name == "schedule")
      read_name(name, value, filter().schedule);
    else if (name == "created_after")
      read_time(name, value, filter().created_after);
    else if (name == "created_before")
      read_time(name, value, filter().created_before);
    else if (name.starts_with(tag_prefix))
      read_tag(name, value);
    else if (std::find(known_.begin(), known_.end(), name) == known_.end())
      fault(name, unknown_parameter(name, known_));
    else if (name == "limit")
      read_limit(value);
    else if (name == "order")
      read_order(value);
    else
      read_cursor(value);
  }

  parsed_list_query result() {
    if (auto why = tag_count_fault(filter().tags.size()))
      errors_.push_back({"?tag.", std::move(*why)});
    if (!errors_.empty())
      return std::move(errors_);
    return std::move(request_);
  }

private:
  list_filter& filter() { return request_.filter; }

  void fault(std::string_view name, std::string detail) {
    errors_.push_back({pointer_to(name), std::move(detail)});
  }

  bool once(const std::string& name) {
    if (std::find(seen_.begin(), seen_.end(), name) != seen_.end())
      return false;
    seen_.push_back(name);
    return true;
  }

  void read_states(const std::string& value) {
    bool any = false;
    for_each_element(value, [&](std::string_view word) {
      any = true;
      if (const auto state = parse_task_state(word))
        filter().states.push_back(*state);
      else
        fault("state", "is " + quoted(word) + "; states are " + state_words());
    });
    if (!any)
      fault("state", "is empty; states are " + state_words());
  }

  void read_name(std::string_view name, const std::string& value,
                 std::optional<std::string>& into) {
    if (auto why = name_fault(value))
      fault(name, std::move(*why));
    else
      into = value;
  }

  void read_group(const std::string& name, const std::string& value) {
    if (auto why = group_fault(value))
      return fault(name, std::move(*why));
    filter().group = value;
  }

  void read_time(std::string_view name, std::string value, std::optional<timestamp>& into) {
    // The '+' of an offset that was not percent-encoded has become a blank.
    std::replace(value.begin(), value.end(), ' ', '+');
    into = parse_rfc3339(value);
    if (!into)
      fault(name, "is " + errand::quoted(value) + "; it must be " + std::string{run_at_rule});
  }

  void read_limit(const std::string& value) {
    const auto limit = parse_decimal(value);
    if (limit && *limit >= 1 && *limit <= max_limit)
      request_.limit = static_cast<size_t>(*limit);
    else
      fault("limit", "is " + errand::quoted(value) + "; it must be a whole number from 1 to 1000");
  }

  void read_order(const std::string& value) {
    if (value != "asc" && value != "desc")
      fault("order", "is " + errand::quoted(value) + "; it must be asc or desc");
    request_.ascending = value == "asc";
  }

  void read_cursor(const std::string& value) {
    request_.after = decode_cursor(value);
    if (!request_.after)
      fault("cursor", "is " + errand::quoted(value)
                          + "; it must be the next_cursor of an earlier page, unchanged");
  }

  void read_tag(const std::string& name, const std::string& value) {
    const auto key = name.substr(tag_prefix.size());
    if (auto why = tag_key_fault(key))
      return fault(name, std::move(*why));
    if (auto why = tag_value_fault(value))
      return fault(name, std::move(*why));
    filter().tags.emplace(key, value);
  }

  std::span<const std::string_view> known_;
  list_request request_;
  std::vector<std::string> seen_;
  std::vector<field_error> errors_;
};

std::optional<std::chrono::milliseconds> parse_wait(const std::string& text) {
  double seconds = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
  // Written so that NaN fails.
  if (error != std::errc{} || stop != end || !(seconds >= 0 && seconds <= max_wait.count()))
    return std::nullopt;
  return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>{seconds});
}

} // namespace

std::string pointer_to(std::string_view name) {
  return '?' + std::string{name.substr(0, 64)};
}

std::string unknown_parameter(std::string_view name, std::span<const std::string_view> known) {
  if (const auto near = near_name(name, known))
    return "is not a parameter here; did you mean " + std::string{*near} + "?";
  if (known.empty())
    return "is not a parameter here; this path takes none";
  std::string list;
  for (const auto each : known)
    list.append(list.empty() ? "" : ", ").append(each).append(each == tag_prefix ? "NAME" : "");
  return "is not a parameter here; known are " + list;
}

parsed_list_query parse_list_query(const query_parameters& query) {
  list_reader reader(list_parameters);
  for (const auto& parameter : query)
    reader.read(parameter);
  return reader.result();
}

parsed_filter parse_filter(const query_parameters& query) {
  list_reader reader(filter_parameters);
  for (const auto& parameter : query)
    reader.read(parameter);
  auto result = reader.result();
  if (auto* errors = std::get_if<std::vector<field_error>>(&result))
    return std::move(*errors);
  return std::move(std::get<list_request>(result).filter);
}

std::optional<std::string> filter_name_fault(std::string_view name) {
  if (name.starts_with(tag_prefix)
      || std::find(filter_parameters.begin(), filter_parameters.end(), name)
             != filter_parameters.end())
    return std::nullopt;
  return unknown_parameter(name, filter_parameters);
}

parsed_list_query parse_page_query(const query_parameters& query) {
  list_reader reader(page_parameters);
  std::vector<field_error> errors;
  for (const auto& parameter : query)
    if (const auto& name = parameter.name;
        std::find(page_parameters.begin(), page_parameters.end(), name) != page_parameters.end())
      reader.read(parameter);
    else
      errors.push_back({pointer_to(name), unknown_parameter(name, page_parameters)});
  auto result = reader.result();
  if (auto* more = std::get_if<std::vector<field_error>>(&result))
    errors.insert(errors.end(), more->begin(), more->end());
  if (!errors.empty())
    return errors;
  return result;
}

parsed_wait_query parse_wait_query(const query_parameters& query) {
  constexpr std::array<std::string_view, 1> known = {"wait_s"};
  std::optional<std::chrono::milliseconds> wait;
  std::vector<field_error> errors;
  for (const auto& [name, value] : query) {
    if (name != "wait_s")
      errors.push_back({pointer_to(name), unknown_parameter(name, known)});
    else if (wait)
      errors.push_back({"?wait_s", "is given more than once; give it once"});
    else if (!(wait = parse_wait(value)))
      errors.push_back({"?wait_s", "is " + errand::quoted(value)
                                       + "; it must be a number of seconds from 0 to 300"});
  }
  if (!errors.empty())
    return errors;
  return wait.value_or(std::chrono::milliseconds{0});
}

std::vector<field_error> refuse_query(const query_parameters& query) {
  std::vector<field_error> errors;
  for (const auto& parameter : query)
    errors.push_back({pointer_to(parameter.name), unknown_parameter(parameter.name, {})});
  return errors;
}

} // namespace errand
