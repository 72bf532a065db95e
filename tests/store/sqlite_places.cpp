// Files that are filled, killed and copied; and a store that is gone with its last connection.
#include "tests/store/sqlite_places.hpp"

#include <csignal>
#include <filesystem>

#include <sys/resource.h>

namespace errand::test {

namespace fs = std::filesystem;

full_disk::full_disk() : handler_before_(std::signal(SIGXFSZ, SIG_IGN)) {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
  limit_before_ = limit.rlim_cur;
  limit.rlim_cur = 0;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

full_disk::~full_disk() {
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = limit_before_;
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, handler_before_);
}

status_or<std::unique_ptr<store>> file_place::open() {
  return open_store({url(), durability::commit});
}

status_or<std::unique_ptr<store>> file_place::open_after_crash() {
  // What a killed process leaves behind is what the files hold; its locks and its shared memory go.
  const auto copy = folder_.file("crash-" + std::to_string(++crashes_) + ".db");
  fs::copy_file(file(), copy);
  const auto log = file() + "-wal";
  if (fs::exists(log))
    fs::copy_file(log, copy + "-wal");
  return open_store({"sqlite:" + copy, durability::commit});
}

status_or<std::unique_ptr<store>> memory_place::open() {
  return open_store({"sqlite::memory:", durability::commit});
}

status_or<std::unique_ptr<store>> memory_place::open_after_crash() {
  return status(ec::store_failed, "a store in memory is lost with its process");
}

} // namespace errand::test
