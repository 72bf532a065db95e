// Where threads outside of the actors wait for answers: each opens a question, sends it to an actor
// in the name of the CLERK, and the CLERK puts the answer here.
#pragma once

#include "actors/messages.hpp"

#include <chrono>
#include <future>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace errand {

/// Any thread.
class answer_desk {
public:
  /// What one thread waits for. To be closed, or answered, once.
  struct question {
    request_number number = 0;
    std::future<answer_content> answer;
  };

  /// Of one that waits for a task, and not for an actor: answered with `why` by stop_waiting().
  enum class kind : bool { quick, patient };

  question open(kind how);

  /// Nobody waits for that answer any more.
  void close(request_number number);

  /// The answer, if that was opened and not closed.
  void give(const answer& what);

  /// Answers all patient questions with that, now and from now on.
  void stop_waiting(const status& why);

  /// Answers all of them with that, now and from now on.
  void shut(const status& why);

private:
  struct entry {
    std::promise<answer_content> promise;
    kind how;
  };

  void refuse_all(kind how, const status& why);

  std::mutex mutex_;
  request_number last_ = 0;
  std::unordered_map<request_number, entry> open_;
  std::optional<status> shut_;        ///< Why none is answered any more.
  std::optional<status> not_waiting_; ///< Why no patient one is.
};

/// CLERK: the client in whose name threads outside ask. Cooperative.
clerk_actor::behavior_type clerk(clerk_actor::pointer self, std::shared_ptr<answer_desk> desk);

} // namespace errand
