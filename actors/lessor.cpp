#include "actors/lessor.hpp"

#include "actors/answer.hpp"
#include "actors/tell_view.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace errand {

namespace {

using self_pointer = lessor_actor::stateful_pointer<lessor_state>;
using crew = lessor_state::crew;
using crews = lessor_state::crews;

/// So many workers are served by one commit.
constexpr size_t served_at_a_time = 256;

const leases_ptr no_leases = std::make_shared<const std::vector<lease>>();

/// Keeps the claim that is open at the STORE true.
void claim(self_pointer self, crew& by) {
  lease_claim request{0, {}, by.filter};
  std::vector<uint64_t> tickets;
  size_t wanted = 0;
  for (const auto& [ticket, worker] : by.waiting) {
    if (tickets.size() == served_at_a_time || wanted >= leases_max)
      break;
    auto wish = worker.wish;
    wish.max = std::min(wish.max, leases_max - wanted);
    wanted += wish.max;
    tickets.push_back(ticket);
    request.waiting.push_back({ticket, std::move(wish), worker.waits});
  }
  if (tickets == by.claimed_for)
    return;
  by.claimed_for = std::move(tickets);
  request.number = by.claim = ++self->state.last_claim;
  self->send(self->state.store, lease_atom_v, lessor_actor{self}, by.number, std::move(request));
}

/// Callbacks are the server's own to make.
crews::iterator crew_of(lessor_state& state, work_set wanted) {
  for (auto* names : {&wanted.queues, &wanted.kinds}) {
    std::sort(names->begin(), names->end());
    names->erase(std::unique(names->begin(), names->end()), names->end());
  }
  const auto [at, is_new] = state.all.try_emplace({wanted.queues, wanted.kinds});
  if (is_new) {
    at->second.number = ++state.last_crew;
    at->second.filter = std::make_shared<const work_filter>(
        work_filter{std::move(wanted), {work_set{{}, {callback_kind}}}});
    state.by_number.emplace(at->second.number, at);
  }
  return at;
}

/// Answers one that waits, and forgets it.
void answer(self_pointer self, crew& of, uint64_t ticket, leases_ptr leases) {
  auto& state = self->state;
  auto node = of.waiting.extract(ticket);
  const auto& [client, request, wish, waits] = node.mapped();
  state.by_request.erase({client.id(), request});
  if (const auto known = state.workers.find(wish.worker); known != state.workers.end()) {
    known->second.seen = state.now();
    known->second.waits -= known->second.waits > 0 ? 1 : 0;
  }
  self->send(client, answer_atom_v, one_answer(request, std::move(leases)));
}

/// Somebody of it waits no more: claims for the others, or forgets it.
void settle(self_pointer self, crews::iterator which) {
  auto& [wanted, of] = *which;
  claim(self, of);
  if (!of.waiting.empty())
    return;
  self->state.by_number.erase(of.number);
  self->state.all.erase(which);
}

void forget_absent(lessor_state& state) {
  std::erase_if(state.workers, [&](const auto& each) {
    return each.second.waits == 0 && each.second.seen + worker_remembered < state.now();
  });
}

/// One that is too many works like any other, but is not shown.
void remember(lessor_state& state, const std::string& name, const work_filter_ptr& filter) {
  if (state.workers.size() >= lease_workers_max && !state.workers.contains(name)) {
    forget_absent(state);
    if (state.workers.size() >= lease_workers_max)
      return;
  }
  auto& worker = state.workers[name];
  worker.filter = filter;
  worker.seen = state.now();
  ++worker.waits;
}

void wait(self_pointer self, const client_actor& client, request_number request,
          const lease_request& what) {
  auto& state = self->state;
  const auto which = crew_of(state, what.wanted);
  auto& of = which->second;
  remember(state, what.wish.worker, of.filter);
  const auto ticket = ++state.last_ticket;
  of.waiting.emplace(ticket, lessor_state::waiting_worker{client, request, what.wish, what.waits});
  state.by_request[{client.id(), request}] = {which, ticket};
  claim(self, of);
}

void leave(self_pointer self, const client_actor& client, request_number request) {
  const auto found = self->state.by_request.find({client.id(), request});
  if (found == self->state.by_request.end())
    return;
  const auto [which, ticket] = found->second;
  answer(self, which->second, ticket, no_leases);
  settle(self, which);
}

void hand_out(self_pointer self, const served_leases& served) {
  auto& state = self->state;
  const auto found = state.by_number.find(served.crew);
  auto* const of = found == state.by_number.end() ? nullptr : &found->second->second;
  for (const auto& [ticket, leases] : served.shares) {
    if (of && of->waiting.contains(ticket))
      answer(self, *of, ticket, leases);
    else if (!leases->empty())
      self->send(state.store, release_atom_v, tokens_of(*leases));
  }
  if (!of)
    return;
  if (of->claim == served.claim) // else a newer one is open
    of->claimed_for.clear();
  settle(self, found->second);
}

/// Nobody of these names waits any more.
void dismiss(self_pointer self, const std::set<std::string>& names) {
  auto& state = self->state;
  for (auto next = state.all.begin(); next != state.all.end();) {
    const auto which = next++;
    auto& of = which->second;
    std::vector<uint64_t> tickets;
    for (const auto& [ticket, worker] : of.waiting)
      if (names.contains(worker.wish.worker))
        tickets.push_back(ticket);
    for (const auto ticket : tickets)
      answer(self, of, ticket, no_leases);
    if (!tickets.empty())
      settle(self, which);
  }
}

std::vector<worker_view> views(const lessor_state& state) {
  std::vector<worker_view> all;
  for (const auto& [name, worker] : state.workers) {
    if (worker.waits == 0 && worker.seen + worker_remembered < state.now())
      continue;
    worker_view view;
    view.name = name;
    view.runs = worker.filter;
    view.state = worker.waits > 0 ? worker_view::what::idle : worker_view::what::away;
    view.since = worker.seen;
    all.push_back(std::move(view));
  }
  return all;
}

} // namespace

lessor_actor::behavior_type lessor(self_pointer self, store_actor store, wall_clock now) {
  self->state.store = std::move(store);
  self->state.now = std::move(now);
  return {
      [self](lease_atom, const client_actor& client, request_number request,
             const lease_request_ptr& what) { wait(self, client, request, *what); },
      [self](leave_atom, const client_actor& client, request_number request) {
        leave(self, client, request);
      },
      [self](leased_atom, const served_leases& served) { hand_out(self, served); },
      [self](lose_atom, const std::vector<std::string>& names) {
        dismiss(self, {names.begin(), names.end()});
      },
      [self](release_atom, const client_actor& client, request_number request,
             const std::string& name) {
        dismiss(self, {name});
        self->state.workers.erase(name);
        self->send(self->state.store, release_atom_v, client, request, name);
      },
      [self](workers_atom, const client_actor& client, request_number request) {
        self->send(client, answer_atom_v,
                   one_answer(request, std::make_shared<const std::vector<worker_view>>(
                                           views(self->state))));
      },
      [self](probe_atom, const client_actor& client, request_number request) {
        self->send(client, answer_atom_v, one_answer(request, status{}));
      },
      [self](mailbox_atom, const client_actor& client, request_number request) {
        tell_view(self, client, request, {{"waiting", self->state.by_request.size()}});
      },
      [](close_atom) { return done_atom_v; },
  };
}

} // namespace errand
