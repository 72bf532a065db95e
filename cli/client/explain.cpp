// `errand explain ID`: why a task is not running right now.
#include "cli/client/command_set.hpp"
#include "server/printable.hpp"

#include <memory>

namespace errand::client {

namespace {

int explain(session& s, const std::string& id) {
  const auto answer = s.server.get("/v1/tasks/" + percent_encoded(id) + "/explain");
  if (s.as_json) {
    s.print_json(answer.text);
    return exit_done;
  }
  const auto state = without_controls(text_of(answer.value, "state"));
  auto text = s.inked(ink_of_state(state), state);
  if (const auto& position = value_of(answer.value, "position"); position.is_number())
    text += ", number " + position.dump() + " of its queue's ready tasks";
  text += '\n';
  for (const auto& reason : value_of(answer.value, "reasons"))
    text += "  " + without_controls(text_of(reason, "detail")) + " ("
            + without_controls(text_of(reason, "code")) + ")\n";
  s.print(text);
  return exit_done;
}

} // namespace

void add_explain(command_set& set) {
  const auto id = std::make_shared<std::string>();
  auto& command = set.add("explain", "Say why a task is not running right now.",
                          [id](session& s) { return explain(s, *id); });
  command.add_option("ID", *id, "of the task")->required()->type_name("");
}

} // namespace errand::client
