// RouteOptions -> the front's ingress routes: what a route may be. Pure.
#pragma once

#include "http/ingress_routes.hpp"

#include <errand/options.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

inline constexpr size_t max_routes = 100;

/// Something wrong with one of the routes. `pointer` is within the route as errand.toml has it:
/// "/path", "/retry/factor", "/reply/status"; empty for the route as a whole.
struct route_fault {
  size_t route = 0;
  std::string pointer;
  std::string detail; ///< Goes on from the place: "is …; it must be …".
};

/// Why a program or errand.toml can't have that path, to stand behind it; nothing if it can.
std::optional<std::string> path_fault(std::string_view path);

/// Of "GET", "POST", "PUT", "PATCH" and "DELETE"; nothing for others.
std::optional<http_method> parse_route_method(std::string_view name);

struct checked_routes {
  std::vector<ingress_route> routes; ///< Complete only if there are no faults.
  std::vector<route_fault> faults;
};

checked_routes check_routes(const std::vector<RouteOptions>& routes);

/// Kinds that routes name and that have no handler, one line each.
std::vector<std::string> routes_without_handler(const std::vector<RouteOptions>& routes,
                                                const std::vector<std::string>& kinds);

/// "routes[0].retry.factor".
std::string name_of(const route_fault& fault);

/// What of the routes of `options`, filled by a program, is not allowed, one line each.
std::vector<std::string> wrong_routes(const Options& options);

} // namespace errand
