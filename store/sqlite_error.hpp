// SQLite's failures as Errand tells them. Thrown inside store/ only: every public function of a
// store turns them into the status that they hold.
#pragma once

#include "task/status.hpp"

#include <exception>
#include <utility>

struct sqlite3;

namespace errand {

class sqlite_error : public std::exception {
public:
  explicit sqlite_error(status why) : why_(std::move(why)) {}

  const status& why() const { return why_; }
  const char* what() const noexcept override { return why_.message().c_str(); }

private:
  status why_;
};

/// What the call on `db` that returned `code` just failed with: store_full if there is no room
/// (whatever SQLite calls that), else store_failed, with what to do.
status sqlite_failure(sqlite3* db, int code);

/// What an index names is not there.
status damaged_index();

} // namespace errand
