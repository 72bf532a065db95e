#include "tests/protocol/peer_doubles.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace errand::test {

using namespace std::chrono_literals;

namespace {

answers_ptr one(request_number request, answer_content content) {
  return std::make_shared<const std::vector<answer>>(1, answer{request, std::move(content)});
}

struct held_submit {
  client_actor client;
  request_number request;
  task_spec_ptr spec;
  request_key_ptr key;
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
  search_request last_search;
  std::vector<worker_view> workers;
  std::map<std::string, kept_reply> replies;
  std::map<std::string, queue_settings> queues;
  std::unique_ptr<store> schedules = std::move(*open_store({"sqlite::memory:"}));
  std::unique_ptr<store_reader> schedule_reader = std::move(*schedules->open_reader());
  std::vector<queue_order> queue_orders;
  std::vector<notice> notices;
  bool refusing_replies = false;
  size_t replies_kept_later = 0;

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

  answer_content configure(const queue_order& what, const request_key_ptr& key) {
    if (auto known = known_to_be_answered(key))
      return std::move(*known);
    queue_orders.push_back(what);
    auto& settings = queues[what.queue];
    if (what.order == queue_order::what::put)
      settings = what.settings;
    settings.paused = what.order == queue_order::what::pause || settings.paused;
    if (what.order == queue_order::what::resume)
      settings.paused = false;
    return kept(key, std::make_shared<const queue_settings>(settings));
  }

  /// Schedules are kept in a store of their own, in memory.
  template <class Verb>
  answer_content change_schedule(Verb verb, bool removes, const request_key_ptr& key) {
    if (auto known = known_to_be_answered(key))
      return std::move(*known);
    if (!schedules->begin().ok())
      return status{ec::store_failed, "no transaction"};
    auto done = verb(*schedules);
    if (!schedules->commit().ok())
      return status{ec::store_failed, "no commit"};
    if (!done->ok())
      return done->why();
    if (removes)
      return kept(key, status{});
    return kept(key, std::make_shared<const schedule_change>(std::move(**done)));
  }

  answer_content look_at(const std::string& queue) const {
    const auto found = queues.find(queue);
    if (found == queues.end())
      return status{ec::not_found, "There is no queue " + queue};
    return std::make_shared<const queue_view>(
        queue_view{queue, found->second, {{task_state::queued, 2}}, system_now()});
  }

  answer_content page_of(const queue_list_request& query) const {
    auto page = std::make_shared<queue_page>();
    for (const auto& [name, settings] : queues) {
      if (query.after && name <= *query.after)
        continue;
      if (page->queues.size() == query.limit) {
        page->next = page->queues.back().name;
        break;
      }
      page->queues.push_back({name, settings, {}});
    }
    return queue_page_ptr{std::move(page)};
  }

  answer accept(const held_submit& submit) {
    if (!submit_failure.ok())
      return {submit.request, submit_failure};
    if (auto known = known_to_be_answered(submit.key))
      return {submit.request, std::move(*known)};
    task row;
    row.id = ids.next(system_now());
    row.spec = *submit.spec;
    row.created_at = row.run_at = system_now();
    tasks.emplace(row.id, row);
    const bool duplicate = row.spec.unique && row.spec.unique->key == "taken";
    return {submit.request, kept(submit.key, std::make_shared<const insertion>(
                                                 insertion{std::move(row), duplicate}))};
  }

  answer_content accept(const task_batch& batch, const request_key_ptr& key) {
    if (auto known = known_to_be_answered(key))
      return std::move(*known);
    if (!submit_failure.ok())
      return submit_failure;
    auto accepted = std::make_shared<accepted_batch>();
    for (const auto& entry : batch.tasks) {
      task row;
      row.id = ids.next(system_now());
      row.spec = entry.spec;
      row.state = entry.siblings.empty() ? task_state::queued : task_state::waiting;
      accepted->tasks.push_back({row.id, row.state, false});
      tasks.emplace(row.id, row);
    }
    return kept(key, accepted_batch_ptr{accepted});
  }

  std::optional<answer_content> known_to_be_answered(const request_key_ptr& key) const {
    const auto found = key ? replies.find(key->mark.key) : replies.end();
    if (found == replies.end())
      return std::nullopt;
    if (found->second.mark.fingerprint != key->mark.fingerprint)
      return status{ec::key_reused, "That key is taken"};
    return std::make_shared<const kept_reply>(found->second);
  }

  answer_content kept(const request_key_ptr& key, answer_content content) {
    if (key && key->reply)
      replies[key->mark.key] = key->reply(content);
    return content;
  }

  answer_content keep(const kept_reply& reply) {
    if (refusing_replies)
      return status{ec::store_full, "The disk is full."};
    replies[reply.mark.key] = reply;
    ++replies_kept_later;
    return status{};
  }

  answer_content carry_out(const task_id& id, task_order what, const request_key_ptr& key) {
    if (auto known = known_to_be_answered(key))
      return std::move(*known);
    const auto found = tasks.find(id);
    if (found == tasks.end())
      return status{ec::not_found, "There is no such task"};
    auto& row = found->second;
    if (what == task_order::remove || what == task_order::purge) {
      tasks.erase(found);
      return status{};
    }
    if (is_final(row.state) != (what == task_order::retry))
      return status{ec::wrong_state, "Task is " + std::string(to_string(row.state))};
    row.state = what == task_order::retry ? task_state::queued : task_state::cancelled;
    return kept(key, std::make_shared<const task>(row));
  }

  /// Two per call, as a STORE that is in a hurry.
  answer_content carry_out_some(const std::vector<task_id>& which, task_order what) {
    orders_done result;
    for (; result.tried < std::min<size_t>(2, which.size()); ++result.tried) {
      const auto done = carry_out(which[result.tried], what, nullptr);
      const auto* failure = std::get_if<status>(&done);
      if (failure == nullptr || failure->ok())
        ++result.done;
    }
    return result;
  }

  /// Newest first, three per call; of the filter only the states count.
  answer_content search(const search_request& query) const {
    auto found = std::make_shared<found_tasks>();
    const auto& states = query.filter.states;
    for (auto it = tasks.rbegin(); it != tasks.rend(); ++it) {
      const auto& [id, row] = *it;
      if ((query.before && id.sequence() >= *query.before)
          || std::find(states.begin(), states.end(), row.state) == states.end())
        continue;
      if (found->ids.size() == 3) {
        found->next = found->ids.back().sequence();
        break;
      }
      found->ids.push_back(id);
    }
    return found_tasks_ptr{std::move(found)};
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
      [](prune_atom) {},
      [](pruned_atom, const upkeep_progress&) {},
      [=](probe_atom, const client_actor& client, request_number request) {
        state->probe(self, peer::scheduler, client, request);
      },
  };
}

statistics_actor::behavior_type statistics_behavior(statistics_actor::pointer self,
                                                    state_ptr state) {
  return {
      [](facts_atom, const facts_ptr&, duration) {},
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
  };
}

} // namespace

peer_doubles::peer_doubles(caf::actor_system& system) : state_(std::make_shared<shared_state>()) {
  peers_.store = system.spawn(store_behavior, state_);
  peers_.reader = system.spawn(reader_behavior, state_);
  peers_.events = system.spawn(events_behavior, state_);
  peers_.dispatcher = system.spawn(dispatcher_behavior, state_);
  peers_.scheduler = system.spawn(scheduler_behavior, state_);
  peers_.statistics = system.spawn(statistics_behavior, state_);
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
  end(peers_.statistics);
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

void peer_doubles::refuse_replies() {
  const std::lock_guard lock{state_->mutex};
  state_->refusing_replies = true;
}

size_t peer_doubles::replies_kept_later() const {
  const std::lock_guard lock{state_->mutex};
  return state_->replies_kept_later;
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

std::vector<queue_order> peer_doubles::queue_orders() const {
  const std::lock_guard lock{state_->mutex};
  return state_->queue_orders;
}

std::vector<notice> peer_doubles::notices() const {
  const std::lock_guard lock{state_->mutex};
  return state_->notices;
}

list_request peer_doubles::last_list() const {
  const std::lock_guard lock{state_->mutex};
  return state_->last_list;
}

search_request peer_doubles::last_search() const {
  const std::lock_guard lock{state_->mutex};
  return state_->last_search;
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
