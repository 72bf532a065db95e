// From a URL to a store: what it names, whether we may have it, and its schema. The caller's
// thread.
#include "store/store.hpp"

#include "store/schema.hpp"
#include "store/sqlite_store.hpp"

#include <filesystem>
#include <random>
#include <system_error>

namespace errand {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view scheme = "sqlite:";
constexpr std::string_view in_memory = ":memory:";
constexpr const char* allowed = "it can be sqlite:PATH (a file) or sqlite::memory:";

/// "Store: BEFORE 'TEXT' AFTER; what is allowed".
status refused(std::string_view before, std::string_view text, std::string_view after) {
  std::string message = "Store: ";
  message.append(before).append("'").append(text).append("'").append(after).append("; ");
  return {ec::invalid, message.append(allowed)};
}

/// Every call gives another name, and so another database; its readers open the same.
sqlite_location new_memory() {
  std::random_device random;
  const auto number = uint64_t{random()} << 32 | random();
  return {"file:/errand-" + std::to_string(number) + "?vfs=memdb", true};
}

/// The file's one name, whatever links lead to it: the lock beside it must be the same for all.
status_or<sqlite_location> locate_file(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(fs::absolute(path, error), error);
  if (error)
    return status{ec::invalid, "Store: can't use the path " + path + ": " + error.message()};
  if (fs::is_directory(canonical, error))
    return status{ec::invalid, "Store: " + canonical.string()
                                   + " is a folder; name a file in it, such as sqlite:"
                                   + (canonical / "errand.db").string()};
  if (!fs::is_directory(canonical.parent_path(), error))
    return status{ec::invalid, "Store: the folder " + canonical.parent_path().string()
                                   + " does not exist; make it, or choose another path"};
  return sqlite_location{canonical.string(), false};
}

status_or<sqlite_location> locate(std::string_view url) {
  if (!url.starts_with(scheme)) {
    // What follows the scheme may hold a password.
    const auto colon = url.find(':');
    if (colon == std::string_view::npos)
      return refused("", url, " has no scheme");
    return refused("unknown scheme ", url.substr(0, colon), "");
  }
  const auto path = std::string(url.substr(scheme.size()));
  if (path == in_memory)
    return new_memory();
  if (path.empty())
    return refused("", url, " names no path");
  if (path.starts_with(':') || path.starts_with("//") || path.find('\0') != std::string::npos)
    return refused("", url, " names no plain path");
  return locate_file(path);
}

/// The file can be cut where tasks were deleted. Takes effect in a new file only.
constexpr const char* space_given_back = "PRAGMA auto_vacuum = INCREMENTAL";

/// KiB. Enough for the ends of the indexes, where all the work is, with thousands of queues.
constexpr const char* writer_cache = "PRAGMA cache_size = -16384";

/// Bytes. A log that grew larger is cut when it starts anew.
constexpr const char* log_limit = "PRAGMA journal_size_limit = 67108864";

status configure(sqlite_connection& connection, const sqlite_location& location,
                 durability durability) {
  connection.execute(space_given_back); // before anything is written
  connection.execute(writer_cache);
  connection.execute("PRAGMA secure_delete = OFF");
  if (location.in_memory) {
    connection.execute("PRAGMA journal_mode = MEMORY");
    return {};
  }
  if (connection.text("PRAGMA journal_mode = WAL") != "wal")
    return {ec::store_failed, location.name
                                  + " can't be kept with a write-ahead log: its file system lacks"
                                    " shared memory or locks; choose a local disk"};
  connection.execute(log_limit);
  connection.execute(durability == durability::commit ? "PRAGMA synchronous = FULL"
                                                      : "PRAGMA synchronous = NORMAL");
  return {};
}

/// Whether there is something that closing the last connection would move into the database.
/// Opening may have made an empty log, which closing takes away again.
bool has_log(const sqlite_location& location) {
  std::error_code missing;
  const auto size = fs::file_size(location.name + "-wal", missing);
  return !missing && size > 0;
}

status_or<std::unique_ptr<store>> open_sqlite(sqlite_location location, durability durability) {
  std::optional<lock_file> lock;
  if (!location.in_memory) {
    auto acquired = lock_file::acquire(location.name);
    if (!acquired.ok())
      return acquired.why();
    lock = std::move(*acquired);
  }
  sqlite_connection connection(location, sqlite_connection::access::create);
  if (auto unfit = check_schema(connection, location.name); !unfit.ok()) {
    if (has_log(location))
      connection.leave_untouched();
    return unfit;
  }
  if (auto configured = configure(connection, location, durability); !configured.ok())
    return configured;
  migrate(connection);
  return std::unique_ptr<store>(
      std::make_unique<sqlite_store>(std::move(location), std::move(lock), std::move(connection)));
}

} // namespace

status_or<std::unique_ptr<store>> open_store(const store_options& options) {
  auto location = locate(options.url);
  if (!location.ok())
    return location.why();
  const auto name = location->in_memory ? options.url : location->name;
  try {
    return open_sqlite(std::move(*location), options.durability);
  } catch (const sqlite_error& error) {
    return status(error.why().code(), name + ": " + error.why().message());
  } catch (const std::exception& error) {
    return status(ec::store_failed, name + ": " + error.what());
  }
}

} // namespace errand
