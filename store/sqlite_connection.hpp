// One connection to an SQLite database, owned. One thread at a time, and not necessarily always the
// same. Failures are thrown as sqlite_error, which stays inside store/.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

struct sqlite3;

namespace errand {

/// How a connection reaches its database.
struct sqlite_location {
  std::string name;       ///< A path, or a URI if in_memory.
  bool in_memory = false; ///< Shared by all connections of this process that use the same name.
};

/// How long a statement waits for somebody else's lock, unless it is told otherwise.
inline constexpr std::chrono::milliseconds usual_patience{5000};

/// Has the statements of that connection wait so long; the value must outlive it.
void be_patient(sqlite3* db, const std::chrono::milliseconds& with_locks);

class sqlite_connection {
public:
  enum class access { create, existing };

  sqlite_connection(const sqlite_location& location, access how);

  sqlite3* handle() const { return db_.get(); }

  /// Runs statements that give no rows worth reading.
  void execute(const std::string& sql);

  /// The first column of the first row; the statement must give one.
  int64_t integer(const std::string& sql);
  std::string text(const std::string& sql);

  bool in_transaction() const;

  /// Closing will leave the files as they are.
  void leave_untouched();

private:
  struct closer {
    void operator()(sqlite3* db) const;
  };
  std::unique_ptr<sqlite3, closer> db_;
};

} // namespace errand
