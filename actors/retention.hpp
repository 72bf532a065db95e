// How long tasks are kept once they have ended, and the passes through the store that delete them:
// what to ask for next, and when. Pure.
#pragma once

#include "store/store.hpp"

#include <chrono>
#include <cstddef>
#include <optional>

namespace errand {

/// From a task's end until it may be deleted. Nothing means for ever.
struct retention {
  std::optional<duration> succeeded;
  std::optional<duration> failed; ///< Also of those that were cancelled.
};

/// Most tasks that one step deletes.
inline constexpr size_t prune_step = 200;

/// How long the STORE may go on with one step. What stands in its mailbox waits as long.
inline constexpr std::chrono::milliseconds upkeep_step_time{2};

/// From the end of one pass to the beginning of the next: at least so long, and at least so many
/// times what the pass took, so that passes which find little do not keep the store busy.
inline constexpr std::chrono::minutes pass_pause{1};
inline constexpr int pass_pause_factor = 10;

/// Goes through the final states one after the other, each from its oldest task on; then gives free
/// space back.
class retention_pass {
public:
  explicit retention_pass(const retention& keep) : keep_(keep) {}

  /// What to prune now; nothing if it is time to shrink.
  std::optional<prune_request> next_prune(timestamp now);

  /// That step is done; `next` tells where to go on, if there is more to do.
  void step_done(std::optional<int64_t> next);

  /// Whether all is done. The next call of next_prune() then begins the next pass.
  bool is_over() const { return over_; }

private:
  retention keep_;
  size_t stage_ = 0;  ///< Which state; one beyond the last: shrinking.
  int64_t after_ = 0; ///< In that state.
  bool over_ = false;
};

} // namespace errand
