#include "server/configured_handlers.hpp"

#include "handlers/email.hpp"
#include "handlers/exec.hpp"
#include "handlers/http_handler.hpp"

namespace errand {

void add_configured_handlers(handler_registry& registry, const Options& options,
                             std::shared_ptr<http_sender> sender) {
  if (!registry.find("http"))
    add_http_handler(registry, std::move(sender));
  if (!registry.find("exec"))
    registry.add("exec", exec_handler(prepare_commands(options.exec).commands));
  if (!registry.find("email"))
    registry.add("email", email_handler(options.smtp));
}

} // namespace errand
