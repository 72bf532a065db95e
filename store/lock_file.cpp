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

lock_file::descriptor::~descriptor() {
  if (number_ >= 0)
    ::close(number_);
}

/// `held`: where the number of the process stands that may have it.
status_or<lock_file::descriptor> lock_file::lock(const std::string& path, const std::string& held) {
  descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (file.number() < 0)
    return status{ec::store_failed, "Can't open " + path + ": " + system_message(errno)
                                        + "; check the permissions of the folder that it is in"};
  if (::flock(file.number(), LOCK_EX | LOCK_NB) == 0)
    return file;
  if (errno != EWOULDBLOCK)
    return status{ec::store_failed, "Can't lock " + path + ": " + system_message(errno)};
  const auto process = path == held ? holder(file.number()) : std::string();
  return status{ec::store_locked,
                "Another server" + (process.empty() ? "" : " (process " + process + ")")
                    + " has this store open (" + path + "); stop it, or choose another store"};
}

status_or<lock_file> lock_file::acquire(const std::string& database) {
  const auto beside_path = database + ".lock";
  auto beside = lock(beside_path, beside_path);
  if (!beside.ok())
    return beside.why();
  auto itself = lock(database, beside_path);
  if (!itself.ok())
    return itself.why();
  // Only for that message: a disk without room for it does not stop the server.
  const auto process = std::to_string(::getpid()) + "\n";
  if (::ftruncate(beside->number(), 0) == 0)
    (void)!::pwrite(beside->number(), process.data(), process.size(), 0);
  return lock_file(std::move(*beside), std::move(*itself));
}

} // namespace errand
