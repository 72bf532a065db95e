// Configured routes that turn any request into a task and answer at once, once it is durable.
#pragma once

#include "http/ingress_args.hpp"
#include "http/router.hpp"
#include "task/task.hpp"

#include <string>
#include <vector>

namespace errand {

/// Its values are checked by whoever reads them.
struct ingress_route {
  http_method method = http_method::get; ///< Neither HEAD nor OPTIONS.
  std::string path;                      ///< As it is; begins with '/'.
  task_spec spec;                        ///< Of each task; but for its args_json.
  args_template args;
  int reply_status = 200;
  std::string reply_content_type = "text/plain";
  std::string reply_body;
  bool is_public = false; ///< Needs no token.
};

/// HEAD shows what GET would answer, and submits nothing: who asks for headers wants no work done.
void add_ingress_routes(router& to, const std::vector<ingress_route>& routes);

} // namespace errand
