// Checks for flags that take numbers; cli/wrong_values.hpp tells what they find. Pure.
#pragma once

#include <CLI/CLI.hpp>

namespace errand {

/// A number in decimals, such as 1, -2 and 0.5; not infinity.
CLI::Validator number();

/// The same without a fraction.
CLI::Validator whole_number();

/// The same above 0.
CLI::Validator count_number();

} // namespace errand
