// Lists that the server gives in pages.
#pragma once

#include "cli/client/session.hpp"

#include <string>

namespace errand::client {

/// All pages of `path` ("/v1/queues") as one: {"queues": […], "next_cursor": null}. For lists that
/// fit into memory.
json all_pages(const session& s, const std::string& path, const std::string& name);

} // namespace errand::client
