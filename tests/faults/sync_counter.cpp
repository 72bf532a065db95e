// A slow disk that counts. Loaded before the C library (LD_PRELOAD), it lets each fsync and
// fdatasync of a file below the folder SYNCS_FOLDER take its time, and then adds a byte to the file
// SYNCS_FILE. So whoever answers before the sync has ended is seen to do so.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr int sync_ms = 30;

bool is_counted(int fd) {
  char path[4096];
  const auto link = "/proc/self/fd/" + std::to_string(fd);
  const auto size = readlink(link.c_str(), path, sizeof path);
  const char* folder = std::getenv("SYNCS_FOLDER");
  return size > 0 && folder
         && std::string(path, static_cast<size_t>(size)).starts_with(std::string(folder) + "/");
}

void count_one() {
  const char* path = std::getenv("SYNCS_FILE");
  const int file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  if (file < 0 || write(file, "s", 1) != 1)
    std::abort();
  close(file);
}

int counted(const char* call, int fd) {
  using sync_call = int (*)(int);
  const bool counts = is_counted(fd);
  if (counts)
    poll(nullptr, 0, sync_ms);
  const int result = reinterpret_cast<sync_call>(dlsym(RTLD_NEXT, call))(fd);
  if (counts && result == 0)
    count_one();
  return result;
}

} // namespace

extern "C" int fsync(int fd) {
  return counted("fsync", fd);
}

extern "C" int fdatasync(int fd) {
  return counted("fdatasync", fd);
}
