#include "actors/events.hpp"

#include "actors/answer.hpp"

#include <string>

namespace errand {

namespace {

void write_to_log(logger& log, const task_fact& fact) {
  log.debug("task " + std::string{to_string(fact.state)},
            {{"task", fact.id.to_string()},
             {"kind", fact.kind},
             {"queue", fact.queue},
             {"attempt", std::to_string(fact.attempt)}});
}

} // namespace

events_actor::behavior_type events(events_actor::stateful_pointer<events_state> self,
                                   logger_ptr log) {
  self->state.log = std::move(log);
  return {
      [self](facts_atom, const facts_ptr& facts) {
        auto& state = self->state;
        answer_box answers;
        const bool logged = state.log->enabled(log_level::debug);
        for (const auto& fact : *facts) {
          if (logged)
            write_to_log(*state.log, fact);
          if (state.watchers.empty() || !is_final(fact.state))
            continue;
          const auto found = state.watchers.find(fact.id);
          if (found == state.watchers.end())
            continue;
          for (const auto& watcher : found->second)
            answers.add(watcher.client, {watcher.request, status{}});
          state.watchers.erase(found);
        }
        answers.send_all([self](const client_actor& client, answers_ptr batch) {
          self->send(client, answer_atom_v, std::move(batch));
        });
      },
      [self](watch_atom, const client_actor& client, request_number request, const task_id& id) {
        self->state.watchers[id].push_back({client, request});
      },
      [self](unwatch_atom, const client_actor& client, request_number request, const task_id& id) {
        const auto found = self->state.watchers.find(id);
        if (found == self->state.watchers.end())
          return;
        std::erase_if(found->second, [&](const events_state::watcher& watcher) {
          return watcher.request == request && watcher.client == client;
        });
        if (found->second.empty())
          self->state.watchers.erase(found);
      },
      [self](probe_atom, const client_actor& client, request_number request) {
        self->send(client, answer_atom_v, one_answer(request, status{}));
      },
  };
}

} // namespace errand
