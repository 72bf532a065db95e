// What of a task's args is not shown to clients. Pure; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// What stands where a value is not shown, as JSON.
inline constexpr std::string_view redacted_json = R"("[redacted]")";

class redaction {
public:
  /// Hides nothing.
  redaction() = default;

  /// Hides the values of these names, whatever their case, of every object within args.
  explicit redaction(std::vector<std::string> names);

  bool hides(std::string_view name) const;

  /// Whether args can have something to hide. Most have not, and need not be read.
  bool may_concern(std::string_view args_json) const;

  /// Args, which are JSON, as clients see them.
  std::string shown(std::string_view args_json) const;

private:
  std::vector<std::string> names_; ///< In lower case.
};

using redaction_ptr = std::shared_ptr<const redaction>;

} // namespace errand
