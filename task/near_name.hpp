// "Did you mean": the known name that a mistyped one comes closest to. Pure.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace errand {

/// The name out of `known` that at most two typing mistakes (a letter added, left out, changed, or
/// two swapped) turn `word` into, upper and lower case being equal; a name of up to four letters
/// forgives one. Nothing if there is none.
std::optional<std::string_view> near_name(std::string_view word,
                                          std::span<const std::string_view> known);

} // namespace errand
