#include "tests/protocol/peer_doubles.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace errand::test {

namespace {

answers_ptr one(request_number request, answer_content content) {
  return std::make_shared<const std::vector<answer>>(1, answer{request, std::move(content)});
}

struct held_submit {
  client_actor client;
  request_number request;
  task_spec_ptr spec;
};

} // namespace

struct peer_doubles::shared_state {
  mutable std::mutex mutex;
  std::map<task_id, task> tasks;
  id_source ids{0};
  bool holding = false;
  std::vector<held_submit> held;
  status submit_failure;
  status store_probe;
  std::set<peer> silent;
  list_request last_list;
  std::vector<worker_view> workers;

  struct watcher {
    client_actor client;
    request_number request;
    task_id id;
    bool follows = false;
  };
  std::vector<watcher> watchers;

  struct subscriber {
    client_actor client;
    request_number request;
    event_filter filter;
  };
  std::vector<subscription> subscriptions; ///< Every one that came.
  std::vector<subscriber> subscribers;     ///< Those that are live.
  std::vector<event_slice> backlog;        ///< Answers to subscriptions that come.
  std::map<task_id, std::vector<log_record>> logs;

  answer_content page_of_log(const log_request& query) const {
    const auto found = tasks.find(query.id);
    if (found == tasks.end())
      return status{ec::not_found, "There is no such task"};
    auto page = std::make_shared<log_page>();
    page->state = found->second.state;
    size_t size = 0;
    if (const auto log = logs.find(query.id); log != logs.end())
      for (const auto& line : log->second) {
        if (line.number <= query.after)
          continue;
        page->more = size >= query.max_bytes;
        if (page->more)
          break;
        page->lines.push_back(line);
        size += line.text.size() + 1;
      }
    return log_page_ptr{std::move(page)};
  }

  answer accept(const held_submit& submit) {
    if (!submit_failure.ok())
      return {submit.request, submit_failure};
    task row;
    row.id = ids.next(system_now());
    row.spec = *submit.spec;
    row.created_at = row.run_at = system_now();
    tasks.emplace(row.id, row);
    return {submit.request, std::make_shared<const task>(std::move(row))};
  }

  answer_content carry_out(const task_id& id, task_order what) {
    const auto found = tasks.find(id);
    if (found == tasks.end())
      return status{ec::not_found, "There is no such task"};
    auto& row = found->second;
    if (what == task_order::remove) {
      tasks.erase(found);
      return status{};
    }
    if (is_final(row.state) != (what == task_order::retry))
      return status{ec::wrong_state, "Task is " + std::string(to_string(row.state))};
    row.state = what == task_order::retry ? task_state::queued : task_state::cancelled;
    return std::make_shared<const task>(row);
  }

  template <class Actor>
  void probe(Actor* self, peer who, const client_actor& client, request_number request) {
    const std::lock_guard lock{mutex};
    if (!silent.contains(who))
      self->send(client, answer_atom_v, one(request, who == peer::store ? store_probe : status{}));
  }
};

namespace {

using state_ptr = std::shared_ptr<peer_doubles::shared_state>;

store_actor::behavior_type store_behavior(store_actor::pointer self, state_ptr state) {
  // What stands in the mailbox is answered together, as after one commit.
  auto batch = std::make_shared<std::vector<held_submit>>();
  return {
      [=](submit_atom, const client_actor& client, request_number request,
          const task_spec_ptr& spec) {
        const std::lock_guard lock{state->mutex};
        if (state->holding) {
          state->held.push_back({client, request, spec});
          return;
        }
        if (batch->empty())
          self->send(self, commit_atom_v);
        batch->push_back({client, request, spec});
      },
      [=](order_atom, const client_actor& client, request_number request, const task_id& id,
          task_order what) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v, one(request, state->carry_out(id, what)));
      },
      [](claim_atom, const dispatcher_actor&, const claim_request&) {},
      [](note_atom, const attempt_note&) {},
      [](finish_atom, const attempt_report&) {},
      [](lose_atom, const std::vector<attempt_ref>&) {},
      [](release_atom, const std::vector<attempt_ref>&) {},
      [](promote_atom, const scheduler_actor&) {},
      [=](probe_atom, const client_actor& client, request_number request) {
        state->probe(self, peer::store, client, request);
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
      [=](log_atom, const client_actor& client, request_number request, const log_request& query) {
        const std::lock_guard lock{state->mutex};
        self->send(client, answer_atom_v, one(request, state->page_of_log(query)));
      },
      [=](probe_atom, const client_actor& client, request_number request) {
        state->probe(self, peer::reader, client, request);
      },
  };
}

events_actor::behavior_type events_behavior(events_actor::pointer self, state_ptr state) {
  return {
      [](facts_atom, const facts_ptr&) {},
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
  };
}

dispatcher_actor::behavior_type dispatcher_behavior(dispatcher_actor::pointer self,
                                                    state_ptr state) {
  return {
      [](cancel_atom, const std::vector<attempt_ref>&) {},
      [](claimed_atom, const claimed_attempts&) {},
      [](idle_atom, worker_number) {},
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
      [](drain_atom, uint64_t) -> caf::result<done_atom, uint64_t> {
        return {done_atom_v, uint64_t{0}};
      },
  };
}

scheduler_actor::behavior_type scheduler_behavior(scheduler_actor::pointer self, state_ptr state) {
  return {
      [](due_atom, const due_time&) {},
      [](sweep_atom, uint64_t) {},
      [=](probe_atom, const client_actor& client, request_number request) {
        state->probe(self, peer::scheduler, client, request);
      },
  };
}

} // namespace

peer_doubles::peer_doubles(caf::actor_system& system) : state_(std::make_shared<shared_state>()) {
  peers_.store = system.spawn(store_behavior, state_);
  peers_.reader = system.spawn(reader_behavior, state_);
  peers_.events = system.spawn(events_behavior, state_);
  peers_.dispatcher = system.spawn(dispatcher_behavior, state_);
  peers_.scheduler = system.spawn(scheduler_behavior, state_);
}

peer_doubles::~peer_doubles() {
  const auto end = [](const auto& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  };
  end(peers_.store);
  end(peers_.reader);
  end(peers_.events);
  end(peers_.dispatcher);
  end(peers_.scheduler);
}

void peer_doubles::hold_submits() {
  const std::lock_guard lock{state_->mutex};
  state_->holding = true;
}

void peer_doubles::release_submits() {
  const std::lock_guard lock{state_->mutex};
  state_->holding = false;
  for (const auto& submit : std::exchange(state_->held, {})) {
    auto made = state_->accept(submit);
    caf::anon_send(submit.client, answer_atom_v, one(made.request, std::move(made.content)));
  }
}

size_t peer_doubles::held_submits() const {
  const std::lock_guard lock{state_->mutex};
  return state_->held.size();
}

void peer_doubles::fail_submits(status why) {
  const std::lock_guard lock{state_->mutex};
  state_->submit_failure = std::move(why);
}

void peer_doubles::silence(peer who) {
  const std::lock_guard lock{state_->mutex};
  state_->silent.insert(who);
}

void peer_doubles::fail_store_probe(status why) {
  const std::lock_guard lock{state_->mutex};
  state_->store_probe = std::move(why);
}

size_t peer_doubles::accepted() const {
  const std::lock_guard lock{state_->mutex};
  return state_->tasks.size();
}

std::vector<task> peer_doubles::tasks() const {
  const std::lock_guard lock{state_->mutex};
  std::vector<task> all;
  for (const auto& [id, row] : state_->tasks)
    all.push_back(row);
  return all;
}

list_request peer_doubles::last_list() const {
  const std::lock_guard lock{state_->mutex};
  return state_->last_list;
}

void peer_doubles::finish(const task_id& id) {
  const std::lock_guard lock{state_->mutex};
  auto& row = state_->tasks.at(id);
  row.state = task_state::succeeded;
  row.result_json = "5";
  for (const auto& watcher : state_->watchers)
    if (watcher.id == id)
      caf::anon_send(watcher.client, answer_atom_v, one(watcher.request, status{}));
  std::erase_if(state_->watchers, [&](const auto& watcher) { return watcher.id == id; });
}

void peer_doubles::log(const task_id& id, std::string text) {
  const std::lock_guard lock{state_->mutex};
  auto& lines = state_->logs[id];
  lines.push_back({static_cast<int64_t>(lines.size()) + 1,
                   timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}}, 1,
                   std::move(text)});
  for (const auto& watcher : state_->watchers)
    if (watcher.id == id && watcher.follows)
      caf::anon_send(watcher.client, answer_atom_v, one(watcher.request, status{}));
}

void peer_doubles::publish(event_slice slice) {
  const std::lock_guard lock{state_->mutex};
  const auto shared = std::make_shared<const event_slice>(std::move(slice));
  for (const auto& subscriber : state_->subscribers)
    caf::anon_send(subscriber.client, answer_atom_v, one(subscriber.request, shared));
}

void peer_doubles::answer_subscriptions_by(std::vector<event_slice> slices) {
  const std::lock_guard lock{state_->mutex};
  state_->backlog = std::move(slices);
}

std::vector<subscription> peer_doubles::subscriptions() const {
  const std::lock_guard lock{state_->mutex};
  return state_->subscriptions;
}

size_t peer_doubles::subscribers() const {
  const std::lock_guard lock{state_->mutex};
  return state_->subscribers.size();
}

size_t peer_doubles::watchers() const {
  const std::lock_guard lock{state_->mutex};
  return state_->watchers.size();
}

} // namespace errand::test
