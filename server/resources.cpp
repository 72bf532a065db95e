#include "server/resources.hpp"

#include <algorithm>
#include <string>
#include <sys/resource.h>
#include <thread>

namespace errand {

namespace {

/// For the store, the listening sockets, logs, and what handlers open.
constexpr size_t reserved_files = 64;

} // namespace

size_t worker_count(size_t configured) {
  if (configured > 0)
    return configured;
  return std::max<size_t>(2, 2 * std::thread::hardware_concurrency());
}

size_t affordable_connections(size_t wanted, logger& log) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0)
    return wanted;
  if (files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_NOFILE, &files);
  }
  const size_t room =
      files.rlim_cur > 2 * reserved_files ? files.rlim_cur - reserved_files : files.rlim_cur / 2;
  if (room >= wanted)
    return wanted;
  log.warn("the limit of open files allows fewer connections than configured",
           {{"max_connections", std::to_string(room)}, {"configured", std::to_string(wanted)}});
  return room;
}

} // namespace errand
