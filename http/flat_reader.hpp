// Reads a small JSON object whose fields, and those of objects in it, are all known: each is a
// string, a number, true, false or null, or a whole spec. What fits no field is refused where it
// stands. Pure.
#pragma once

#include "http/outer_reader.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

struct flat_field {
  std::string_view path; ///< "rate", and "rate/limit" for what stands in that object.
  std::string_view rule; ///< What its value must be, for people.

  /// Takes the value, or says what is wrong with it, as field_error::detail does; `rule` if it is
  /// of a wrong type. An object comes only here if it has fields of its own.
  std::function<std::optional<std::string>(const flat_value&)> take;

  /// Takes what was read as a spec, if it is to be one; what is wrong with it, with pointers into
  /// it.
  std::function<std::vector<field_error>(spec_reader&)> take_spec = {};
};

/// What only the whole object can get wrong, once all its fields were read; whether they were good.
using whole_check = std::function<std::vector<field_error>(bool all_good)>;

/// Why the text is refused: it is no JSON (400), or not such an object (422, with all that is
/// wrong). `rule` says what the body must be, for people; `object` what has these fields: "a
/// queue".
std::optional<problem> read_flat_object(std::string_view body, std::string_view rule,
                                        std::string_view object, std::span<const flat_field> fields,
                                        const whole_check& check);

/// The detail of a value that is of the wrong type.
std::string not_as_ruled(const flat_value& value, std::string_view rule);

} // namespace errand
