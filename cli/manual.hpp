// The manual page errand(1), made from what the parser knows. Pure.
#pragma once

#include "cli/command_tree.hpp"

#include <string>

namespace errand {

/// In the macros of man(7); docs/errand.1 is this, and a test compares them.
std::string manual_page(const described_command& program);

} // namespace errand
