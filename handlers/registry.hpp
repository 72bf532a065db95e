// Which handler runs which kind, and how a handler is run so that nothing it does wrong leaves its
// attempt without an outcome.
#pragma once

#include "actors/worker.hpp"
#include "handlers/task_context.hpp"
#include "task/logger.hpp"

#include <errand/handler.hpp>

#include <map>
#include <string>
#include <vector>

namespace errand {

/// Filled before the server starts, read by all workers at once afterwards.
class handler_registry {
public:
  /// Replaces an earlier handler for the same kind.
  void add(std::string kind, Handler handler);

  const Handler* find(const std::string& kind) const;

  std::vector<std::string> kinds() const;

private:
  std::map<std::string, Handler> handlers_;
};

/// Adds the kinds that every server has: sleep, noop, echo.
void add_builtin_handlers(handler_registry& registry);

/// How the attempt ended for which `handler` was called with that context. Never throws: a
/// handler's exception, of whatever type, becomes the attempt's error, and so does a result that is
/// not valid JSON text.
attempt_report run_guarded(const Handler& handler, task_context& context);

/// The end of an attempt whose args in the store are not JSON.
attempt_report bad_args();

/// What workers call, for kinds that have a handler: run_guarded(). What handlers say while they
/// run goes to `send`, all of it before the runner returns. `time` must outlive it.
attempt_runner make_runner(std::shared_ptr<const handler_registry> registry,
                           upstream_lookup look_up, logger_ptr log, note_sender send,
                           attempt_time& time = real_time());

} // namespace errand
