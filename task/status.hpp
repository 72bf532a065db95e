// What a call that may fail in an expected way gives back: a status, or a value or a status.
// Exceptions do not cross a folder's boundary; these do. Plain values, safe to copy and to send.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace errand {

/// Why something was refused or failed. A number is never reused.
enum class ec : uint8_t {
  ok = 0,
  not_found = 1,    ///< No such task, or it was deleted.
  wrong_state = 2,  ///< The row is not in the state that the verb expects; somebody else was first.
  invalid = 3,      ///< The caller's input breaks a rule; the message says which.
  store_full = 4,   ///< The disk (or a file size limit) left no room; nothing was changed.
  store_failed = 5, ///< Any other failure of the store; nothing was changed.
  store_locked = 6, ///< Another server has this store open.
  store_newer = 7,  ///< The store was written by a newer version of this program.
  draining = 8,     ///< The server is shutting down.
  timed_out = 9,    ///< No answer in time; whether it was carried out is not known.
  not_unique = 10,  ///< Another task holds the unique key.
  key_reused = 11,  ///< The request's key is known, but from another request.
};

/// What is wrong with one field. `pointer` is a JSON pointer (RFC 6901) into what the caller gave;
/// `detail` goes on from the field's name: "is 101; it must be an integer from -100 to 100".
struct field_error {
  std::string pointer;
  std::string detail;
};

/// Success, or a reason with a sentence for people. Success allocates nothing.
class [[nodiscard]] status {
public:
  status() = default;
  status(ec code, std::string message) : code_(code), message_(std::move(message)) {}

  /// `invalid`, with all that is wrong. Precondition: !fields.empty().
  explicit status(std::vector<field_error> fields)
      : code_(ec::invalid),
        message_(fields.front().pointer + ' ' + fields.front().detail),
        fields_(std::move(fields)) {}

  bool ok() const { return code_ == ec::ok; }
  ec code() const { return code_; }

  /// What failed, with the offending value, and what to do. Empty on success.
  const std::string& message() const { return message_; }

  /// Of `invalid`, if it is known: which fields, each with its pointer.
  const std::vector<field_error>& fields() const { return fields_; }

private:
  ec code_ = ec::ok;
  std::string message_;
  std::vector<field_error> fields_;
};

/// A value, or the status that says why there is none. Never holds an ok status.
template <class T>
class [[nodiscard]] status_or {
public:
  status_or(T value) : content_(std::move(value)) {}
  status_or(status why) : content_(std::move(why)) { assert(!std::get<status>(content_).ok()); }

  bool ok() const { return std::holds_alternative<T>(content_); }

  /// Why there is no value. Precondition: !ok().
  const status& why() const { return std::get<status>(content_); }

  /// The value. Precondition: ok().
  T& value() { return std::get<T>(content_); }
  const T& value() const { return std::get<T>(content_); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }

private:
  std::variant<T, status> content_;
};

} // namespace errand
