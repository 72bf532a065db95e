// A logger that writes nothing.
#pragma once

#include "task/logger.hpp"

namespace errand::test {

class silent_logger final : public logger {
public:
  bool enabled(log_level) const override { return false; }
  void write(log_level, std::string_view, const log_fields&) override {}
};

} // namespace errand::test
