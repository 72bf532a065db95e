// `errand cancel ID…`, `errand retry ID…`: orders for tasks by their ids.
#include "cli/client/command_set.hpp"
#include "server/printable.hpp"

#include <algorithm>
#include <memory>

namespace errand::client {

namespace {

/// All of them, also behind one that is refused; the exit status is that of the first refusal.
int order_each(session& s, const std::string& verb, const std::vector<std::string>& ids) {
  int status = exit_done;
  for (const auto& id : ids) {
    try {
      const auto task =
          s.server.ask({.method = "POST", .path = "/v1/tasks/" + percent_encoded(id) + "/" + verb});
      if (s.as_json) {
        s.print_json(task.text);
        continue;
      }
      const auto state = without_controls(text_of(task.value, "state"));
      const bool goes_on = verb == "cancel" && state == "running";
      s.print(without_controls(id) + "  " + s.inked(ink_of_state(state), state)
              + (goes_on ? ", its handler is told to end" : "") + '\n');
    } catch (const failure& f) {
      if (f.exit_status != exit_refused || f.http_status == 401)
        throw;
      for (const auto& line : f.told)
        s.note(ids.size() > 1 ? without_controls(id) + ": " + line : line);
      status = std::max(status, f.exit_status);
    }
  }
  return status;
}

void add_order(command_set& set, const std::string& verb, const std::string& description) {
  const auto ids = std::make_shared<std::vector<std::string>>();
  auto& command =
      set.add(verb, description, [ids, verb](session& s) { return order_each(s, verb, *ids); });
  command.add_option("ID", *ids, "of the tasks")->required()->type_name("");
}

} // namespace

void add_orders(command_set& set) {
  add_order(set, "cancel", "Cancel tasks. A running one ends when its handler does.");
  add_order(set, "retry", "Run tasks again that have ended.");
}

} // namespace errand::client
