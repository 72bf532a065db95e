// A filter is a set of conditions, and most of them have an index that ends in seq, so its entries
// come in the order of the list. The condition with the fewest entries leads: its index is walked
// from the page's beginning until the page is full, and the others are checked row by row.
#include "store/list_query.hpp"

#include "store/clock.hpp"
#include "store/sqlite_statement.hpp"

#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace errand {

namespace {

/// How far entries are counted to find the shortest index. What is longer counts as equal.
constexpr int64_t count_max = 5000;

using value = std::variant<int64_t, std::string_view>;

/// SQL text and what is to be bound to it.
struct fragment {
  std::string sql;
  std::vector<value> values;

  void add(std::string_view text) { sql += text; }
  void add(std::string_view text, value v) {
    sql += text;
    values.push_back(v);
  }
  void add(const fragment& other) {
    sql += other.sql;
    values.insert(values.end(), other.values.begin(), other.values.end());
  }
};

/// One of the conditions of a filter.
struct condition {
  std::string source;          ///< A table with the index that leads through it.
  std::vector<fragment> cases; ///< Any of these; each is one run of the index. On `source`.
  fragment check;              ///< The same as an expression on a row of tasks.
};

sqlite_statement prepare(sqlite_connection& connection, const fragment& query) {
  return {connection, query.sql};
}

void bind(sqlite_execution& execution, const fragment& query) {
  for (const auto& v : query.values)
    std::visit([&](const auto& plain) { execution.bind(plain); }, v);
}

condition equals(const std::string& column, const std::string& index, std::string_view text) {
  condition result;
  result.source = "tasks INDEXED BY " + index;
  result.check.add(column + " = ?", text);
  result.cases.push_back(result.check);
  return result;
}

condition any_of(const std::vector<task_state>& states) {
  condition result;
  result.source = "tasks INDEXED BY tasks_by_state";
  for (const auto state : std::set<task_state>(states.begin(), states.end())) {
    const auto number = std::to_string(static_cast<int>(state));
    result.cases.push_back({"state = " + number, {}});
    result.check.add((result.check.sql.empty() ? "state IN (" : ", ") + number);
  }
  result.check.add(")");
  return result;
}

condition tagged(const std::string& name, const std::string& text) {
  condition result;
  result.source = "task_tags CROSS JOIN tasks USING (seq)";
  fragment lead;
  lead.add("name = ?", name);
  lead.add(" AND value = ?", text);
  result.cases.push_back(lead);
  result.check.add("EXISTS (SELECT 1 FROM task_tags AS t WHERE t.name = ?", name);
  result.check.add(" AND t.value = ?", text);
  result.check.add(" AND t.seq = tasks.seq)");
  return result;
}

std::vector<condition> conditions_of(const list_filter& filter) {
  std::vector<condition> conditions;
  for (const auto& [name, text] : filter.tags)
    conditions.push_back(tagged(name, text));
  if (!filter.states.empty())
    conditions.push_back(any_of(filter.states));
  if (filter.kind)
    conditions.push_back(equals("kind", "tasks_by_kind", *filter.kind));
  if (filter.group)
    conditions.push_back(equals("group_name", "tasks_by_group", *filter.group));
  if (filter.queue)
    conditions.push_back(equals("queue", "tasks_by_queue", *filter.queue));
  return conditions;
}

/// How many entries lead to `it`, at most count_max.
int64_t entries(sqlite_connection& connection, const condition& it) {
  int64_t n = 0;
  for (const auto& one : it.cases) {
    fragment query;
    query.add("SELECT count(*) FROM (SELECT 1 FROM " + it.source + " WHERE ");
    query.add(one);
    query.add(" LIMIT ?)", count_max - n);
    auto statement = prepare(connection, query);
    sqlite_execution row(statement);
    bind(row, query);
    if (row.next())
      n += row.integer(0);
  }
  return n;
}

/// Takes the best condition to lead out of `others`; with none, every task is looked at.
condition take_leader(sqlite_connection& connection, std::vector<condition>& others) {
  if (others.empty())
    return {"tasks", {fragment{"true", {}}}, {}};
  auto best = others.begin();
  auto fewest = std::numeric_limits<int64_t>::max();
  if (others.size() > 1)
    for (auto it = others.begin(); it != others.end(); ++it)
      if (const auto n = entries(connection, *it); n < fewest) {
        fewest = n;
        best = it;
      }
  auto leader = std::move(*best);
  others.erase(best);
  return leader;
}

/// Which part of an index can hold what matches. seq never lies before the time of creation, and
/// after it no more than the clock was ever behind.
fragment sequence_bounds(sqlite_connection& connection, const list_filter& filter,
                         std::optional<int64_t> after, bool ascending) {
  fragment result;
  if (after)
    result.add(ascending ? " AND seq > ?" : " AND seq < ?", *after);
  if (filter.created_after)
    result.add(" AND seq >= ?", first_sequence(*filter.created_after));
  if (filter.created_before) {
    const auto lag = std::chrono::milliseconds(connection.integer("SELECT ms FROM clock_lag") + 1);
    result.add(" AND seq < ?", first_sequence(*filter.created_before + lag));
  }
  return result;
}

/// What is to be checked on each row that the leader leads to.
fragment checks(const list_filter& filter, const std::vector<condition>& conditions) {
  fragment result;
  if (filter.created_after)
    result.add(" AND created_at_us > ?", int64_t{filter.created_after->time_since_epoch().count()});
  if (filter.created_before)
    result.add(" AND created_at_us < ?",
               int64_t{filter.created_before->time_since_epoch().count()});
  for (const auto& condition : conditions) {
    result.add(" AND ");
    result.add(condition.check);
  }
  return result;
}

/// The first `max` sequences that the leader leads to, and `rest` lets through. SQLite merges the
/// runs of a compound query in the order asked for, so each is read no further than needed.
std::vector<int64_t> walk(sqlite_connection& connection, const condition& leader,
                          const fragment& rest, bool ascending, size_t max) {
  fragment query;
  for (const auto& one : leader.cases) {
    query.add(query.sql.empty() ? "SELECT seq FROM " : " UNION ALL SELECT seq FROM ");
    query.add(leader.source);
    query.add(" WHERE ");
    query.add(one);
    query.add(rest);
  }
  query.add(ascending ? " ORDER BY seq" : " ORDER BY seq DESC");
  query.add(" LIMIT ?", static_cast<int64_t>(max));

  auto statement = prepare(connection, query);
  sqlite_execution row(statement);
  bind(row, query);
  std::vector<int64_t> sequences;
  while (row.next())
    sequences.push_back(row.integer(0));
  return sequences;
}

} // namespace

std::vector<int64_t> matching_tasks(sqlite_connection& connection, const list_request& request,
                                    size_t max) {
  auto others = conditions_of(request.filter);
  const auto leader = take_leader(connection, others);
  auto rest = sequence_bounds(connection, request.filter, request.after, request.ascending);
  rest.add(checks(request.filter, others));
  return walk(connection, leader, rest, request.ascending, max);
}

found_tasks search_tasks(sqlite_connection& connection, const search_request& request) {
  auto others = conditions_of(request.filter);
  const auto leader = take_leader(connection, others);
  const auto bounds = sequence_bounds(connection, request.filter, request.before, false);
  const auto candidates = walk(connection, leader, bounds, false, request.look_at_max);

  fragment query;
  query.add("SELECT tail FROM tasks WHERE seq = ?");
  query.add(checks(request.filter, others));
  auto statement = prepare(connection, query);
  found_tasks found;
  for (const auto sequence : candidates) {
    sqlite_execution row(statement);
    row.bind(sequence);
    bind(row, query);
    if (!row.next())
      continue;
    found.ids.push_back(task_id::from_parts(sequence, row.integer(0)));
    if (found.ids.size() == request.max) {
      found.next = sequence;
      return found;
    }
  }
  if (candidates.size() == request.look_at_max)
    found.next = candidates.back();
  return found;
}

} // namespace errand
