// The STORE on a store in memory that can be told to fail, with doubles around it that record what
// they are told.
#pragma once

#include "actors/store_actor.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/faulty_store.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace errand::test {

struct store_fixture : actor_fixture {
  store_fixture();

  void submit(request_number request, duration delay = std::chrono::seconds{0}) {
    task_spec spec;
    spec.kind = "noop";
    spec.delay = delay;
    submit(request, spec);
  }

  void submit(request_number request, const task_spec& spec) {
    caf::anon_send(actor, submit_atom_v, client, request, std::make_shared<const task_spec>(spec),
                   request_key_ptr{});
  }

  void submit_batch(request_number request, std::vector<batch_entry> tasks,
                    std::optional<batch_entry> then = {}) {
    auto batch = arrange(std::move(tasks), std::move(then));
    REQUIRE(batch.ok());
    caf::anon_send(actor, submit_atom_v, client, request,
                   std::make_shared<const task_batch>(std::move(*batch)), request_key_ptr{});
  }

  const accepted_batch& answered_batch(size_t index) {
    return *std::get<accepted_batch_ptr>(answers.at(index).content);
  }

  void claim(size_t ahead = 0) {
    caf::anon_send(actor, claim_atom_v, dispatcher, pool_number{0},
                   claim_request{{"worker-1"}, ahead, {}});
  }

  void finish(const attempt_spec& attempt) {
    attempt_report report;
    report.ref = attempt.ref;
    report.outcome = attempt_outcome::succeeded;
    report.finished_at = now();
    caf::anon_send(actor, finish_atom_v, report);
  }

  void note(const attempt_spec& attempt, std::vector<std::string> lines,
            std::optional<task_progress> progress = {}) {
    attempt_note what{attempt.ref, std::move(progress), {}};
    for (auto& line : lines)
      what.lines.push_back({now(), std::move(line)});
    caf::anon_send(actor, note_atom_v, std::move(what));
  }

  std::vector<std::string> log_of(const task_id& id) {
    std::vector<std::string> lines;
    const auto page = reader->log({id});
    REQUIRE(page.ok());
    for (const auto& line : page->lines)
      lines.push_back(line.text);
    return lines;
  }

  /// Everything that succeeded.
  void prune(int64_t after = 0) {
    prune_request request;
    request.ended_before = now() + std::chrono::seconds{1};
    request.after = after;
    caf::anon_send(actor, prune_atom_v, due_listener, request);
  }

  const task& answered(size_t index) { return task_in(answers.at(index).content); }
  ec refused(size_t index) { return std::get<status>(answers.at(index).content).code(); }
  task_state state_of(const task_id& id) { return reader->get(id)->state; }

  std::shared_ptr<store_faults> faults = std::make_shared<store_faults>();
  std::unique_ptr<store_reader> reader;
  events_actor events;
  statistics_actor statistics;
  dispatcher_actor dispatcher;
  scheduler_actor due_listener;
  client_actor client;
  store_actor actor;
  std::vector<task_fact> counted;
  int commits_told = 0;
  int commits_refused = 0;
  std::vector<notice> notices;
  std::vector<task_fact> facts;
  std::vector<task_id> logged;
  std::vector<attempt_ref> cancelled;
  std::vector<attempt_spec> claimed;
  std::vector<std::optional<timestamp>> due;
  std::vector<std::optional<int64_t>> upkeep;

  /// How far the wall clock was put forward; the steady one was not.
  duration jump{0};
  timestamp wall_now() const { return now() + jump; }
};

} // namespace errand::test
