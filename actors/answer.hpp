// Puts answers for CLIENTs together.
#pragma once

#include "actors/messages.hpp"

#include <utility>
#include <vector>

namespace errand {

/// A message's worth of one answer. `content` is a status, a task_ptr or a task_page_ptr.
template <class Content>
answers_ptr one_answer(request_number request, Content content) {
  return std::make_shared<const std::vector<answer>>(1, answer{request, std::move(content)});
}

/// Answers that wait to be sent together, each client's in one message.
class answer_box {
public:
  void add(const client_actor& client, answer answer);

  /// Turns every answer into that failure.
  void fail_all(const status& why);

  /// Gives each client's answers to `send(client, answers_ptr)`, in the order in which they came,
  /// and is empty afterwards.
  template <class Send>
  void send_all(Send send) {
    for (auto& [client, answers] : boxes_)
      send(client, std::make_shared<const std::vector<answer>>(std::move(answers)));
    boxes_.clear();
  }

private:
  // Clients are few (the front, an embedder's actors), so a list beats a map.
  std::vector<std::pair<client_actor, std::vector<answer>>> boxes_;
};

} // namespace errand
