// flock and what can be said when it is refused.
#include "store/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace errand {

namespace {

std::string system_message(int number) {
  return std::generic_category().message(number);
}

/// The number that the holder wrote, or empty if it had no chance to.
std::string holder(int descriptor) {
  std::array<char, 20> text;
  const auto n = ::pread(descriptor, text.data(), text.size(), 0);
  std::string digits;
  for (ssize_t i = 0;
       i < n && text[static_cast<size_t>(i)] >= '0' && text[static_cast<size_t>(i)] <= '9'; ++i)
    digits += text[static_cast<size_t>(i)];
  return digits;
}

} // namespace

lock_file::~lock_file() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

status_or<lock_file> lock_file::acquire(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0)
    return status{ec::store_failed, "Can't open " + path + ": " + system_message(errno)
                                        + "; check the permissions of the folder that it is in"};
  lock_file lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return status{ec::store_failed, "Can't lock " + path + ": " + system_message(errno)};
    const auto process = holder(descriptor);
    return status{ec::store_locked,
                  "Another server" + (process.empty() ? "" : " (process " + process + ")")
                      + " has this store open (" + path + "); stop it, or choose another store"};
  }
  // Only for that message: a disk without room for it does not stop the server.
  const auto process = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) == 0)
    (void)!::pwrite(descriptor, process.data(), process.size(), 0);
  return lock;
}

} // namespace errand
