// Which failures mean "no room", and a sentence of advice for each kind. Any thread that owns `db`.
#include "store/sqlite_error.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace errand {

namespace {

status no_room(const std::string& what) {
  return {ec::store_full, "The store has no room: " + what};
}

/// SQLITE_FULL is but one face of a full disk: a file size limit, a quota and a late ENOSPC (from
/// fsync, or while the shared memory grows) arrive as I/O errors with the system's number.
status io_failure(int system_errno, const char* text) {
  switch (system_errno) {
  case ENOSPC:
    return no_room("the disk is full; free some space");
  case EDQUOT:
    return no_room("the disk quota is used up; raise it or free some space");
  case EFBIG:
    return no_room("its file may not grow any more; raise the file size limit (ulimit -f)");
  default:
    break;
  }
  std::string message = std::string("The store failed: ") + text;
  if (system_errno != 0)
    message += " (" + std::generic_category().message(system_errno) + ")";
  return {ec::store_failed, std::move(message)};
}

/// The system's reason. SQLite does not note it for a failed COMMIT; then it still stands in errno.
int system_errno_of(sqlite3* db) {
  const int noted = db != nullptr ? sqlite3_system_errno(db) : 0;
  return noted != 0 ? noted : errno;
}

} // namespace

status sqlite_failure(sqlite3* db, int code) {
  const char* text = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  switch (code & 0xff) {
  case SQLITE_FULL:
    return no_room(
        "the disk is full, or a limit of the database's size is reached; free some space");
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
    return io_failure(system_errno_of(db), text);
  case SQLITE_CORRUPT:
    return {
        ec::store_failed,
        std::string("The store's file is damaged: ") + text
            + "; stop the server, keep a copy of the file with its -wal, then restore a backup or"
              " save what can be read with: sqlite3 FILE .recover | sqlite3 NEW"};
  case SQLITE_NOTADB:
    return {ec::store_failed, std::string("The file is no store, or its beginning is damaged: ")
                                  + text + "; choose another path, or restore a backup"};
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return {ec::store_failed, std::string("The store stays locked by another program: ") + text
                                  + "; close whatever has its file open"};
  case SQLITE_READONLY:
    return {ec::store_failed,
            std::string("The store can't be written: ") + text
                + "; check the permissions of its file and of the folder that it is in"};
  default:
    return {ec::store_failed, std::string("The store failed: ") + text};
  }
}

status damaged_index() {
  return {ec::store_failed,
          "The store's file is damaged: an index and its table differ; stop the server, keep a copy"
          " of the file with its -wal, then repair it with: sqlite3 FILE REINDEX"};
}

} // namespace errand
