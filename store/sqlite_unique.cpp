// At most one of several tasks: the one that holds the key. An index over the rows that hold theirs
// keeps the promise; here is told who holds it, and what becomes of another that wants it.
#include "store/sqlite_store.hpp"
#include "store/task_row.hpp"
#include "task/utf8.hpp"

#include <utility>

namespace errand {

/// A window that is over ends here, when somebody asks.
std::optional<task> sqlite_store::key_holder(std::string_view key, timestamp now) {
  std::optional<task> holder;
  {
    sqlite_execution row(sql_.key_holder, key);
    if (!row.next())
      return std::nullopt;
    holder = read_task(row, sql_.after);
  }
  const auto& rule = *holder->spec.unique;
  if (rule.until != unique_until::window || holder->created_at + rule.window > now)
    return holder;
  sqlite_execution(sql_.drop_key, holder->id.sequence()).run();
  return std::nullopt;
}

/// Why a spec with that rule can't be added.
std::optional<status> sqlite_store::why_not_unique(const unique_rule& rule, timestamp now) {
  const auto holder = key_holder(rule.key, now);
  if (!holder || rule.on_conflict == unique_conflict::keep)
    return std::nullopt;
  const bool may_give_way =
      is_final(holder->state) || next_state(holder->state, task_event::cancel);
  if (rule.on_conflict == unique_conflict::replace && may_give_way)
    return std::nullopt;
  return status(ec::not_unique,
                "Task " + holder->id.to_string() + " holds the unique key " + quoted(rule.key)
                    + " and is " + std::string(to_string(holder->state))
                    + "; nothing was added. Wait for its end, or choose another key");
}

/// The task that stands for one with that rule; nothing if the key is free, perhaps since its
/// holder has just given way. Precondition: there is nothing that forbids it.
std::optional<task> sqlite_store::make_room(const unique_rule& rule, timestamp now) {
  auto holder = key_holder(rule.key, now);
  if (!holder || rule.on_conflict == unique_conflict::keep)
    return holder;
  if (!is_final(holder->state)) {
    cancel_row(*holder, cancel_reason::replaced, now);
    consequences_.push_back(fact_of(*holder));
  }
  sqlite_execution(sql_.drop_key, holder->id.sequence()).run(); // its window may not be over
  return std::nullopt;
}

/// For a task that is to be queued once more. False if another holds its key.
bool sqlite_store::take_key(const task& row, timestamp now) {
  const auto& rule = row.spec.unique;
  if (!rule || (rule->until == unique_until::window && row.created_at + rule->window <= now))
    return true;
  const auto holder = key_holder(rule->key, now);
  if (!holder)
    sqlite_execution(sql_.take_key, row.id.sequence()).run();
  return !holder || holder->id == row.id;
}

} // namespace errand
