// Around nlohmann's parser: what is no JSON at all, what it says of that, and how it gives numbers.
// Pure.
#pragma once

#include "http/problem.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// Why such a body need not be given to the parser; `rule` is what it should be, for people.
std::optional<problem> why_no_text(std::string_view body, std::string_view rule);

/// Where and why a text is not JSON, for people, out of what nlohmann's parse_error() tells.
std::string syntax_error(size_t byte, std::string_view last_token, std::string_view what);

/// nlohmann's number for the one error about what is good JSON: a number like 1e999.
inline constexpr int number_out_of_range = 406;

/// A number as it was written, out of what number_float() gets: there nlohmann has put the C
/// locale's decimal point where the '.' was.
std::string written_number(std::string text);

} // namespace errand
