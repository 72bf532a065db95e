#include "http/event_query.hpp"

#include "http/field_rules.hpp"
#include "http/task_query.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <array>

namespace errand {

namespace {

constexpr std::array<std::string_view, 4> event_parameters = {"types", "queue", "kind", "task"};

std::string type_words() {
  std::string words;
  for (const auto type : all_event_types)
    words.append(words.empty() ? "" : ", ").append(to_string(type));
  return words;
}

/// Reads one parameter after the other, and notes what is wrong.
class event_reader {
public:
  void read(const query_parameter& parameter) {
    const auto& [name, value] = parameter;
    if (name == "types")
      read_types(value);
    else if (name == "queue")
      read_name(name, value, filter_.queue);
    else if (name == "kind")
      read_name(name, value, filter_.kind);
    else if (name == "task")
      read_task(value);
    else
      fault(name, unknown_parameter(name, event_parameters));
  }

  parsed_event_query result() {
    if (!errors_.empty())
      return std::move(errors_);
    auto& types = filter_.types;
    std::sort(types.begin(), types.end());
    types.erase(std::unique(types.begin(), types.end()), types.end());
    return std::move(filter_);
  }

private:
  void fault(std::string_view name, std::string detail) {
    errors_.push_back({pointer_to(name), std::move(detail)});
  }

  void read_types(const std::string& value) {
    bool any = false;
    for_each_element(value, [&](std::string_view word) {
      any = true;
      if (const auto type = parse_event_type(word))
        filter_.types.push_back(*type);
      else
        fault("types", "is " + quoted(word) + "; types are " + type_words());
    });
    if (!any)
      fault("types", "is empty; types are " + type_words());
  }

  void read_name(std::string_view name, const std::string& value,
                 std::optional<std::string>& into) {
    if (into)
      fault(name, "is given more than once; give it once");
    else if (auto why = name_fault(value))
      fault(name, std::move(*why));
    else
      into = value;
  }

  void read_task(const std::string& value) {
    if (filter_.task)
      return fault("task", "is given more than once; give it once");
    filter_.task = task_id::parse(value);
    if (!filter_.task)
      fault("task", "is " + errand::quoted(value) + "; it must be the id of a task");
  }

  event_filter filter_;
  std::vector<field_error> errors_;
};

} // namespace

parsed_event_query parse_event_query(const query_parameters& query) {
  event_reader reader;
  for (const auto& parameter : query)
    reader.read(parameter);
  return reader.result();
}

} // namespace errand
