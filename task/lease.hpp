// A lease: an attempt that a worker outside of this process has for a time, which it can put off as
// long as it works. Whoever shows its token is that worker.
#pragma once

#include "task/task.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// Good for one attempt of one task and nothing else, until the lease ends (a fencing token, see
/// Kleppmann, "How to do distributed locking"). A number that nobody can guess tells the attempt
/// from one that was given back and begun again, which has the same number.
struct lease_token {
  attempt_ref attempt;
  int64_t secret = 0;

  friend bool operator==(const lease_token& a, const lease_token& b) {
    return a.attempt.id == b.attempt.id && a.attempt.attempt == b.attempt.attempt
           && a.secret == b.secret;
  }
};

/// "<task id>.<attempt>.<16 hexadecimal digits>"; to clients it is opaque.
std::string to_string(const lease_token& token);

/// Nothing for any other text.
std::optional<lease_token> parse_lease_token(std::string_view text);

inline constexpr duration lease_length_min = std::chrono::seconds(1);
inline constexpr duration lease_length_max = std::chrono::hours(1);
inline constexpr duration lease_length_default = std::chrono::seconds(30);

/// So many attempts may be leased, kept or ended at a time.
inline constexpr size_t leases_max = 1000;

/// A worker who would take attempts.
struct lease_wish {
  std::string worker; ///< As it calls itself.
  size_t max = 1;     ///< 1..leases_max.
  duration length = lease_length_default;
};

struct lease {
  lease_token token;
  timestamp expires_at{}; ///< Not later than the time limit of the attempt.
  errand::task task;

  /// What came of the tasks that this one comes after. Nothing if that is more than
  /// lease_upstream_max bytes.
  std::optional<std::vector<upstream_result>> upstream;
};

inline constexpr size_t lease_upstream_max = 4 << 20;

/// That its worker still has it, and what the attempt says.
struct lease_sign {
  lease_token token;
  std::optional<duration> extend_by; ///< From now on; as long as it was leased for if not set.
  std::optional<task_progress> progress = {};
  std::vector<log_line> lines = {};
};

/// What that was answered with.
struct lease_state {
  enum class what : uint8_t {
    ok,
    cancel_requested, ///< Likewise, but the task is wanted by nobody any more.
    lost,             ///< That is no lease, or not any more; nothing was changed.
  };
  what state = what::lost;
  timestamp expires_at{}; ///< Unless lost.
};

/// How the attempt ended.
struct lease_end {
  lease_token token;
  bool released = false; ///< It was not made, and does not count.

  // Unless released.
  attempt_outcome outcome = attempt_outcome::succeeded; ///< Not `postponed`.
  std::string result_json = "null";                     ///< If it succeeded.
  std::string error_type = {};                          ///< If it did not.
  std::string error_message = {};
  std::optional<duration> retry_in = {}; ///< If it failed: after so long, whatever its task says.
  std::vector<log_line> lines = {};      ///< To be added to the log.
};

/// A lease as others see it.
struct lease_view {
  std::string worker;
  attempt_ref attempt;
  std::string kind;
  std::string queue;
  timestamp since{}; ///< When it was given away.
  timestamp expires_at{};
};

} // namespace errand
