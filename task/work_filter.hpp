// Which tasks somebody runs: a pool of workers, or a client that leases.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// Tasks of one of these queues and one of these kinds; an empty list stands for any.
struct work_set {
  std::vector<std::string> queues;
  std::vector<std::string> kinds;

  bool contains(std::string_view queue, std::string_view kind) const;
};

struct work_filter {
  work_set wanted;

  /// What others run, and is left to them.
  std::vector<work_set> reserved;

  bool takes(std::string_view queue, std::string_view kind) const;
};

/// Shared, since every claim names it.
using work_filter_ptr = std::shared_ptr<const work_filter>;

} // namespace errand
