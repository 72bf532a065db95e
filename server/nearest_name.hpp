// "Did you mean …" for names with parts: keys of errand.toml, flags, variables. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace errand {

/// The name that `word` was probably meant to be: a typing mistake or two away
/// (task/near_name.hpp), or the same but for leading or trailing parts between dots, dashes and
/// underscores, as "port" and "http.port". Empty if none is near. The first `shared` characters,
/// such as of "--" or "ERRAND_", begin all names and say nothing.
std::string_view nearest_name(std::string_view word, std::span<const std::string> names,
                              size_t shared = 0);

/// "; did you mean NAME?", or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string> names,
                         size_t shared = 0);

} // namespace errand
