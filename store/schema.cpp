// Reads and raises the two numbers in the database's header.
#include "store/schema.hpp"

namespace errand {

namespace {

/// "Errd". Never changes.
constexpr int64_t application_id = 0x45727264;

int64_t version_of(sqlite_connection& connection) {
  return connection.integer("PRAGMA user_version");
}

int64_t newest_version() {
  return static_cast<int64_t>(migrations().size());
}

} // namespace

status check_schema(sqlite_connection& connection, const std::string& name) {
  const auto owner = connection.integer("PRAGMA application_id");
  const auto tables = connection.integer("SELECT count(*) FROM sqlite_schema");
  const auto version = version_of(connection);
  if ((owner != application_id && (owner != 0 || tables > 0)) || version < 0)
    return {ec::store_failed,
            name
                + " is a database of another program, and was left as it is; choose"
                  " another path for the store"};
  if (version > newest_version())
    return {ec::store_newer, name + " was written by a newer version of this program (schema "
                                 + std::to_string(version) + ", this one knows up to "
                                 + std::to_string(newest_version())
                                 + "), and was left as it is; use that version or a newer one"};
  return {};
}

void migrate(sqlite_connection& connection) {
  auto version = version_of(connection);
  if (version == newest_version())
    return;
  connection.execute("BEGIN IMMEDIATE");
  try {
    for (; version < newest_version(); ++version)
      connection.execute(migrations()[static_cast<size_t>(version)]);
    connection.execute("PRAGMA application_id = " + std::to_string(application_id));
    connection.execute("PRAGMA user_version = " + std::to_string(version));
    connection.execute("COMMIT");
  } catch (...) {
    if (connection.in_transaction())
      connection.execute("ROLLBACK");
    throw;
  }
}

} // namespace errand
