#include "server/default_routes.hpp"

namespace errand {

std::vector<ingress_route> default_routes() {
  ingress_route sleep;
  sleep.method = "GET";
  sleep.path = "/sleep";
  sleep.kind = "sleep";
  sleep.args_json = R"({"seconds":5})";
  sleep.reply_status = 200;
  sleep.reply_content_type = "text/plain; charset=utf-8";
  sleep.reply_body = "when i sleep";
  return {sleep};
}

} // namespace errand
