// Asks every actor how it stands. One that is stuck does not answer, and that is the answer:
// whoever asks waits for survey_patience and takes what has come.
#pragma once

#include "http/route.hpp"

#include <array>
#include <vector>

namespace errand {

/// How long an actor has until it counts as silent.
inline constexpr std::chrono::seconds survey_patience{2};

class actor_survey {
public:
  /// Asks, by questions 0 to questions - 1, and sets the exchange's patience.
  explicit actor_survey(exchange_link& link);

  static constexpr question questions = all_peers.size();

  /// An answer to one of them.
  void answered(question name, const answer& what);
  bool is_complete() const { return missing_ == 0; }

  struct row {
    std::string_view name;
    actor_view_ptr view; ///< Null: it is silent.
    duration took{};     ///< From the question to its answer.
  };

  /// The FRONT, which looks at itself, and then the others.
  std::vector<row> rows(const exchange_link& link) const;

  /// What that actor has in hand by that name; nothing while it is silent.
  std::optional<uint64_t> figure(peer of, std::string_view name) const;

private:
  steady_time asked_;
  std::array<row, questions> rows_; ///< By peer.
  size_t missing_ = questions;
};

} // namespace errand
