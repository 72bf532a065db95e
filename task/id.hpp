// Task ids: UUIDv7 (RFC 9562, 5.7), in the order in which the store accepted the tasks.
#pragma once

#include "task/secret_numbers.hpp"
#include "task/time.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// The id of a task. The first 48 bits are milliseconds since 1970, the next 12 bits below the
/// version count up within the millisecond (method 1 of RFC 9562, 6.2), the other 62 are random.
class task_id {
public:
  task_id() = default;
  explicit task_id(const std::array<uint8_t, 16>& bytes) : bytes_(bytes) {}

  /// Puts an id together from the two numbers that `sequence` and `tail` give.
  static task_id from_parts(int64_t sequence, int64_t tail);

  /// Reads the canonical text form; upper case is taken too. Nothing for other text, and for UUIDs
  /// that are not of version 7 and the RFC's variant.
  static std::optional<task_id> parse(std::string_view text);

  /// The canonical form, 36 characters, lower case.
  std::string to_string() const;

  /// Milliseconds and counter as one positive number of 60 bits: grows with every id that one
  /// `id_source` gives, and is unique among them.
  int64_t sequence() const;

  /// The 62 random bits.
  int64_t tail() const;

  friend auto operator<=>(const task_id&, const task_id&) = default;

private:
  std::array<uint8_t, 16> bytes_{};
};

/// Gives ids whose sequence never repeats and never falls, also when the clock does.
/// One thread at a time.
class id_source {
public:
  /// `last_sequence`: of the newest id already given out (0 if none); every new one lies above it.
  explicit id_source(int64_t last_sequence);

  task_id next(timestamp now);

private:
  int64_t last_sequence_;
  secret_numbers tails_; ///< Who knows some ids must not be able to tell others.
};

} // namespace errand
