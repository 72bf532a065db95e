#include "cli/check_settings.hpp"

#include "handlers/registry.hpp"
#include "server/configured_handlers.hpp"
#include "server/exec_options.hpp"
#include "server/pools.hpp"
#include "server/routes.hpp"

#include <utility>

namespace errand {

settings_check check_settings(const Options& options) {
  if (auto unusable = unusable_commands(options); !unusable.empty())
    return {std::move(unusable), {}};
  handler_registry known;
  add_builtin_handlers(known);
  auto without_commands = options; // Their kind is known without them, and starts nothing then.
  without_commands.exec.clear();
  add_server_handlers(known, without_commands, nullptr, {});
  const auto kinds = known.kinds();
  if (auto wrong = kinds_without_handler(options, kinds); !wrong.empty())
    return {std::move(wrong), {}};
  return {{}, routes_without_handler(options.routes, kinds)};
}

} // namespace errand
