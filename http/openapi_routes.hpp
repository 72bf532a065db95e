// GET /openapi.json: what all routes take and answer, as OpenAPI 3.1.
#pragma once

#include "http/router.hpp"

#include <string>
#include <string_view>

namespace errand {

/// The document of a server of that version; JSON, on one line.
std::string openapi_document(std::string_view version);

void add_openapi_routes(router& to, std::string_view version);

} // namespace errand
