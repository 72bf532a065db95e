#include "actors/answer_desk.hpp"

#include "actors/tell_view.hpp"

namespace errand {

answer_desk::question answer_desk::open(kind how) {
  const std::lock_guard lock{mutex_};
  std::promise<answer_content> promise;
  question asked{++last_, promise.get_future()};
  if (shut_)
    promise.set_value(*shut_);
  else if (not_waiting_ && how == kind::patient)
    promise.set_value(*not_waiting_);
  else
    open_.emplace(asked.number, entry{std::move(promise), how});
  return asked;
}

void answer_desk::close(request_number number) {
  const std::lock_guard lock{mutex_};
  open_.erase(number);
}

void answer_desk::give(const answer& what) {
  std::unique_lock lock{mutex_};
  auto node = open_.extract(what.request);
  lock.unlock();
  if (!node.empty())
    node.mapped().promise.set_value(what.content);
}

void answer_desk::stop_waiting(const status& why) {
  const std::lock_guard lock{mutex_};
  not_waiting_ = why;
  refuse_all(kind::patient, why);
}

void answer_desk::shut(const status& why) {
  const std::lock_guard lock{mutex_};
  shut_ = why;
  refuse_all(kind::patient, why);
  refuse_all(kind::quick, why);
}

void answer_desk::refuse_all(kind how, const status& why) {
  for (auto at = open_.begin(); at != open_.end();) {
    if (at->second.how != how) {
      ++at;
      continue;
    }
    at->second.promise.set_value(why);
    at = open_.erase(at);
  }
}

clerk_actor::behavior_type clerk(clerk_actor::pointer self, std::shared_ptr<answer_desk> desk) {
  return {
      [desk = std::move(desk)](answer_atom, const answers_ptr& answers) {
        for (const auto& each : *answers)
          desk->give(each);
      },
      [self](probe_atom, const client_actor& client, request_number request) {
        self->send(client, answer_atom_v, one_answer(request, status{}));
      },
      [self](mailbox_atom, const client_actor& client, request_number request) {
        tell_view(self, client, request);
      },
  };
}

} // namespace errand
