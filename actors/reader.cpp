#include "actors/reader.hpp"

#include "actors/answer.hpp"
#include "actors/tell_view.hpp"

namespace errand {

namespace {

using self_pointer = reader_actor::stateful_pointer<reader_state>;

template <class Value>
void tell(self_pointer self, const client_actor& client, request_number request,
          status_or<Value> found) {
  if (found.ok())
    self->send(client, answer_atom_v,
               one_answer(request, std::make_shared<const Value>(std::move(*found))));
  else
    self->send(client, answer_atom_v, one_answer(request, found.why()));
}

/// Of those that workers outside have.
constexpr size_t leases_shown = 10'000;

} // namespace

reader_actor::behavior_type reader(self_pointer self,
                                   std::shared_ptr<std::unique_ptr<store_reader>> store) {
  self->state.store = std::move(*store);
  return {
      [self](fetch_atom, const client_actor& client, request_number request, const task_id& id) {
        tell(self, client, request, self->state.store->get(id));
      },
      [self](list_atom, const client_actor& client, request_number request,
             const list_request& query) {
        tell(self, client, request, self->state.store->list(query));
      },
      [self](search_atom, const client_actor& client, request_number request,
             const search_request& query) {
        tell(self, client, request, self->state.store->search(query));
      },
      [self](place_atom, const client_actor& client, request_number request, const task_id& id) {
        tell(self, client, request, self->state.store->place(id));
      },
      [self](queue_atom, const client_actor& client, request_number request,
             const std::string& queue) {
        tell(self, client, request, self->state.store->queue(queue));
      },
      [self](leases_atom, const client_actor& client, request_number request) {
        tell(self, client, request, self->state.store->leases(leases_shown));
      },
      [self](totals_atom, const client_actor& client, request_number request) {
        tell(self, client, request, self->state.store->totals());
      },
      [self](queues_atom, const client_actor& client, request_number request,
             const queue_list_request& query) {
        tell(self, client, request, self->state.store->queues(query));
      },
      [self](schedule_atom, const client_actor& client, request_number request,
             const std::string& name) {
        tell(self, client, request, self->state.store->schedule(name));
      },
      [self](schedules_atom, const client_actor& client, request_number request,
             const schedule_list_request& query) {
        tell(self, client, request, self->state.store->schedules(query));
      },
      [self](log_atom, const client_actor& client, request_number request,
             const log_request& query) {
        tell(self, client, request, self->state.store->log(query));
      },
      [self](probe_atom, const client_actor& client, request_number request) {
        self->send(client, answer_atom_v, one_answer(request, self->state.store->ping()));
      },
      [self](mailbox_atom, const client_actor& client, request_number request) {
        tell_view(self, client, request);
      },
  };
}

} // namespace errand
