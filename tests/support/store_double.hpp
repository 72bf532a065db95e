// A STORE that records what it is told and answers nothing.
#pragma once

#include "tests/support/actor_fixture.hpp"

#include <functional>
#include <vector>

namespace errand::test {

/// Must outlive the actor it spawns.
struct store_double {
  int promotes = 0;
  std::vector<claim_request> claims;
  std::vector<pool_number> claiming; ///< Whose claims those are.
  std::vector<lease_claim> lease_claims;
  std::vector<pool_number> crews; ///< Whose claims those are.
  std::vector<lease_token> given_back;
  std::vector<std::string> dismissed; ///< Workers whose leases are to be put back.
  std::vector<attempt_note> notes;
  std::vector<attempt_report> finished;
  std::vector<attempt_ref> lost;
  std::vector<attempt_ref> released;
  std::vector<prune_request> prunes;
  int shrinks = 0;
  std::function<void()> on_close = [] {};
  std::function<void()> on_drain = [] {};

  store_actor spawn(actor_fixture& fixture) {
    return fixture.keep(
        fixture.system.spawn([this](store_actor::pointer) -> store_actor::behavior_type {
          return {
              [](submit_atom, const client_actor&, request_number, const task_spec_ptr&,
                 const request_key_ptr&) {},
              [](submit_atom, const client_actor&, request_number, const task_batch_ptr&,
                 const request_key_ptr&) {},
              [](order_atom, const client_actor&, request_number, const task_id&, task_order,
                 const request_key_ptr&) {},
              [](queue_atom, const client_actor&, request_number, const queue_order&,
                 const request_key_ptr&) {},
              [](schedule_atom, const client_actor&, request_number, const schedule_put_ptr&) {},
              [](schedule_atom, const client_actor&, request_number, const schedule_command&,
                 const request_key_ptr&) {},
              [](keep_atom, const client_actor&, request_number, const kept_reply_ptr&) {},
              [](orders_atom, const client_actor&, request_number, const found_tasks_ptr&,
                 task_order) {},
              [this](claim_atom, const dispatcher_actor&, pool_number pool,
                     const claim_request& request) {
                claims.push_back(request);
                claiming.push_back(pool);
              },
              [this](lease_atom, const lessor_actor&, pool_number crew, const lease_claim& claim) {
                lease_claims.push_back(claim);
                crews.push_back(crew);
              },
              [](note_atom, const client_actor&, request_number, const lease_signs_ptr&,
                 const request_key_ptr&) {},
              [](finish_atom, const client_actor&, request_number, const lease_ends_ptr&,
                 const request_key_ptr&) {},
              [this](release_atom, const client_actor&, request_number, const std::string& worker) {
                dismissed.push_back(worker);
              },
              [this](release_atom, const std::vector<lease_token>& tokens) {
                given_back.insert(given_back.end(), tokens.begin(), tokens.end());
              },
              [this](note_atom, const attempt_note& note) { notes.push_back(note); },
              [this](finish_atom, const attempt_report& report) { finished.push_back(report); },
              [this](lose_atom, const std::vector<attempt_ref>& refs) {
                lost.insert(lost.end(), refs.begin(), refs.end());
              },
              [this](release_atom, const std::vector<attempt_ref>& refs) {
                released.insert(released.end(), refs.begin(), refs.end());
              },
              [this](promote_atom, const scheduler_actor&) { ++promotes; },
              [this](prune_atom, const scheduler_actor&, const prune_request& request) {
                prunes.push_back(request);
              },
              [this](shrink_atom, const scheduler_actor&) { ++shrinks; },
              [](probe_atom, const client_actor&, request_number) {},
              [](mailbox_atom, const client_actor&, request_number) {},
              [](commit_atom) {},
              [](sweep_atom) {},
              [this](close_atom) {
                on_close();
                return done_atom_v;
              },
              [this](drain_atom) {
                on_drain();
                return done_atom_v;
              },
          };
        }));
  }
};

} // namespace errand::test
