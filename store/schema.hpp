// What makes an SQLite database an Errand store: its application id, and a schema version that
// migrations raise. Called once per opening, on the thread that opens.
#pragma once

#include "store/sqlite_connection.hpp"
#include "task/status.hpp"

#include <span>
#include <string>

namespace errand {

/// SQL texts; the first leads from an empty database to version 1, and so on.
std::span<const char* const> migrations();

/// Whether this program may use the database: an empty one, or a store of this or an earlier
/// version. Changes nothing. Throws sqlite_error. `name` is for messages.
status check_schema(sqlite_connection& connection, const std::string& name);

/// Brings the database to the newest version in one transaction. Precondition: check_schema was
/// ok. Throws sqlite_error, and then nothing was changed.
void migrate(sqlite_connection& connection);

} // namespace errand
