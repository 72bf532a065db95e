// Reads objects of a JSON tree field by field and notes what is wrong with them: for bodies that
// are small, or whose parts are needed as trees. Large ones are read event by event; see
// outer_reader.
#pragma once

#include "http/problem.hpp"
#include "task/time.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace errand {

/// The text as a tree; refused are what is no JSON (400), and what is no object or nests deeper
/// than max_json_depth (422). `rule` says what it must be, for people.
std::variant<nlohmann::json, problem> parse_object(std::string_view body, std::string_view rule);

/// What is wrong, up to max_faults of it.
class fault_list {
public:
  void add(std::string pointer, std::string detail);
  bool is_full() const;
  bool empty() const { return faults_.empty(); }
  problem to_problem() { return problems::invalid(std::move(faults_)); }

private:
  std::vector<field_error> faults_;
};

class json_fields {
public:
  /// All must outlive it. `what` is the thing that has these fields, for people: "a lease".
  json_fields(const nlohmann::json& object, std::string pointer, std::string_view what,
              fault_list& faults);

  /// The value of that field; null if it is not there.
  const nlohmann::json* find(std::string_view name);

  // Each takes the field if it is there, and notes what is wrong with it; then nothing is taken.
  // null is like not there.
  std::optional<std::string> text(std::string_view name, std::string_view rule);
  std::optional<bool> boolean(std::string_view name);
  std::optional<int64_t> integer(std::string_view name, int64_t least, int64_t most);
  std::optional<duration> seconds(std::string_view name, duration least, duration most);
  std::optional<std::vector<std::string>>
  texts(std::string_view name, std::string_view rule,
        std::optional<std::string> (*why_not)(std::string_view));

  void fault(std::string_view name, std::string detail);
  void missing(std::string_view name, std::string_view rule);

  std::string pointer(std::string_view name) const;

  /// To be called when all fields were looked for: notes each other one.
  void refuse_others();

private:
  const nlohmann::json* find_if_any(std::string_view name);

  const nlohmann::json& object_;
  std::string pointer_;
  std::string_view what_;
  fault_list& faults_;
  std::vector<std::string_view> known_;
};

/// "is 7; it must be …"
std::string not_as_ruled(const nlohmann::json& value, std::string_view rule);

} // namespace errand
