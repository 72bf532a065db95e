// Waits until a task is final, for `wait_s` and `Prefer: wait`. Part of a continuation: asks EVENTS
// to tell and READER to show, in that order, so that no end falls between the two.
#pragma once

#include "http/route.hpp"

namespace errand {

class task_wait {
public:
  enum class outcome {
    goes_on,
    ended, ///< See last(): the task is final, or the time is over.
    failed ///< See why().
  };

  /// The questions that it asks begin at `first`; it needs two.
  explicit task_wait(question first) : fetch_(first), watch_(first + 1) {}

  void start(const task_id& id, std::chrono::milliseconds patience, exchange_link& link);

  bool has_started() const { return started_; }

  outcome answered(question name, const answer& what, exchange_link& link);

  /// At first it looks a last time; if the READER is silent then, too, it has failed.
  outcome overdue(exchange_link& link);

  void abandoned(exchange_link& link);

  const task& last() const { return *last_; }
  const status& why() const { return why_; }

private:
  void fetch(exchange_link& link);
  outcome end(outcome how, exchange_link& link);

  question fetch_;
  question watch_;
  task_id id_;
  bool started_ = false;
  bool fetching_ = false; ///< An answer of the READER is to come,
  bool is_stale_ = false; ///< but it may have been made before the task was final.
  bool is_watching_ = false;
  bool is_over_ = false; ///< What comes next is the last look.
  task_ptr last_;
  status why_;
};

} // namespace errand
