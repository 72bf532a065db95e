// How many columns of a terminal a text takes. Pure; by the ranges that terminals agree on, since
// wcwidth() knows them only in some locales.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace errand::client {

/// Of valid UTF-8 without control characters.
size_t display_width(std::string_view text);

/// The text if it takes at most `columns`, else its beginning and an ellipsis.
std::string fitted(std::string_view text, size_t columns);

} // namespace errand::client
