// `errand list`: tasks, page by page.
#include "cli/client/command_set.hpp"
#include "cli/client/times.hpp"
#include "cli/client/wait.hpp"
#include "cli/number_values.hpp"
#include "server/printable.hpp"

#include <algorithm>
#include <memory>

namespace errand::client {

namespace {

constexpr size_t page_max = 1000; // the server's

struct list_flags {
  std::vector<std::string> states, tags;
  std::string queue, kind, group, schedule, created_after, created_before, order;
  size_t limit = 100;
  bool is_all = false;
};

/// Of the first page, but for its size.
std::string path_of(const list_flags& flags) {
  std::string path = "/v1/tasks";
  for (const auto& state : flags.states)
    add_parameter(path, "state", state);
  add_parameter(path, "queue", flags.queue);
  add_parameter(path, "kind", flags.kind);
  add_parameter(path, "group", flags.group);
  add_parameter(path, "schedule", flags.schedule);
  add_parameter(path, "created_after", flags.created_after);
  add_parameter(path, "created_before", flags.created_before);
  add_parameter(path, "order", flags.order);
  for (const auto& tag : flags.tags) {
    const auto [name, value] = name_and_value(tag);
    // Also without a value, which a tag may have.
    path += (path.find('?') == path.npos ? "?tag." : "&tag.") + percent_encoded(name) + '='
            + percent_encoded(value);
  }
  return path;
}

/// What the line of a task has room for: why it failed, or how far it is.
std::string note_of(const json& task) {
  if (auto reason = reason_of(task); !reason.empty())
    return reason == "-" ? "" : reason;
  const auto& progress = value_of(task, "progress");
  if (!progress.is_object() || has_ended(task))
    return "";
  const auto& message = value_of(progress, "message");
  return std::to_string(static_cast<int>(number_of(progress, "fraction") * 100)) + " %"
         + (message.is_string() ? ' ' + message.get<std::string>() : "");
}

table rows_of(const json& tasks) {
  table rows({{"ID"},
              {"STATE"},
              {"AGE", true},
              {"TRY", true},
              {"KIND", false, true},
              {"QUEUE", false, true},
              {"NOTE", false, true}});
  const auto now = system_now();
  for (const auto& task : tasks) {
    const auto state = text_of(task, "state");
    rows.add({text_of(task, "id"), cell(state, ink_of_state(state)),
              age_of(text_of(task, "created_at"), now), text_of(task, "attempt"),
              text_of(task, "kind"), text_of(task, "queue"), note_of(task)});
  }
  return rows;
}

/// Prints pages as they come, so that a long list takes no memory: one document, or tables.
class list_printer {
public:
  explicit list_printer(const session& s) : session_(s) {}

  void print(const json& tasks) {
    if (session_.as_json)
      print_elements(tasks);
    else if (!tasks.empty() || !has_begun_)
      session_.print(rows_of(tasks));
    has_begun_ = true;
  }

  void end(const json& next_cursor, size_t shown) {
    if (session_.as_json)
      session_.print_json("],\"next_cursor\":" + next_cursor.dump() + "}");
    else if (!next_cursor.is_null())
      session_.note("the first " + std::to_string(shown)
                    + " are shown; --all shows all, --limit N others");
  }

private:
  void print_elements(const json& tasks) {
    std::string text = has_begun_ ? "" : "{\"tasks\":[";
    for (const auto& task : tasks) {
      text += (is_empty_ ? "" : ",") + printable_json(task.dump());
      is_empty_ = false;
    }
    session_.print(text);
  }

  const session& session_;
  bool has_begun_ = false;
  bool is_empty_ = true;
};

int list(session& s, const list_flags& flags) {
  const auto all = path_of(flags);
  list_printer printer(s);
  size_t shown = 0;
  json cursor;
  do {
    const auto size = flags.is_all ? page_max : std::min(page_max, flags.limit - shown);
    auto path = all;
    add_parameter(path, "limit", std::to_string(size));
    if (cursor.is_string())
      add_parameter(path, "cursor", cursor.get<std::string>());
    const auto page = s.server.get(path).value;
    const auto& tasks = value_of(page, "tasks");
    printer.print(tasks);
    shown += tasks.size();
    cursor = value_of(page, "next_cursor");
  } while (cursor.is_string() && (flags.is_all || shown < flags.limit));
  printer.end(cursor, shown);
  return exit_done;
}

} // namespace

void add_list(command_set& set) {
  const auto flags = std::make_shared<list_flags>();
  auto& command = set.add("list", "List tasks, the newest first.",
                          [flags](session& s) { return list(s, *flags); });
  command.add_option("--state", flags->states, "may be repeated, or have commas")
      ->type_name("scheduled|waiting|queued|running|retrying|succeeded|failed|cancelled")
      ->allow_extra_args(false)
      ->delimiter(',');
  command.add_option("--queue", flags->queue, "exactly that one")->type_name("NAME");
  command.add_option("--kind", flags->kind, "exactly that one")->type_name("KIND");
  command.add_option("--group", flags->group, "exactly that one")->type_name("NAME");
  command.add_option("--schedule", flags->schedule, "which made them")->type_name("NAME");
  command.add_option("--tag", flags->tags, "may be repeated; all must fit")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_option("--created-after", flags->created_after, "exclusive")->type_name("TIME");
  command.add_option("--created-before", flags->created_before, "exclusive")->type_name("TIME");
  command.add_option("--order", flags->order, "the newest or the oldest first")
      ->type_name("desc|asc");
  auto* limit =
      command.add_option("--limit", flags->limit, "show so many, by default 100")->type_name("N");
  limit->check(count_number());
  command.add_flag("--all", flags->is_all, "show all of them")->excludes(limit);
}

} // namespace errand::client
