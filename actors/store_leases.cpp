#include "actors/store_leases.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

namespace errand {

namespace {

/// Arguments and results that one claim reads into memory, about.
constexpr size_t leased_bytes_max = 8 << 20;

void note_growth(store_state& state, const task_id& id) {
  if (state.logged.empty() || state.logged.back() != id)
    state.logged.push_back(id);
}

} // namespace

served_claim serve_leases(store_state& state, const lease_claim& claim) {
  claim_request request;
  for (const auto& [ticket, wish, waits] : claim.waiting)
    if (!state.unheard.contains(wish.worker))
      request.idle_workers.insert(request.idle_workers.end(), wish.max, wish.worker);
  request.filter = claim.filter;
  request.args_max = leased_bytes_max;
  auto result = state.db->claim(request, state.now());
  if (result.attempts.empty())
    note_earlier(state.more_at, result.more_at);
  served_claim served;
  auto next = result.attempts.begin();
  for (const auto& [ticket, wish, waits] : claim.waiting) {
    if (state.unheard.contains(wish.worker))
      continue; // The LESSOR answers it after the commit.
    auto leases = std::make_shared<std::vector<lease>>();
    for (size_t n = 0; n < wish.max && next != result.attempts.end(); ++n, ++next) {
      auto given = state.db->grant_lease(*next, wish, state.now());
      if (!given)
        return {}; // The commit will fail.
      note_earlier(state.due, given->expires_at);
      leases->push_back(std::move(*given));
    }
    if (!leases->empty() || !waits)
      served.shares.push_back({ticket, std::move(leases)});
  }
  served.attempts = std::move(result.attempts);
  served.claim = claim.number;
  return served;
}

void stop_serving_unheard(store_pointer self) {
  auto& state = self->state;
  if (state.unheard.empty() || !state.lessor)
    return;
  for (auto& [crew, request] : state.claims)
    if (auto* claim = std::get_if<lease_claim>(&request))
      std::erase_if(claim->waiting, [&state](const lease_claim::entry& each) {
        return state.unheard.contains(each.wish.worker);
      });
  self->send(state.lessor, lose_atom_v,
             std::vector<std::string>(state.unheard.begin(), state.unheard.end()));
}

std::optional<std::vector<lease_state>> keep_leases(store_state& state,
                                                    const std::vector<lease_sign>& signs) {
  std::vector<lease_state> states;
  states.reserve(signs.size());
  for (const auto& sign : signs) {
    auto change = state.db->keep_lease(sign, state.now());
    if (!change)
      return std::nullopt;
    if (change->state.state != lease_state::what::lost && !sign.lines.empty())
      note_growth(state, sign.token.attempt.id);
    remember(state, std::move(change->fact));
    states.push_back(change->state);
  }
  return states;
}

std::vector<std::optional<task_state>> end_leases(store_state& state,
                                                  const std::vector<lease_end>& ends) {
  std::vector<std::optional<task_state>> states;
  states.reserve(ends.size());
  for (const auto& end : ends) {
    auto fact = state.db->end_lease(end, state.now());
    states.push_back(fact ? std::optional(fact->state) : std::nullopt);
    if (fact && !end.lines.empty())
      note_growth(state, end.token.attempt.id);
    remember(state, std::move(fact));
  }
  return states;
}

size_t release_leases(store_state& state, const std::string& worker) {
  auto facts = state.db->release_leases(worker, state.now(), leases_max);
  const auto n = facts.size();
  for (auto& fact : facts)
    remember(state, std::move(fact));
  return n;
}

void release_leases(store_state& state, const std::vector<lease_token>& tokens) {
  for (const auto& token : tokens) {
    lease_end end;
    end.token = token;
    end.released = true;
    remember(state, state.db->end_lease(end, state.now()));
  }
}

} // namespace errand
