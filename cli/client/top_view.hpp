// What `errand top` shows, as text. Pure.
#pragma once

#include "cli/client/session.hpp"
#include "task/time.hpp"

#include <optional>
#include <string>

namespace errand::client {

/// What the server answered.
struct snapshot {
  json stats;   ///< GET /v1/stats
  json queues;  ///< The array of GET /v1/queues
  json workers; ///< GET /v1/workers
};

struct view_options {
  std::string url;
  std::string trouble; ///< Why this is not as it is now; empty if it is.
  timestamp now;
  std::optional<size_t> columns;
  bool has_colours = false;
};

/// Lines: what there is to do, how fast it is done, queues, workers. The busiest come first.
std::string top_text(const snapshot& data, const view_options& view);

} // namespace errand::client
