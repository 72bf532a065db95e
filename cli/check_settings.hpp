// What of the settings this machine and the handlers of this program rule out, which the settings
// alone can't tell. The same for `serve` and for `check-config`.
#pragma once

#include <errand/options.hpp>

#include <string>
#include <vector>

namespace errand {

struct settings_check {
  std::vector<std::string> faults;   ///< One line each; with any of them nothing starts.
  std::vector<std::string> warnings; ///< Likewise one line each. None beside faults.
};

/// Looks at users and files on this machine; opens nothing and starts nothing.
settings_check check_settings(const Options& options);

} // namespace errand
