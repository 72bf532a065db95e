// The keys of errand.toml's tables with names of the user's own: [queues.NAME] and [workers.NAME].
// They have neither flags nor variables. Plain functions over constants, for any thread.
#pragma once

#include "server/setting.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// One key of such a table; `Target` is what the table becomes.
template <class Target>
struct named_field {
  std::string_view key;     ///< Behind the table's name: "concurrency", "rate.limit".
  std::string_view allowed; ///< Completes "must be …".

  /// Takes the value over. False, and nothing changed, if it is of a wrong type or not allowed.
  bool (*read)(const given_value&, Target&);

  /// The value as errand.toml has it; nothing if it is not set.
  std::optional<std::string> (*shown)(const Target&);

  /// Whether a value that a program has set is allowed.
  bool (*is_good)(const Target&);

  bool is_secret = false; ///< A text that is refused may be one, and is not shown.

  /// What was found in place of what is allowed, to stand behind "is"; nothing, or null: the
  /// value's own description says enough.
  std::optional<std::string> (*found)(const given_value&) = nullptr;
};

std::span<const named_field<QueueOptions>> queue_fields();
std::span<const named_field<WorkerPool>> pool_fields();

/// What a pool lacks as a whole, to stand behind its name. Nothing if it is good.
std::optional<std::string> pool_fault(const WorkerPool& pool);

/// Why a queue or a pool can't be called so, to stand behind that. Nothing if it can.
std::optional<std::string> queue_name_fault(std::string_view name);
std::optional<std::string> pool_name_fault(std::string_view name);

/// "queues.mail", with the name in quotes where TOML wants them.
std::string table_name(std::string_view family, std::string_view name);

/// What of the queues and pools of `options`, filled by a program, is not allowed, one line each.
std::vector<std::string> wrong_named_options(const Options& options);

/// The pool of the workers that serve what no other does.
inline constexpr std::string_view default_pool = "default";

inline constexpr size_t max_pools = 100;
inline constexpr size_t max_preset_queues = 10'000;

} // namespace errand
