// Time zones of the system's database, as Howard Hinnant's library reads it: /usr/share/zoneinfo,
// and nothing from the network. The database is read at the first look-up and kept; zones are
// shared and const, so any thread may use them.
#pragma once

#include "task/status.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace date {
class time_zone;
}

namespace errand {

class time_zone {
public:
  /// UTC, which needs no database.
  time_zone() = default;

  /// By its name in the database, such as "Europe/Berlin". Fails with `invalid` and a message that
  /// goes on from the field's name, as field_error::detail does.
  static status_or<time_zone> find(std::string_view name);

  /// A stretch of time without a change of the clocks.
  struct stretch {
    std::chrono::sys_seconds end; ///< Exclusive; far in the future if there is none.
    std::chrono::seconds offset;  ///< Civil time is UTC and this.
  };
  stretch at(std::chrono::sys_seconds time) const;

  /// What a civil time is in UTC.
  struct reading {
    /// Of a time that the clocks skip, the end of the gap; of one that they repeat, the first.
    std::chrono::sys_seconds time;

    /// Where the civil times end that are repeated together with this one; itself if it is not.
    std::chrono::local_seconds repeated_until;
  };
  reading read(std::chrono::local_seconds civil) const;

private:
  const date::time_zone* zone_ = nullptr;
};

} // namespace errand
