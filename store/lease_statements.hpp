// The writer's statements for leases.
#pragma once

#include "store/sqlite_statement.hpp"

namespace errand {

struct lease_statements {
  explicit lease_statements(sqlite_connection& connection);

  sqlite_statement grant, upstream, find, extend, drop, expired, next_expiry, of_worker;
};

} // namespace errand
