#include "http/cors.hpp"

#include <algorithm>

namespace errand {

namespace {

constexpr std::string_view methods = "GET, HEAD, POST, PUT, PATCH, DELETE";
constexpr std::string_view reply_headers =
    "Allow, Errand-Task-Id, Idempotent-Replayed, Location, Preference-Applied, Retry-After, "
    "WWW-Authenticate, X-Request-Id";

/// Seconds for which a browser need not ask again.
constexpr std::string_view max_age_s = "600";

} // namespace

bool cors::allows(std::string_view origin) const {
  return std::any_of(origins_.begin(), origins_.end(), [origin](const std::string& each) {
    return equals_ignoring_case(each, origin);
  });
}

std::optional<reply> cors::preflight(const http_request& request) const {
  const auto origin = request.header("Origin");
  if (request.method != http_method::options || !origin || !allows(*origin)
      || !request.header("Access-Control-Request-Method"))
    return std::nullopt;
  reply made{204,
             {},
             {},
             {{"Access-Control-Allow-Methods", std::string(methods)},
              {"Access-Control-Max-Age", std::string(max_age_s)}}};
  // Whatever it asks for: routes of the configuration and of programs read headers of their own.
  if (const auto asked = request.header("Access-Control-Request-Headers"))
    made.headers.emplace_back("Access-Control-Allow-Headers", *asked);
  // A page from the Internet that wants to reach a server in a private network.
  if (request.header("Access-Control-Request-Private-Network"))
    made.headers.emplace_back("Access-Control-Allow-Private-Network", "true");
  show_to(*origin, made);
  return made;
}

void cors::show_to(std::string_view origin, reply& what) const {
  if (origins_.empty())
    return;
  what.headers.emplace_back("Vary", "Origin");
  if (origin.empty())
    return;
  what.headers.emplace_back("Access-Control-Allow-Origin", origin);
  what.headers.emplace_back("Access-Control-Expose-Headers", reply_headers);
}

} // namespace errand
