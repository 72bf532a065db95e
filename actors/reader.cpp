#include "actors/reader.hpp"

#include "actors/answer.hpp"

namespace errand {

reader_actor::behavior_type reader(reader_actor::stateful_pointer<reader_state> self,
                                   std::shared_ptr<std::unique_ptr<store_reader>> store) {
  self->state.store = std::move(*store);
  return {
      [self](fetch_atom, const client_actor& client, request_number request, const task_id& id) {
        auto found = self->state.store->get(id);
        if (found.ok())
          self->send(client, answer_atom_v,
                     one_answer(request, std::make_shared<const task>(std::move(*found))));
        else
          self->send(client, answer_atom_v, one_answer(request, found.why()));
      },
      [self](list_atom, const client_actor& client, request_number request,
             const list_request& query) {
        auto page = self->state.store->list(query);
        if (page.ok())
          self->send(client, answer_atom_v,
                     one_answer(request, std::make_shared<const task_page>(std::move(*page))));
        else
          self->send(client, answer_atom_v, one_answer(request, page.why()));
      },
      [self](search_atom, const client_actor& client, request_number request,
             const search_request& query) {
        auto found = self->state.store->search(query);
        if (found.ok())
          self->send(client, answer_atom_v,
                     one_answer(request, std::make_shared<const found_tasks>(std::move(*found))));
        else
          self->send(client, answer_atom_v, one_answer(request, found.why()));
      },
      [self](place_atom, const client_actor& client, request_number request, const task_id& id) {
        auto place = self->state.store->place(id);
        if (place.ok())
          self->send(client, answer_atom_v,
                     one_answer(request, std::make_shared<const task_place>(std::move(*place))));
        else
          self->send(client, answer_atom_v, one_answer(request, place.why()));
      },
      [self](log_atom, const client_actor& client, request_number request,
             const log_request& query) {
        auto page = self->state.store->log(query);
        if (page.ok())
          self->send(client, answer_atom_v,
                     one_answer(request, std::make_shared<const log_page>(std::move(*page))));
        else
          self->send(client, answer_atom_v, one_answer(request, page.why()));
      },
      [self](probe_atom, const client_actor& client, request_number request) {
        self->send(client, answer_atom_v, one_answer(request, self->state.store->ping()));
      },
  };
}

} // namespace errand
