// Schedules: what a client asks for, what the store keeps of one, and when it fires. Pure, but for
// the time zone database.
#pragma once

#include "task/cron.hpp"
#include "task/status.hpp"
#include "task/task.hpp"
#include "task/time_zone.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// What becomes of fires that nobody made in time: the server was down, or the clock was put
/// forward. Stored in rows: never renumber.
enum class missed_policy : uint8_t {
  skip = 1,
  run_once = 2, ///< One task for all of them, unless one that is on time follows.
  run_all = 3,  ///< A task for each of the newest missed_max.
};

/// What becomes of a fire while the schedule's last task has not ended. Stored in rows: never
/// renumber.
enum class overlap_policy : uint8_t {
  allow = 1,
  skip = 2,            ///< The fire makes no task.
  cancel_previous = 3, ///< The last task is cancelled; a running one is told to stop.
};

/// A fire is missed if it could not be made so long after its nominal time.
inline constexpr std::chrono::seconds missed_after{60};

/// So many missed fires of a schedule are made up for, the newest.
inline constexpr size_t missed_max = 1000;

/// What a client asks for: one of `cron` and `every`.
struct schedule_spec {
  std::string cron;              ///< See task/cron.hpp; empty if `every` is set.
  duration every{0};             ///< From when the schedule was made, or this was changed.
  std::string time_zone = "UTC"; ///< In which `cron` is meant.
  task_spec task;                ///< What each fire adds; its delays count from then.
  missed_policy missed = missed_policy::run_once;
  overlap_policy overlap = overlap_policy::allow;
  bool paused = false;
};

/// What came of the last nominal time, or of the last look at the schedule.
struct fire_outcome {
  enum class what : uint8_t {
    fired = 1,
    skipped = 2, ///< There is no task; `detail` says why.
    stalled = 3, ///< It could not be looked at, and will be later.
  };
  timestamp at{}; ///< The nominal time; of an order to run, the time of that.
  what outcome = what::fired;
  std::string detail; ///< For people; empty if it fired.
};

/// The row.
struct schedule {
  int64_t number = 0; ///< Counts up in the order of creation; never given again.
  std::string name;
  schedule_spec spec;
  timestamp created_at{};
  timestamp updated_at{}; ///< Of the last change by a client.
  timestamp anchor{};     ///< What `every` counts from.

  /// The next nominal time; nothing while paused, or if there is none within 100 years.
  std::optional<timestamp> next_run_at;

  std::optional<timestamp> last_run_at; ///< Nominal time of the last fire that made a task.
  std::optional<task_id> last_task;     ///< It, even if it is deleted.
  std::optional<fire_outcome> last_outcome;
};

/// What a client may order of a schedule that is there.
enum class schedule_order : uint8_t { pause, resume, run, remove };

/// When a schedule fires: the nominal times, each the only one of its kind.
///
/// Of a cron expression that names hours, a civil time that the clocks skip counts as the moment
/// right after the gap, and one that they repeat as its first passing; times that so become one are
/// one. An expression for every hour fires by the hours as they pass: what is skipped does not
/// come, and what is repeated comes twice.
class timing {
public:
  /// Fails with `invalid`, told of /cron or /time_zone. `anchor` is for `every`.
  static status_or<timing> of(const schedule_spec& spec, timestamp anchor);

  /// The first nominal time after that; nothing if there is none within 100 years.
  std::optional<timestamp> next(timestamp after) const;

  /// The first nominal time from `first` on from which at most `n` > 0 lie up to `until`,
  /// inclusive. Precondition: `first` is a nominal time and not after `until`.
  timestamp newest(timestamp first, timestamp until, size_t n) const;

private:
  std::optional<timestamp> next_by_name(timestamp after) const;
  std::optional<timestamp> next_as_it_passes(timestamp after) const;
  bool at_most(size_t n, timestamp after, timestamp until) const;

  cron cron_;
  errand::time_zone zone_;
  duration every_{0}; ///< 0: the expression counts.
  timestamp anchor_{};
};

/// next_run_at and what follows it, `n` in all; fewer if there are no more.
std::vector<timestamp> next_runs(const schedule& row, size_t n);

/// Between two fires.
inline constexpr duration min_every = std::chrono::milliseconds(100);
inline constexpr duration max_every = std::chrono::days(3650);

/// Each says what is wrong with that value, as field_error::detail does, or nothing if it is good.
std::optional<std::string> every_fault(double seconds);
std::optional<std::string> cron_fault(std::string_view text);
std::optional<std::string> time_zone_fault(std::string_view name);

/// What a good spec of a task may still not have in a schedule; pointers as of the task itself.
std::vector<field_error> scheduled_task_faults(const task_spec& spec);

inline constexpr std::string_view every_rule =
    "a number of seconds from 0.1 to 315360000 (10 years)";
inline constexpr std::string_view cron_rule = "a string such as \"0 3 * * *\"";
inline constexpr std::string_view time_zone_rule = "a string such as \"Europe/Berlin\"";
inline constexpr std::string_view missed_rule = R"("skip", "run_once" or "run_all")";
inline constexpr std::string_view overlap_rule = R"("allow", "skip" or "cancel_previous")";

/// The words of the API.
std::string_view to_string(missed_policy policy);
std::string_view to_string(overlap_policy policy);
std::string_view to_string(fire_outcome::what outcome);
std::optional<missed_policy> parse_missed_policy(std::string_view word);
std::optional<overlap_policy> parse_overlap_policy(std::string_view word);

} // namespace errand
