// What a server says when it refuses, for people. Pure.
#pragma once

#include <string>
#include <vector>

namespace errand::client {

/// Lines for standard error: title and detail of a problem+json, and below it each of its errors
/// that the detail does not tell already; of another body its beginning.
std::vector<std::string> lines_of_refusal(int status, const std::string& body);

} // namespace errand::client
