#include "store/lease_statements.hpp"

#include "store/task_row.hpp"

namespace errand {

lease_statements::lease_statements(sqlite_connection& c)
    : grant(c, "INSERT INTO leases(seq, secret, worker, length_us, expires_at_us, deadline_us)"
               " VALUES (?, ?, ?, ?, ?, ?)"),
      upstream(c, select_upstream_results),
      find(c, "SELECT t.tail, t.attempt, l.secret, l.worker, l.length_us, l.expires_at_us,"
              " l.deadline_us, t.started_at_us, t.cancel_requested"
              " FROM leases AS l JOIN tasks AS t ON t.seq = l.seq WHERE l.seq = ?"),
      extend(c, "UPDATE leases SET expires_at_us = ? WHERE seq = ?"),
      drop(c, "DELETE FROM leases WHERE seq = ?"),
      expired(c, "SELECT seq FROM leases INDEXED BY leases_expiring WHERE expires_at_us <= ?"
                 " ORDER BY expires_at_us LIMIT ?"),
      next_expiry(c, "SELECT expires_at_us FROM leases INDEXED BY leases_expiring"
                     " ORDER BY expires_at_us LIMIT 1"),
      of_worker(c, "SELECT seq FROM leases WHERE worker = ? LIMIT ?") {}

} // namespace errand
