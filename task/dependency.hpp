// What a task that comes after others does when one of them does not end well. Pure.
#pragma once

#include "task/state.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace errand {

/// When an upstream task has failed or was cancelled. Stored in rows: never renumber.
enum class dependency_policy : uint8_t {
  cancel = 1, ///< It is cancelled, too, and does not wait for the others.
  run = 2,    ///< It goes on waiting for the others, and runs.
};

/// Whether a task with that policy may run after one that has ended so.
constexpr bool satisfies(task_state ended, dependency_policy policy) {
  return ended == task_state::succeeded || policy == dependency_policy::run;
}

std::string_view to_string(dependency_policy policy);
std::optional<dependency_policy> parse_dependency_policy(std::string_view word);

} // namespace errand
