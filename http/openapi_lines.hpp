// The text of http/openapi.json, which the build makes a source of (cmake/EmbedOpenapi.cmake).
#pragma once

#include <span>

namespace errand {

/// Its lines without indentation and line ends: put together they are the document. They live as
/// long as the program.
std::span<const char* const> openapi_lines();

} // namespace errand
