// One server per store: an exclusive flock on a file beside the database. The system drops it with
// the process, however that ends. Opening thread only.
#pragma once

#include "task/status.hpp"

#include <string>
#include <utility>

namespace errand {

class lock_file {
public:
  /// Locks `path`, and makes it if it is missing; it stays when the lock goes. store_locked, with
  /// the process id found in the file, if somebody has it.
  static status_or<lock_file> acquire(const std::string& path);

  lock_file(lock_file&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  lock_file& operator=(lock_file&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~lock_file();

private:
  explicit lock_file(int descriptor) : descriptor_(descriptor) {}

  int descriptor_; ///< -1 once moved from.
};

} // namespace errand
