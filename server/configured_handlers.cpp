#include "server/configured_handlers.hpp"

#include "handlers/email.hpp"
#include "handlers/exec.hpp"
#include "handlers/http_handler.hpp"

#include <utility>

namespace errand {

void add_server_handlers(handler_registry& registry, const Options& options,
                         std::shared_ptr<http_sender> sender, final_task_lookup look_up) {
  add_callback_handler(registry, sender, std::move(look_up));
  if (!registry.find("http"))
    add_http_handler(registry, std::move(sender));
  if (!registry.find("exec"))
    registry.add("exec", exec_handler(prepare_commands(options.exec).commands));
  if (!registry.find("email"))
    registry.add("email", email_handler(options.smtp));
}

} // namespace errand
