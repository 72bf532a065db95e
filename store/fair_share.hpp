// Shares the workers' time among queues by their weights: start-time fair queueing (Goyal, Vin and
// Cheng, 1996), where a turn costs what its attempt takes. That is known only afterwards, so what
// runs costs what it has taken so far and what attempts of its queue usually take besides. A queue
// that had nothing to do has saved nothing up, and one that has nothing more leaves its share to
// the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace errand {

/// Seconds. The least that a turn costs, so that queues of attempts that take no time share turns.
inline constexpr double least_cost = 0.001;

/// Seconds of one worker: a queue of weight 1 owes the others no more than that. So an attempt of a
/// week, or a jump of the clock that was not noticed, does not shut a queue out for as long.
inline constexpr double most_owed = 3600;

class fair_share {
public:
  struct candidate {
    std::string_view queue;
    double weight = 1;
    size_t most = 0;         ///< It can take so many turns.
    size_t running = 0;      ///< So many of its attempts run now,
    double running_time = 0; ///< and have taken so many seconds together.
  };

  /// Whose turn it is, up to `n` times in a row: indices of `candidates`. Each queue is there once.
  std::vector<size_t> next(size_t n, std::span<const candidate> candidates);

  /// An attempt of that queue has ended, and had taken so many seconds. `runs`: others of it run.
  void spent(std::string_view queue, double weight, double seconds, bool runs);

private:
  struct account {
    double charged = 0;        ///< Virtual time up to which it has had its share.
    double usual = least_cost; ///< Seconds: what its attempts take.
    bool runs = false;
    uint64_t contended = 0; ///< In which call last. Who was away in the one before was away.
  };

  struct text_hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using accounts = std::unordered_map<std::string, account, text_hash, std::equal_to<>>;

  account& account_of(std::string_view queue);

  uint64_t calls_ = 0;
  double now_ = 0; ///< Virtual time: when the newest turn began.

  /// Of queues that run, or that have had more than their share.
  accounts accounts_;
};

} // namespace errand
