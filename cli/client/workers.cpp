// `errand workers`: who runs what.
#include "cli/client/command_set.hpp"
#include "cli/client/queue_rows.hpp"

namespace errand::client {

namespace {

int list_workers(session& s) {
  const auto answer = s.server.get("/v1/workers");
  if (s.as_json) {
    s.print_json(answer.text);
    return exit_done;
  }
  const auto now = system_now();
  s.print(worker_rows(value_of(answer.value, "workers"), now));
  if (const auto& leasing = value_of(answer.value, "lease_workers"); !leasing.empty()) {
    s.print("\n");
    s.print(lease_rows(leasing, now));
  }
  return exit_done;
}

} // namespace

void add_workers(command_set& set) {
  set.add("workers", "List workers, the server's own and those that lease, and what they run.",
          list_workers);
}

} // namespace errand::client
