// At most one of several tasks: what a spec's `unique` asks for. Pure.
#pragma once

#include "task/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// How long a task holds its key. Stored in rows: never renumber.
enum class unique_until : uint8_t {
  started = 1, ///< Until its first attempt begins.
  final = 2,   ///< Until it has ended.
  window = 3,  ///< For a time after it was accepted, ended or not.
};

/// What becomes of a spec whose key another task holds. Stored in rows: never renumber.
enum class unique_conflict : uint8_t {
  keep = 1,    ///< Nothing is added; the other task stands for it. "return" to clients.
  replace = 2, ///< The other is cancelled, unless it is running: then as `reject`.
  reject = 3,  ///< It is refused.
};

struct unique_rule {
  std::string key; ///< 1 to 256 bytes. One name space for all kinds and queues.
  unique_until until = unique_until::final;
  duration window{0}; ///< If `until` is `window`.
  unique_conflict on_conflict = unique_conflict::keep;

  friend bool operator==(const unique_rule&, const unique_rule&) = default;
};

/// The words of the API.
std::string_view to_string(unique_until until);
std::string_view to_string(unique_conflict on_conflict);
std::optional<unique_until> parse_unique_until(std::string_view word);
std::optional<unique_conflict> parse_unique_conflict(std::string_view word);

} // namespace errand
