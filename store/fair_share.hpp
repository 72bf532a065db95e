// Shares turns among queues by their weights: start-time fair queueing (Goyal, Vin and Cheng, 1996)
// with a cost of 1 for each turn. A queue that had nothing to do has saved nothing up, and one that
// has nothing more leaves its share to the others.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace errand {

class fair_share {
public:
  struct candidate {
    std::string_view queue;
    double weight = 1;
    size_t most = 0; ///< It can take so many turns.
  };

  /// Whose turn it is, up to `n` times in a row: indices of `candidates`. Each queue is there once.
  std::vector<size_t> next(size_t n, std::span<const candidate> candidates);

private:
  struct text_hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  double now_ = 0; ///< Virtual time: when the last turn began.

  /// When the last turn of a queue ends, if that is after now_.
  std::unordered_map<std::string, double, text_hash, std::equal_to<>> ends_;
};

} // namespace errand
