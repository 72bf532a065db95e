// Configured routes that turn any request into a task and answer at once, once it is durable.
#pragma once

#include "http/router.hpp"

#include <string>
#include <vector>

namespace errand {

/// Its values are checked by whoever reads them.
struct ingress_route {
  std::string method = "GET"; ///< Or POST, PUT, PATCH, DELETE.
  std::string path;           ///< As it is; begins with '/'.
  std::string kind;
  std::string args_json = "{}";
  int reply_status = 200;
  std::string reply_content_type = "text/plain";
  std::string reply_body;
};

/// HEAD shows what GET would answer, and submits nothing: who asks for headers wants no work done.
void add_ingress_routes(router& to, const std::vector<ingress_route>& routes);

} // namespace errand
