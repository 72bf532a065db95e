// SQLite's own automatic checkpoint tries again at every commit while a long read keeps it from
// finishing, which doubles the commits' time; and it never waits for that read.
#include "store/checkpointer.hpp"

#include "store/sqlite_connection.hpp"

#include <sqlite3.h>

#include <utility>

namespace errand {

namespace {

constexpr int step_pages = 1000;

/// From here on (64 MB of 4 KiB pages) a commit waits for the reads that keep the log from starting
/// anew: reads that follow each other closely would let it grow for ever. It does not wait long: a
/// backup may read for minutes, and meanwhile the log has to grow.
constexpr int wait_pages = 16'000;
constexpr std::chrono::milliseconds wait_patience{50};

} // namespace

checkpointer::checkpointer(sqlite3* connection) {
  const auto after_commit = [](void* self, sqlite3* db, const char*, int log_pages) {
    static_cast<checkpointer*>(self)->committed(db, log_pages);
    return SQLITE_OK; // Anything else would make a failure of the commit, which is done.
  };
  sqlite3_wal_hook(connection, after_commit, this);
}

void checkpointer::committed(sqlite3* connection, int log_pages) {
  if (log_pages < moved_)
    moved_ = 0; // The log started anew.
  if (log_pages - moved_ < step_pages && !std::exchange(asked_, false))
    return;
  // What fails (a full disk, a reader that takes its time) is tried again a step later.
  if (log_pages < wait_pages) {
    sqlite3_wal_checkpoint_v2(connection, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  } else {
    be_patient(connection, wait_patience);
    sqlite3_wal_checkpoint_v2(connection, "main", SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
    be_patient(connection, usual_patience);
  }
  moved_ = log_pages;
}

} // namespace errand
