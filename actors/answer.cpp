#include "actors/answer.hpp"

#include <algorithm>

namespace errand {

void answer_box::add(const client_actor& client, answer answer) {
  auto box = std::find_if(boxes_.begin(), boxes_.end(),
                          [&client](const auto& entry) { return entry.first == client; });
  if (box == boxes_.end())
    box = boxes_.insert(boxes_.end(), {client, {}});
  box->second.push_back(std::move(answer));
}

void answer_box::fail_all(const status& why) {
  for (auto& entry : boxes_)
    for (auto& answer : entry.second)
      answer.content = why;
}

} // namespace errand
