#include "tests/protocol/peer_behaviors.hpp"

#include <caf/send.hpp>

namespace errand::test {

peer_doubles::peer_doubles(caf::actor_system& system) : state_(std::make_shared<shared_state>()) {
  peers_.store = system.spawn(store_behavior, state_);
  peers_.reader = system.spawn(reader_behavior, state_);
  peers_.events = system.spawn(events_behavior, state_);
  peers_.dispatcher = system.spawn(dispatcher_behavior, state_);
  peers_.scheduler = system.spawn(scheduler_behavior, state_);
  peers_.statistics = system.spawn(statistics_behavior, state_);
  peers_.lessor = system.spawn(lessor_behavior, state_);
  peers_.clerk = system.spawn(clerk_behavior, state_);
  peers_.tasks = system.spawn(tasks_behavior, state_);
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
  end(peers_.lessor);
  end(peers_.clerk);
  end(peers_.tasks);
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

size_t peer_doubles::waiting_workers() const {
  const std::lock_guard lock{state_->mutex};
  return state_->waiting_workers.size();
}

std::vector<lease_request> peer_doubles::lease_requests() const {
  const std::lock_guard lock{state_->mutex};
  return state_->lease_requests;
}

size_t peer_doubles::leases_put_back() const {
  const std::lock_guard lock{state_->mutex};
  return state_->leases_put_back;
}

int peer_doubles::dismissals(const std::string& worker) const {
  const std::lock_guard lock{state_->mutex};
  const auto found = state_->dismissals.find(worker);
  return found == state_->dismissals.end() ? 0 : found->second;
}

void peer_doubles::lease_out(const task& row) {
  const std::lock_guard lock{state_->mutex};
  const auto to = state_->waiting_workers.front();
  state_->waiting_workers.erase(state_->waiting_workers.begin());
  lease given;
  given.token = {{row.id, 1}, 1};
  given.task = row;
  given.upstream.emplace();
  caf::anon_send(to.client, answer_atom_v,
                 one(to.request, std::make_shared<const std::vector<lease>>(1, given)));
}

void peer_doubles::show_lease_worker(worker_view worker, lease_view leased) {
  const std::lock_guard lock{state_->mutex};
  state_->lease_workers.push_back(std::move(worker));
  state_->lease_views.push_back(std::move(leased));
}

std::vector<lease_sign> peer_doubles::signs() const {
  const std::lock_guard lock{state_->mutex};
  return state_->signs;
}

std::vector<lease_end> peer_doubles::ends() const {
  const std::lock_guard lock{state_->mutex};
  return state_->ends;
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
