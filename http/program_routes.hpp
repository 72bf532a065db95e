// Routes whose functions an embedding program brings.
#pragma once

#include "http/router.hpp"

#include <errand/route.hpp>

#include <string>
#include <vector>

namespace errand {

/// Its values are checked by whoever reads them.
struct program_route {
  http_method method = http_method::get; ///< Neither HEAD nor OPTIONS.
  std::string path;                      ///< As it is; begins with '/'.
  scope_set needed;
  RouteFunction function;
};

void add_program_routes(router& to, const std::vector<program_route>& routes);

} // namespace errand
