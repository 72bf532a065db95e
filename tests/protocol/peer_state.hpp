// What the doubles of the FRONT's peers know together. Internal to them.
#pragma once

#include "tests/protocol/peer_doubles.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace errand::test {

inline answers_ptr one(request_number request, answer_content content) {
  return std::make_shared<const std::vector<answer>>(1, answer{request, std::move(content)});
}

struct held_submit {
  client_actor client;
  request_number request;
  task_spec_ptr spec;
  request_key_ptr key;
};

struct peer_doubles::shared_state {
  mutable std::mutex mutex;
  std::map<task_id, task> tasks;
  id_source ids{0};
  bool holding = false;
  std::vector<held_submit> held;
  status submit_failure;
  status store_probe;
  metrics_view metrics; ///< What STATISTICS answers.
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
  struct waiting_worker {
    client_actor client;
    request_number request;
  };
  std::vector<lease_request> lease_requests; ///< Every one that came.
  std::vector<waiting_worker> waiting_workers;
  size_t leases_put_back = 0;
  std::map<std::string, int> dismissals; ///< Steps, by worker.
  std::vector<worker_view> lease_workers;
  std::vector<lease_view> lease_views;
  std::vector<lease_sign> signs; ///< Every one that came, like ends.
  std::vector<lease_end> ends;

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

  /// A lease holds whose secret is 1; one with 2 is not wanted any more.
  answer_content keep_leases(const std::vector<lease_sign>& told, const request_key_ptr& key) {
    if (auto known = known_to_be_answered(key))
      return std::move(*known);
    std::vector<lease_state> states;
    for (const auto& sign : told) {
      signs.push_back(sign);
      const auto secret = sign.token.secret;
      states.push_back({secret == 1   ? lease_state::what::ok
                        : secret == 2 ? lease_state::what::cancel_requested
                                      : lease_state::what::lost,
                        timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}}});
    }
    return kept(key, std::make_shared<const std::vector<lease_state>>(std::move(states)));
  }

  answer_content end_leases(const std::vector<lease_end>& told, const request_key_ptr& key) {
    if (auto known = known_to_be_answered(key))
      return std::move(*known);
    std::vector<std::optional<task_state>> states;
    for (const auto& end : told) {
      ends.push_back(end);
      states.push_back(end.token.secret == 1 ? std::optional(task_state::succeeded) : std::nullopt);
    }
    return kept(key,
                std::make_shared<const std::vector<std::optional<task_state>>>(std::move(states)));
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

  template <class Actor>
  void look_at(Actor* self, peer who, const client_actor& client, request_number request) {
    const std::lock_guard lock{mutex};
    if (!silent.contains(who))
      self->send(client, answer_atom_v,
                 one(request, std::make_shared<const actor_view>(
                                  actor_view{static_cast<size_t>(who), {{"subscribers", 4}}})));
  }
};

} // namespace errand::test
