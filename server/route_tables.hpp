// The tables [[routes]] of errand.toml. Used once, before anything starts.
#pragma once

#include "server/config_file.hpp"
#include "server/settings.hpp"

#include <string>

namespace errand {

/// False if that entry is not `routes`; else it is read in place of the default routes, or what is
/// wrong with it is told.
bool take_routes(const config_entry& entry, loaded_settings& loaded);

/// The routes as errand.toml has them.
std::string routes_to_toml(const Options& options);

} // namespace errand
