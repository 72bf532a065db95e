// Opening, and the few calls that need no prepared statement of their own.
#include "store/sqlite_connection.hpp"

#include "store/sqlite_error.hpp"
#include "store/sqlite_statement.hpp"

#include <sqlite3.h>

#include <chrono>
#include <thread>

namespace errand {

namespace {

using namespace std::chrono_literals;

constexpr auto busy_pause = 100us;

/// SQLite's own busy handler soon waits 100 ms between two tries. A database in memory is free only
/// between the writer's transactions, which under load are microseconds: that would miss them all.
int wait_for_lock(void* patience, int tries) {
  thread_local std::chrono::steady_clock::time_point since;
  const auto now = std::chrono::steady_clock::now();
  if (tries == 0)
    since = now;
  if (now - since >= *static_cast<const std::chrono::milliseconds*>(patience))
    return 0;
  std::this_thread::sleep_for(busy_pause);
  return 1;
}

} // namespace

void be_patient(sqlite3* db, const std::chrono::milliseconds& with_locks) {
  sqlite3_busy_handler(db, wait_for_lock, const_cast<std::chrono::milliseconds*>(&with_locks));
}

void sqlite_connection::closer::operator()(sqlite3* db) const {
  sqlite3_close_v2(db);
}

sqlite_connection::sqlite_connection(const sqlite_location& location, access how) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (how == access::create)
    flags |= SQLITE_OPEN_CREATE;
  if (location.in_memory)
    flags |= SQLITE_OPEN_URI;
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(location.name.c_str(), &db, flags, nullptr);
  db_.reset(db); // There is one even on failure, and it holds the message.
  if (code != SQLITE_OK)
    throw sqlite_error(sqlite_failure(db, code));
  be_patient(db, usual_patience);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  execute("PRAGMA temp_store = MEMORY");
}

void sqlite_connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    throw sqlite_error(sqlite_failure(handle(), code));
}

int64_t sqlite_connection::integer(const std::string& sql) {
  sqlite_statement statement(*this, sql);
  sqlite_execution once(statement);
  return once.next() ? once.integer(0) : 0;
}

std::string sqlite_connection::text(const std::string& sql) {
  sqlite_statement statement(*this, sql);
  sqlite_execution once(statement);
  return once.next() ? once.text(0) : std::string();
}

bool sqlite_connection::in_transaction() const {
  return sqlite3_get_autocommit(handle()) == 0;
}

void sqlite_connection::leave_untouched() {
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

} // namespace errand
