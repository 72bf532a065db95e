#include "server/tasks_actor.hpp"

#include "actors/answer.hpp"
#include "actors/tell_view.hpp"
#include "http/event_values.hpp"
#include "http/task_values.hpp"
#include "server/actor_errors.hpp"

#include <utility>

namespace errand {

namespace {

using self_pointer = inner_tasks_actor::stateful_pointer<tasks_state>;
using question = tasks_state::question;

RequestError stopped() {
  return {RequestError::Fault::stopped, "the server is stopped, or about to be"};
}

client_actor me(self_pointer self) {
  return inner_tasks_actor{self};
}

request_number open(self_pointer self, question asked) {
  auto& state = self->state;
  state.open.emplace(++state.last, std::move(asked));
  return state.last;
}

/// Fulfilled once, whoever comes first.
template <class Result>
using promise_ptr = std::shared_ptr<caf::typed_response_promise<Result>>;

template <class Result, class Value>
void fulfil(const promise_ptr<Result>& promise, Value&& value) {
  if (promise->pending())
    promise->deliver(std::forward<Value>(value));
}

/// A question whose answer, as `convert` makes it of it, fulfils the promise.
template <class Answer, class Result, class Convert>
question answering(const promise_ptr<Result>& promise, Convert convert) {
  return {[=](const answer_content& what) { fulfil(promise, convert(std::get<Answer>(what))); },
          [=](const caf::error& why) { fulfil(promise, why); }};
}

/// The answer to a request that `ask` may refuse by throwing.
template <class Result, class Ask>
caf::result<Result> promised(self_pointer self, Ask ask) {
  const auto promise =
      std::make_shared<caf::typed_response_promise<Result>>(self->make_response_promise<Result>());
  try {
    ask(promise);
  } catch (const RequestError& refused) {
    fulfil(promise, to_error(refused));
  }
  return *promise;
}

void take_answer(self_pointer self, const answer& what) {
  auto& open = self->state.open;
  const auto found = open.find(what.request);
  if (found == open.end())
    return;
  const auto* failure = std::get_if<status>(&what.content);
  const bool is_refused = failure && !failure->ok();
  if (!is_refused && !found->second.is_over_at_once)
    return found->second.answered(what.content);
  const auto asked = std::move(found->second);
  open.erase(found);
  if (is_refused)
    asked.refused(to_error(to_outside(*failure)));
  else
    asked.answered(what.content);
}

template <class Predicate>
void refuse(self_pointer self, Predicate whom) {
  std::vector<question> refused;
  for (auto& [number, asked] : self->state.open)
    if (whom(asked))
      refused.push_back(asked);
  std::erase_if(self->state.open, [&](const auto& entry) { return whom(entry.second); });
  for (const auto& each : refused)
    each.refused(to_error(stopped()));
}

Task outside_task(const task_ptr& row) {
  return to_outside(*row);
}

// -- Waiting --------------------------------------------------------------------------------------

/// EVENTS is asked to watch the task before the READER is asked how it is: else it could end in
/// between, and nobody would tell.
void wait_for(self_pointer self, const task_id& id, const promise_ptr<Task>& promise) {
  if (self->state.is_draining)
    throw stopped();
  const auto fetch = [=](question asked) {
    self->send(self->state.reader, fetch_atom_v, me(self), open(self, std::move(asked)), id);
  };
  question watching{
      [=](const answer_content&) { fetch(answering<task_ptr>(promise, outside_task)); },
      [=](const caf::error& why) { fulfil(promise, why); }};
  watching.is_patient = true;
  const auto watch = open(self, std::move(watching));
  self->send(self->state.events, watch_atom_v, me(self), watch, id);
  const auto unwatch = [=] {
    if (self->state.open.erase(watch) > 0)
      self->send(self->state.events, unwatch_atom_v, me(self), watch, id);
  };
  fetch({[=](const answer_content& what) {
           const auto& row = std::get<task_ptr>(what);
           if (!is_final(row->state))
             return;
           unwatch();
           fulfil(promise, to_outside(*row));
         },
         [=](const caf::error& why) {
           unwatch();
           fulfil(promise, why);
         }});
}

// -- Events ---------------------------------------------------------------------------------------

void tell(self_pointer self, request_number subscription, const event_slice& slice) {
  const auto found = self->state.subscriptions.find(subscription);
  if (found == self->state.subscriptions.end())
    return;
  for (const auto& each : slice.events)
    self->send(found->second.listener, event_atom_v, to_outside(each));
}

void subscribe(self_pointer self, const event_filter& filter, const EventListener& listener,
               const promise_ptr<uint64_t>& promise) {
  const auto number = self->state.last + 1;
  const auto answered = [=](const answer_content& what) {
    fulfil(promise, number); // the first answer says that it has begun
    tell(self, number, *std::get<event_slice_ptr>(what));
  };
  open(self, {answered, [=](const caf::error& why) { fulfil(promise, why); }, false, false});
  self->state.subscriptions.emplace(number, tasks_state::listening{listener, filter});
  self->monitor(listener);
  self->send(self->state.events, subscribe_atom_v, me(self), number,
             subscription{filter, std::nullopt});
}

void leave(self_pointer self, request_number number) {
  const auto found = self->state.subscriptions.find(number);
  if (found == self->state.subscriptions.end())
    return;
  self->send(self->state.events, leave_atom_v, me(self), number, found->second.filter);
  self->state.open.erase(number);
  self->state.subscriptions.erase(found);
}

void listener_down(self_pointer self, const caf::actor_addr& gone) {
  std::vector<request_number> numbers;
  for (const auto& [number, each] : self->state.subscriptions)
    if (each.listener.address() == gone)
      numbers.push_back(number);
  for (const auto number : numbers)
    leave(self, number);
}

} // namespace

inner_tasks_actor::behavior_type tasks(self_pointer self, store_actor store, reader_actor reader,
                                       events_actor events) {
  auto& initial = self->state;
  initial.store = std::move(store);
  initial.reader = std::move(reader);
  initial.events = std::move(events);
  self->set_down_handler([self](const caf::down_msg& down) { listener_down(self, down.source); });
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    refuse(self, [](const question&) { return true; });
    self->quit(exit.reason);
  });
  return {
      [self](submit_atom, const TaskSpec& spec) {
        return promised<TaskId>(self, [&](const auto& promise) {
          auto wanted = std::make_shared<const task_spec>(to_inside(spec));
          auto asked = answering<insertion_ptr>(
              promise, [](const insertion_ptr& added) { return added->task.id.to_string(); });
          self->send(self->state.store, submit_atom_v, me(self), open(self, std::move(asked)),
                     task_spec_ptr{std::move(wanted)}, request_key_ptr{});
        });
      },
      [self](get_atom, const TaskId& id) {
        return promised<Task>(self, [&](const auto& promise) {
          const auto wanted = to_inside(id);
          self->send(self->state.reader, fetch_atom_v, me(self),
                     open(self, answering<task_ptr>(promise, outside_task)), wanted);
        });
      },
      [self](wait_atom, const TaskId& id) {
        return promised<Task>(self,
                              [&](const auto& promise) { wait_for(self, to_inside(id), promise); });
      },
      [self](cancel_atom, const TaskId& id) {
        return promised<Task>(self, [&](const auto& promise) {
          const auto wanted = to_inside(id);
          self->send(self->state.store, order_atom_v, me(self),
                     open(self, answering<task_ptr>(promise, outside_task)), wanted,
                     task_order::cancel, request_key_ptr{});
        });
      },
      [self](subscribe_atom, const EventFilter& filter, const EventListener& listener) {
        return promised<uint64_t>(self, [&](const auto& promise) {
          subscribe(self, to_inside(filter), listener, promise);
        });
      },
      [self](leave_atom, uint64_t subscription) { leave(self, subscription); },
      [self](answer_atom, const answers_ptr& answers) {
        for (const auto& each : *answers)
          take_answer(self, each);
      },
      [self](drain_atom) {
        self->state.is_draining = true;
        refuse(self, [](const question& each) { return each.is_patient; });
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
