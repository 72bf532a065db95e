// A filter is a set of conditions, and most of them have an index that ends in seq, so its entries
// come in the order of the list. The condition with the fewest entries leads: its index is walked
// from the page's beginning until the page is full, and the others are looked up in their indexes.
// The rows themselves are left alone: they are wide and lie apart, so that reading one costs ten
// times as much as finding out from an index that it does not match.
#include "store/list_query.hpp"

#include "store/clock.hpp"
#include "store/sqlite_statement.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace errand {

namespace {

/// How far entries are counted to find the shortest index: first so far, and if none is shorter,
/// then further. What is longer than that counts as equal.
constexpr std::array<int64_t, 2> count_max{1000, 20'000};

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

/// One of the conditions of a filter. Queries call the leader's table `lead`.
struct condition {
  std::string source;          ///< A table with the index that leads through it, as `lead`.
  std::vector<fragment> cases; ///< Any of these; each is one run of the index.
  fragment check;              ///< Whether lead.seq is among them.
};

sqlite_statement prepare(sqlite_connection& connection, const fragment& query) {
  return {connection, query.sql};
}

void bind(sqlite_execution& execution, const fragment& query) {
  for (const auto& v : query.values)
    std::visit([&](const auto& plain) { execution.bind(plain); }, v);
}

/// A condition on one of the columns of tasks that have an index.
condition indexed(const std::string& index, fragment matches) {
  condition result;
  result.source = "tasks AS lead INDEXED BY " + index;
  result.check.add("EXISTS (SELECT 1 FROM tasks AS t INDEXED BY " + index + " WHERE ");
  result.check.add(matches);
  result.check.add(" AND t.seq = lead.seq)");
  result.cases.push_back(std::move(matches));
  return result;
}

condition equals(const std::string& column, const std::string& index, std::string_view text) {
  fragment matches;
  matches.add(column + " = ?", text);
  return indexed(index, std::move(matches));
}

condition any_of(const std::vector<task_state>& states) {
  fragment matches;
  std::vector<fragment> cases;
  for (const auto state : std::set<task_state>(states.begin(), states.end())) {
    const auto number = std::to_string(static_cast<int>(state));
    cases.push_back({"state = " + number, {}});
    matches.add((matches.sql.empty() ? "state IN (" : ", ") + number);
  }
  matches.add(")");
  auto result = indexed("tasks_by_state", std::move(matches));
  result.cases = std::move(cases);
  return result;
}

condition tagged(const std::string& name, const std::string& text) {
  condition result;
  result.source = "task_tags AS lead";
  fragment matches;
  matches.add("name = ?", name);
  matches.add(" AND value = ?", text);
  result.check.add("EXISTS (SELECT 1 FROM task_tags AS t WHERE ");
  result.check.add(matches);
  result.check.add(" AND t.seq = lead.seq)");
  result.cases.push_back(std::move(matches));
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
  if (filter.schedule)
    conditions.push_back(equals("schedule", "tasks_by_schedule", *filter.schedule));
  if (filter.queue)
    conditions.push_back(equals("queue", "tasks_by_queue", *filter.queue));
  return conditions;
}

/// How many entries lead to `it`, at most `max`.
int64_t entries(sqlite_connection& connection, const condition& it, int64_t max) {
  int64_t n = 0;
  for (const auto& one : it.cases) {
    fragment query;
    query.add("SELECT count(*) FROM (SELECT 1 FROM " + it.source + " WHERE ");
    query.add(one);
    query.add(" LIMIT ?)", max - n);
    auto statement = prepare(connection, query);
    sqlite_execution row(statement);
    bind(row, query);
    if (row.next())
      n += row.integer(0);
  }
  return n;
}

/// The one that the fewest entries lead to.
std::vector<condition>::iterator shortest(sqlite_connection& connection,
                                          std::vector<condition>& conditions) {
  auto best = conditions.begin();
  if (conditions.size() == 1)
    return best;
  for (const auto max : count_max) {
    auto fewest = max;
    for (auto it = conditions.begin(); it != conditions.end(); ++it)
      if (const auto n = entries(connection, *it, fewest); n < fewest) {
        fewest = n;
        best = it;
      }
    if (fewest < max)
      break;
  }
  return best;
}

/// Takes the best condition to lead out of `others`; with none, every task is looked at.
condition take_leader(sqlite_connection& connection, std::vector<condition>& others) {
  if (others.empty())
    return {"tasks AS lead", {fragment{"true", {}}}, {}};
  const auto best = shortest(connection, others);
  auto leader = std::move(*best);
  others.erase(best);
  return leader;
}

/// Which part of an index can hold what matches. seq never lies before the time of creation, and
/// after it no more than the clock was ever behind.
fragment sequence_bounds(sqlite_connection& connection, const list_filter& filter,
                         std::optional<int64_t> after, bool ascending) {
  // One bound on each side: of several, SQLite would seek to any and pass over the rest.
  int64_t first = 0;
  int64_t end = std::numeric_limits<int64_t>::max();
  if (filter.created_after)
    first = first_sequence(*filter.created_after);
  if (filter.created_before) {
    const auto lag = std::chrono::milliseconds(connection.integer("SELECT ms FROM clock_lag") + 1);
    end = first_sequence(*filter.created_before + lag);
  }
  if (after && ascending)
    first = std::max(first, *after + 1);
  if (after && !ascending)
    end = std::min(end, *after);
  fragment result;
  result.add(" AND seq >= ?", first);
  result.add(" AND seq < ?", end);
  return result;
}

/// What else must be true of each that the leader leads to.
fragment checks(const list_filter& filter, const std::vector<condition>& conditions) {
  fragment result;
  for (const auto& condition : conditions) {
    result.add(" AND ");
    result.add(condition.check);
  }
  // To the millisecond, as times are shown: what is shown with the limit is neither before nor
  // after it.
  const auto created = [&](const std::optional<timestamp>& limit, const std::string& comparison) {
    if (limit)
      result.add(" AND (SELECT created_at_us / 1000 FROM tasks AS t WHERE t.seq = lead.seq) "
                     + comparison,
                 std::chrono::floor<std::chrono::milliseconds>(limit->time_since_epoch()).count());
  };
  created(filter.created_after, "> ?");
  created(filter.created_before, "< ?");
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
  query.add("SELECT tail FROM tasks AS lead WHERE seq = ?");
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
