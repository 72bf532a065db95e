// How a built-in handler says which sort of failure its attempt met.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

namespace errand {

/// Makes the attempt failed like any other exception, but with an error type of its own
/// ("exit_status") in place of "exception". If the task is tried again, then after `retry_in`, if
/// that is said, in place of its backoff.
class typed_error : public std::runtime_error {
public:
  typed_error(std::string type, const std::string& message,
              std::optional<std::chrono::seconds> retry_in = {})
      : std::runtime_error(message), type_(std::move(type)), retry_in_(retry_in) {}

  const std::string& type() const { return type_; }
  std::optional<std::chrono::seconds> retry_in() const { return retry_in_; }

private:
  std::string type_;
  std::optional<std::chrono::seconds> retry_in_;
};

} // namespace errand
