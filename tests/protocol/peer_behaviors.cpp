#include "tests/protocol/peer_behaviors.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace errand::test {

using namespace std::chrono_literals;

store_actor::behavior_type store_behavior(store_actor::pointer self, state_ptr state) {
  // What stands in the mailbox is answered together, as after one commit.
  auto batch = std::make_shared<std::vector<held_submit>>();
  return {
      [=](submit_atom, const client_actor& client, request_number request,
          const task_spec_ptr& spec, const request_key_ptr& key) {
        const std::lock_guard lock{state->mutex};
        if (state->holding) {
          state->held.push_back({client, request, spec, key});
          return;
        }
        if (batch->empty())
          self->send(self, commit_atom_v);
        batch->push_back({client, request, spec, key});
      },
      [=](submit_atom, const client_actor& client, request_number request,
          const task_batch_ptr& added, const request_key_ptr& key) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v, one(request, state->accept(*added, key)));
      },
      [=](order_atom, const client_actor& client, request_number request, const task_id& id,
          task_order what, const request_key_ptr& key) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v, one(request, state->carry_out(id, what, key)));
      },
      [=](queue_atom, const client_actor& client, request_number request, const queue_order& what,
          const request_key_ptr& key) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v, one(request, state->configure(what, key)));
      },
      [=](keep_atom, const client_actor& client, request_number request,
          const kept_reply_ptr& reply) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v, one(request, state->keep(*reply)));
      },
      [=](orders_atom, const client_actor& client, request_number request,
          const found_tasks_ptr& which, task_order what) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v, one(request, state->carry_out_some(which->ids, what)));
      },
      [=](schedule_atom, const client_actor& client, request_number request,
          const schedule_put_ptr& wanted) {
        const std::lock_guard lock{state->mutex};
        const auto put = [&](store& db) { return db.put_schedule(*wanted, system_now()); };
        self->send(client, answer_atom_v, one(request, state->change_schedule(put, false, {})));
      },
      [=](schedule_atom, const client_actor& client, request_number request,
          const schedule_command& command, const request_key_ptr& key) {
        const std::lock_guard lock{state->mutex};
        const auto order = [&](store& db) { return db.order_schedule(command, system_now()); };
        const bool removes = command.what == schedule_order::remove;
        self->send(client, answer_atom_v,
                   one(request, state->change_schedule(order, removes, key)));
      },
      [](claim_atom, const dispatcher_actor&, pool_number, const claim_request&) {},
      [](lease_atom, const lessor_actor&, pool_number, const lease_claim&) {},
      [=](note_atom, const client_actor& client, request_number request,
          const lease_signs_ptr& signs, const request_key_ptr& key) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v, one(request, state->keep_leases(*signs, key)));
      },
      [=](finish_atom, const client_actor& client, request_number request,
          const lease_ends_ptr& ends, const request_key_ptr& key) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v, one(request, state->end_leases(*ends, key)));
      },
      [](release_atom, const client_actor&, request_number, const std::string&) {},
      [=](release_atom, const std::vector<lease_token>& tokens) {
        const std::lock_guard lock{state->mutex};
        state->leases_put_back += tokens.size();
      },
      [](note_atom, const attempt_note&) {},
      [](finish_atom, const attempt_report&) {},
      [](lose_atom, const std::vector<attempt_ref>&) {},
      [](release_atom, const std::vector<attempt_ref>&) {},
      [](promote_atom, const scheduler_actor&) {},
      [](prune_atom, const scheduler_actor&, const prune_request&) {},
      [](shrink_atom, const scheduler_actor&) {},
      [=](probe_atom, const client_actor& client, request_number request) {
        state->probe(self, peer::store, client, request);
      },
      [=](mailbox_atom, const client_actor& client, request_number request) {
        state->look_at(self, peer::store, client, request);
      },
      [=](commit_atom) {
        const std::lock_guard lock{state->mutex};
        std::vector<answer> answers;
        for (const auto& submit : *batch)
          answers.push_back(state->accept(submit));
        self->send(batch->front().client, answer_atom_v,
                   std::make_shared<const std::vector<answer>>(std::move(answers)));
        batch->clear();
      },
      [](sweep_atom) {},
      [](close_atom) { return done_atom_v; },
      [](drain_atom) { return done_atom_v; },
  };
}

reader_actor::behavior_type reader_behavior(reader_actor::pointer self, state_ptr state) {
  return {
      [=](fetch_atom, const client_actor& client, request_number request, const task_id& id) {
        const std::lock_guard lock{state->mutex};
        const auto found = state->tasks.find(id);
        if (found == state->tasks.end())
          self->send(client, answer_atom_v, one(request, status{ec::not_found, "no such task"}));
        else
          self->send(client, answer_atom_v,
                     one(request, std::make_shared<const task>(found->second)));
      },
      [=](list_atom, const client_actor& client, request_number request,
          const list_request& query) {
        const std::lock_guard lock{state->mutex};
        state->last_list = query;
        auto page = std::make_shared<task_page>();
        for (auto it = state->tasks.rbegin();
             it != state->tasks.rend() && page->tasks.size() < query.limit; ++it)
          page->tasks.push_back(it->second);
        self->send(client, answer_atom_v, one(request, task_page_ptr{std::move(page)}));
      },
      [=](search_atom, const client_actor& client, request_number request,
          const search_request& query) {
        const std::lock_guard lock{state->mutex};
        state->last_search = query;
        self->send(client, answer_atom_v, one(request, state->search(query)));
      },
      [=](place_atom, const client_actor& client, request_number request, const task_id& id) {
        const std::lock_guard lock{state->mutex};
        const auto found = state->tasks.find(id);
        if (found == state->tasks.end())
          self->send(client, answer_atom_v, one(request, status{ec::not_found, "no such task"}));
        else
          self->send(client, answer_atom_v,
                     one(request, std::make_shared<const task_place>(
                                      task_place{found->second, int64_t{2}, {}})));
      },
      [=](queue_atom, const client_actor& client, request_number request,
          const std::string& queue) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v, one(request, state->look_at(queue)));
      },
      [=](leases_atom, const client_actor& client, request_number request) {
        const std::lock_guard lock{state->mutex};
        self->send(
            client, answer_atom_v,
            one(request, std::make_shared<const std::vector<lease_view>>(state->lease_views)));
      },
      [=](totals_atom, const client_actor& client, request_number request) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v,
                   one(request, std::make_shared<const store_totals>(
                                    store_totals{{{task_state::queued, 7}}, system_now() - 5s})));
      },
      [=](queues_atom, const client_actor& client, request_number request,
          const queue_list_request& query) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v, one(request, state->page_of(query)));
      },
      [=](schedule_atom, const client_actor& client, request_number request,
          const std::string& name) {
        const std::lock_guard lock{state->mutex};
        auto found = state->schedule_reader->schedule(name);
        answer_content content;
        if (found.ok())
          content = std::make_shared<const schedule_view>(std::move(*found));
        else
          content = found.why();
        self->send(client, answer_atom_v, one(request, std::move(content)));
      },
      [=](schedules_atom, const client_actor& client, request_number request,
          const schedule_list_request& query) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v,
                   one(request, std::make_shared<const schedule_page>(
                                    std::move(*state->schedule_reader->schedules(query)))));
      },
      [=](log_atom, const client_actor& client, request_number request, const log_request& query) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v, one(request, state->page_of_log(query)));
      },
      [=](probe_atom, const client_actor& client, request_number request) {
        state->probe(self, peer::reader, client, request);
      },
      [=](mailbox_atom, const client_actor& client, request_number request) {
        state->look_at(self, peer::reader, client, request);
      },
  };
}

events_actor::behavior_type events_behavior(events_actor::pointer self, state_ptr state) {
  return {
      [](facts_atom, const facts_ptr&) {},
      [=](notices_atom, const notices_ptr& notices) {
        const std::lock_guard lock{state->mutex};
        state->notices.insert(state->notices.end(), notices->begin(), notices->end());
      },
      [](logged_atom, const std::vector<task_id>&) {},
      [=](follow_atom, const client_actor& client, request_number request, const task_id& id) {
        const std::lock_guard lock{state->mutex};
        state->watchers.push_back({client, request, id, true});
      },
      [=](subscribe_atom, const client_actor& client, request_number request,
          const subscription& wanted) {
        const std::lock_guard lock{state->mutex};
        state->subscriptions.push_back(wanted);
        if (state->silent.contains(peer::events))
          return;
        event_slice first;
        if (!state->backlog.empty()) {
          first = std::move(state->backlog.front());
          state->backlog.erase(state->backlog.begin());
        }
        if (!first.more)
          state->subscribers.push_back({client, request, wanted.filter});
        self->send(client, answer_atom_v,
                   one(request, std::make_shared<const event_slice>(std::move(first))));
      },
      [](sweep_atom) {},
      [=](leave_atom, const client_actor&, request_number request, const event_filter& filter) {
        const std::lock_guard lock{state->mutex};
        std::erase_if(state->subscribers, [&](const auto& each) {
          return each.request == request && each.filter == filter;
        });
      },
      [=](watch_atom, const client_actor& client, request_number request, const task_id& id) {
        const std::lock_guard lock{state->mutex};
        state->watchers.push_back({client, request, id});
      },
      [=](unwatch_atom, const client_actor&, request_number request, const task_id& id) {
        const std::lock_guard lock{state->mutex};
        std::erase_if(state->watchers, [&](const auto& watcher) {
          return watcher.request == request && watcher.id == id;
        });
      },
      [=](probe_atom, const client_actor& client, request_number request) {
        state->probe(self, peer::events, client, request);
      },
      [=](mailbox_atom, const client_actor& client, request_number request) {
        state->look_at(self, peer::events, client, request);
      },
  };
}

dispatcher_actor::behavior_type dispatcher_behavior(dispatcher_actor::pointer self,
                                                    state_ptr state) {
  return {
      [](cancel_atom, const std::vector<attempt_ref>&) {},
      [](claimed_atom, const claimed_attempts&) {},
      [](idle_atom, worker_number) {},
      [](start_atom, const worker_order_ptr&) {},
      [](start_atom) {},
      [](sweep_atom) {},
      [](overdue_atom) {},
      [=](workers_atom, const client_actor& client, request_number request) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v,
                   one(request, std::make_shared<const std::vector<worker_view>>(state->workers)));
      },
      [=](probe_atom, const client_actor& client, request_number request) {
        state->probe(self, peer::dispatcher, client, request);
      },
      [=](mailbox_atom, const client_actor& client, request_number request) {
        state->look_at(self, peer::dispatcher, client, request);
      },
      [](drain_atom, uint64_t) -> caf::result<done_atom, uint64_t> {
        return {done_atom_v, uint64_t{0}};
      },
  };
}

scheduler_actor::behavior_type scheduler_behavior(scheduler_actor::pointer self, state_ptr state) {
  return {
      [](due_atom, const due_time&) {},
      [](sweep_atom, uint64_t) {},
      [](prune_atom) {},
      [](pruned_atom, const upkeep_progress&) {},
      [=](probe_atom, const client_actor& client, request_number request) {
        state->probe(self, peer::scheduler, client, request);
      },
      [=](mailbox_atom, const client_actor& client, request_number request) {
        state->look_at(self, peer::scheduler, client, request);
      },
  };
}

statistics_actor::behavior_type statistics_behavior(statistics_actor::pointer self,
                                                    state_ptr state) {
  return {
      [](facts_atom, const facts_ptr&, duration) {},
      [](refused_atom) {},
      [=](metrics_atom, const client_actor& client, request_number request,
          const std::vector<std::string>& queues) {
        const std::lock_guard lock{state->mutex};
        if (state->silent.contains(peer::statistics))
          return;
        auto view = state->metrics;
        view.tasks.admit_queues(queues);
        self->send(client, answer_atom_v,
                   one(request, std::make_shared<const metrics_view>(std::move(view))));
      },
      [=](stats_atom, const client_actor& client, request_number request,
          const std::vector<std::string>& queues) {
        statistics_view view;
        view.all.last_minute[tally::started] = 60;
        view.all.waited = {1, 2ms, 3ms, 4ms};
        for (const auto& queue : queues)
          view.queues[queue].last_hour[tally::succeeded] = 11;
        self->send(client, answer_atom_v,
                   one(request, std::make_shared<const statistics_view>(std::move(view))));
      },
      [=](probe_atom, const client_actor& client, request_number request) {
        state->probe(self, peer::statistics, client, request);
      },
      [=](mailbox_atom, const client_actor& client, request_number request) {
        state->look_at(self, peer::statistics, client, request);
      },
  };
}

lessor_actor::behavior_type lessor_behavior(lessor_actor::pointer self, state_ptr state) {
  return {
      [=](lease_atom, const client_actor& client, request_number request,
          const lease_request_ptr& wanted) {
        const std::lock_guard lock{state->mutex};
        state->lease_requests.push_back(*wanted);
        if (wanted->waits)
          state->waiting_workers.push_back({client, request});
        else
          self->send(client, answer_atom_v,
                     one(request, std::make_shared<const std::vector<lease>>()));
      },
      [=](leave_atom, const client_actor& client, request_number request) {
        const std::lock_guard lock{state->mutex};
        const auto gone = std::erase_if(state->waiting_workers, [&](const auto& waiting) {
          return waiting.client == client && waiting.request == request;
        });
        if (gone > 0)
          self->send(client, answer_atom_v,
                     one(request, std::make_shared<const std::vector<lease>>()));
      },
      [](leased_atom, const served_leases&) {},
      [](lose_atom, const std::vector<std::string>&) {},
      [=](release_atom, const client_actor& client, request_number request,
          const std::string& worker) {
        const std::lock_guard lock{state->mutex};
        // As many as a step does, and at last fewer.
        const size_t done = ++state->dismissals[worker] < 3 ? leases_max : 7;
        self->send(client, answer_atom_v, one(request, orders_done{done, done}));
      },
      [=](workers_atom, const client_actor& client, request_number request) {
        const std::lock_guard lock{state->mutex};
        self->send(
            client, answer_atom_v,
            one(request, std::make_shared<const std::vector<worker_view>>(state->lease_workers)));
      },
      [=](probe_atom, const client_actor& client, request_number request) {
        state->probe(self, peer::lessor, client, request);
      },
      [=](mailbox_atom, const client_actor& client, request_number request) {
        state->look_at(self, peer::lessor, client, request);
      },
      [](close_atom) { return done_atom_v; },
  };
}

clerk_actor::behavior_type clerk_behavior(clerk_actor::pointer self, state_ptr state) {
  return {
      [](answer_atom, const answers_ptr&) {},
      [=](probe_atom, const client_actor& client, request_number request) {
        state->probe(self, peer::clerk, client, request);
      },
      [=](mailbox_atom, const client_actor& client, request_number request) {
        state->look_at(self, peer::clerk, client, request);
      },
  };
}

tasks_handle::behavior_type tasks_behavior(tasks_handle::pointer self, state_ptr state) {
  return {
      [=](probe_atom, const client_actor& client, request_number request) {
        state->probe(self, peer::tasks, client, request);
      },
      [=](mailbox_atom, const client_actor& client, request_number request) {
        state->look_at(self, peer::tasks, client, request);
      },
  };
}

} // namespace errand::test
