#include "http/openapi_routes.hpp"

#include "http/openapi_lines.hpp"

#include <cassert>

namespace errand {

std::string openapi_document(std::string_view version) {
  constexpr std::string_view place = "{version}";
  std::string text;
  for (const auto* line : openapi_lines())
    text.append(line);
  const auto at = text.find(place);
  assert(at != std::string::npos);
  return text.replace(at, place.size(), version);
}

void add_openapi_routes(router& to, std::string_view version) {
  to.add(http_method::get, "/openapi.json", {scope::read},
         [document = openapi_document(version)](const route_call&) -> route_result {
           return json_reply(200, document);
         });
}

} // namespace errand
