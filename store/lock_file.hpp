// One server per store: an exclusive flock on a file beside the database, which also tells who has
// it, and one on the database itself, for the other file can be removed, and a database can have
// two names. The system drops both with the process, however that ends. Opening thread only.
#pragma once

#include "task/status.hpp"

#include <string>
#include <utility>

namespace errand {

class lock_file {
public:
  /// Locks `database` and that with ".lock" behind its name, and makes them if they are missing;
  /// they stay when the lock goes. store_locked, with the process id if it is known, if somebody
  /// has one of them. To be given up after the last connection of this process to the database: to
  /// close any descriptor of a file takes SQLite's locks of it away.
  static status_or<lock_file> acquire(const std::string& database);

private:
  /// Closed with this.
  class descriptor {
  public:
    explicit descriptor(int number) : number_(number) {}
    descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
      std::swap(number_, other.number_);
      return *this;
    }
    ~descriptor();
    int number() const { return number_; }

  private:
    int number_; ///< -1 once moved from.
  };

  lock_file(descriptor beside, descriptor database)
      : beside_(std::move(beside)), database_(std::move(database)) {}

  static status_or<descriptor> lock(const std::string& path, const std::string& held);

  descriptor beside_, database_;
};

} // namespace errand
