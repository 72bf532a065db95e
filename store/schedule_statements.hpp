// The writer's SQL that is about schedules.
#pragma once

#include "store/sqlite_connection.hpp"
#include "store/sqlite_statement.hpp"

namespace errand {

struct schedule_statements {
  explicit schedule_statements(sqlite_connection& connection);

  sqlite_statement find, add, put, drop, fired;
  sqlite_statement due, next_due, get;
  sqlite_statement mark, made;
};

} // namespace errand
