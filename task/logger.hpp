// What the folders left of server/ know of logging: one interface. server/ implements it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace errand {

/// Stored nowhere, but options and flags name them.
enum class log_level { trace, debug, info, warn, error, off };

/// A few named values beside a message: {"task", id}, {"worker", name}.
using log_fields = std::vector<std::pair<std::string_view, std::string>>;

/// Thread-safe; a call may write to standard error, and so may block for as long as that takes.
class logger {
public:
  virtual ~logger() = default;
  virtual bool enabled(log_level level) const = 0;
  virtual void write(log_level level, std::string_view message, const log_fields& fields) = 0;

  void debug(std::string_view m, const log_fields& f = {}) { write(log_level::debug, m, f); }
  void info(std::string_view m, const log_fields& f = {}) { write(log_level::info, m, f); }
  void warn(std::string_view m, const log_fields& f = {}) { write(log_level::warn, m, f); }
  void error(std::string_view m, const log_fields& f = {}) { write(log_level::error, m, f); }
};

using logger_ptr = std::shared_ptr<logger>;

} // namespace errand
