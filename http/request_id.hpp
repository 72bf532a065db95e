// Names for requests whose senders gave none.
#pragma once

#include "task/secret_numbers.hpp"

#include <string>

namespace errand {

/// Gives names that nobody can guess. One thread at a time.
class request_id_source {
public:
  /// 24 characters of [0-9a-f].
  std::string next();

private:
  secret_numbers numbers_;
};

} // namespace errand
