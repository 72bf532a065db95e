// How a built-in handler says which sort of failure its attempt met.
#pragma once

#include <stdexcept>
#include <string>

namespace errand {

/// Makes the attempt failed like any other exception, but with an error type of its own
/// ("exit_status") in place of "exception".
class typed_error : public std::runtime_error {
public:
  typed_error(std::string type, const std::string& message)
      : std::runtime_error(message), type_(std::move(type)) {}

  const std::string& type() const { return type_; }

private:
  std::string type_;
};

} // namespace errand
