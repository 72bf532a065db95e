// Reads a small JSON object whose fields, and those of objects in it, are all known and plain: each
// is a string, a number, true, false or null. What fits no field is refused where it stands. Pure.
#pragma once

#include "http/problem.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace errand {

/// A string, number, true, false or null; or that an object begins.
struct flat_value {
  enum class what : uint8_t { string, number, word, object };
  what type = what::word;
  std::string_view text; ///< Of a string, its content; else as JSON writes it.
  double number = 0;     ///< Of a number.

  bool is_string() const { return type == what::string; }
  bool is_number() const { return type == what::number; }
  bool is_null() const { return type == what::word && text == "null"; }

  /// If it is true or false.
  std::optional<bool> boolean() const;

  /// If it is an integer, also written 1e2, and a double holds it exactly.
  std::optional<int64_t> integer() const;

  /// For messages; long ones are cut.
  std::string shown() const;
};

struct flat_field {
  std::string_view path; ///< "rate", and "rate/limit" for what stands in that object.
  std::string_view rule; ///< What its value must be, for people.

  /// Takes the value, or says what is wrong with it, as field_error::detail does; `rule` if it is
  /// of a wrong type. An object comes only here if it has fields of its own.
  std::function<std::optional<std::string>(const flat_value&)> take;
};

/// Why the text is refused: it is no JSON (400), or not such an object (422, with all that is
/// wrong). `rule` says what the body must be, for people; `object` what has these fields: "a
/// queue".
std::optional<problem> read_flat_object(std::string_view body, std::string_view rule,
                                        std::string_view object, std::span<const flat_field> fields,
                                        const std::function<std::vector<field_error>()>& check);

/// The detail of a value that is of the wrong type.
std::string not_as_ruled(const flat_value& value, std::string_view rule);

} // namespace errand
