// Names for requests whose senders gave none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace errand {

/// Gives names that nobody can guess, at a few nanoseconds each: randomness comes from the system,
/// many names' worth at a time. One thread at a time.
class request_id_source {
public:
  /// 24 characters of [0-9a-f].
  std::string next();

private:
  static constexpr size_t id_bytes = 12;

  std::array<uint8_t, 256 * id_bytes> pool_{};
  size_t used_ = pool_.size();
};

} // namespace errand
