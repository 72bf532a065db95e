// Leases at the STORE: who gets what, what is told to whom, and when time ends them.
#include "tests/actors/store_fixture.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

struct leases_fixture : store_fixture {
  leases_fixture() {
    lessor = keep(system.spawn([this](lessor_actor::pointer) -> lessor_actor::behavior_type {
      return {
          [](lease_atom, const client_actor&, request_number, const lease_request_ptr&) {},
          [](leave_atom, const client_actor&, request_number) {},
          [this](leased_atom, const served_leases& served) {
            CHECK(served.claim == 7);
            shares.insert(shares.end(), served.shares.begin(), served.shares.end());
          },
          [this](lose_atom, const std::vector<std::string>& names) { unheard.push_back(names); },
          [](release_atom, const client_actor&, request_number, const std::string&) {},
          [](workers_atom, const client_actor&, request_number) {},
          [](probe_atom, const client_actor&, request_number) {},
          [](mailbox_atom, const client_actor&, request_number) {},
          [](close_atom) { return done_atom_v; },
      };
    }));
  }

  void lease_for(std::vector<lease_claim::entry> waiting) {
    caf::anon_send(actor, lease_atom_v, lessor, pool_number{first_crew + 1},
                   lease_claim{7, std::move(waiting), {}});
    run();
  }

  /// Time passes, and the SCHEDULER asks for what that changes.
  void pass(duration time) {
    advance(time);
    caf::anon_send(actor, promote_atom_v, due_listener);
    run();
  }

  void keep_alive(request_number request, std::vector<lease_sign> signs) {
    caf::anon_send(actor, note_atom_v, client, request,
                   std::make_shared<const std::vector<lease_sign>>(std::move(signs)),
                   request_key_ptr{});
    run();
  }

  void end(request_number request, std::vector<lease_end> ends) {
    caf::anon_send(actor, finish_atom_v, client, request,
                   std::make_shared<const std::vector<lease_end>>(std::move(ends)),
                   request_key_ptr{});
    run();
  }

  const lease_token& token(size_t share, size_t i = 0) {
    return shares.at(share).leases->at(i).token;
  }

  lessor_actor lessor;
  std::vector<lease_share> shares;
  std::vector<std::vector<std::string>> unheard; ///< Whose waiting the LESSOR is to end.
};

} // namespace

TEST_CASE_METHOD(leases_fixture, "who waited longest is served first, with all that it takes") {
  for (request_number i = 0; i < 5; ++i)
    submit(i);
  run();
  lease_for({{1, {"a", 3, 30s}, true}, {2, {"b", 9, 30s}, true}, {3, {"c", 1, 30s}, true}});
  REQUIRE(shares.size() == 2);
  CHECK(shares[0].ticket == 1);
  CHECK(shares[0].leases->size() == 3);
  CHECK(shares[1].ticket == 2);
  CHECK(shares[1].leases->size() == 2);
  CHECK(shares[1].leases->front().task.worker == "b");
}

TEST_CASE_METHOD(leases_fixture, "what waits is served when there is something") {
  lease_for({{1, {"a", 1, 30s}, true}});
  CHECK(shares.empty());
  submit(1);
  run();
  REQUIRE(shares.size() == 1);
  CHECK(shares[0].leases->size() == 1);
}

TEST_CASE_METHOD(leases_fixture, "a claim of nobody ends the claim") {
  lease_for({{1, {"a", 1, 30s}, true}});
  lease_for({});
  submit(1);
  run();
  CHECK(shares.empty());
}

TEST_CASE_METHOD(leases_fixture, "who does not wait has an answer at once, also if it is nothing") {
  lease_for({{1, {"a", 1, 30s}, true}, {2, {"b", 1, 30s}, false}});
  REQUIRE(shares.size() == 1);
  CHECK(shares[0].ticket == 2);
  CHECK(shares[0].leases->empty());
}

TEST_CASE_METHOD(leases_fixture, "signs of life and ends are answered one by one") {
  submit(1);
  submit(2);
  run();
  lease_for({{1, {"a", 2, 30s}, true}});
  answers.clear();
  keep_alive(7, {{token(0), 60s}, {lease_token{}, {}}});
  REQUIRE(answers.size() == 1);
  const auto& states = *std::get<lease_states_ptr>(answers[0].content);
  REQUIRE(states.size() == 2);
  CHECK(states[0].state == lease_state::what::ok);
  CHECK(states[0].expires_at == now() + 60s);
  CHECK(states[1].state == lease_state::what::lost);

  answers.clear();
  lease_end released;
  released.token = token(0, 1);
  released.released = true;
  lease_end done;
  done.token = token(0);
  end(8, {done, released, done});
  REQUIRE(answers.size() == 1);
  const auto& ended = *std::get<ended_leases_ptr>(answers[0].content);
  REQUIRE(ended.size() == 3);
  CHECK(ended[0] == task_state::succeeded);
  CHECK(ended[1] == task_state::queued);
  CHECK(!ended[2]);
}

TEST_CASE_METHOD(leases_fixture, "when a lease ends unheard the task is queued again, and the"
                                 " scheduler knew when to look") {
  submit(1);
  run();
  lease_for({{1, {"a", 1, 20s}, true}});
  advance(19999ms);
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  lease_for({{2, {"b", 1, 20s}, true}});
  CHECK(shares.size() == 1);
  advance(1ms);
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  REQUIRE(shares.size() == 2);
  CHECK(shares[1].ticket == 2);
  CHECK(shares[1].leases->front().token.attempt.attempt == 2);
}

// A frozen process that waits by several requests lost its task to each of them in turn, until the
// task had failed by crashes.
TEST_CASE_METHOD(leases_fixture, "who let a lease pass does not get the task again for what it"
                                 " waited for before, though it waited longest") {
  submit(1);
  run();
  lease_for({{1, {"a", 1, 20s}, true}});
  lease_for({{2, {"a", 1, 20s}, true}, {3, {"a", 1, 20s}, true}, {4, {"b", 1, 20s}, true}});
  pass(20s);
  CHECK(unheard == std::vector<std::vector<std::string>>{{"a"}});
  REQUIRE(shares.size() == 2);
  CHECK(shares[1].ticket == 4);
  CHECK(shares[1].leases->front().token.attempt.attempt == 2);
}

TEST_CASE_METHOD(leases_fixture, "who does not wait and let a lease pass in that very commit is"
                                 " the lessor's to answer") {
  submit(1);
  run();
  lease_for({{1, {"a", 1, 20s}, true}});
  advance(20s);
  caf::anon_send(actor, promote_atom_v, due_listener);
  lease_for({{2, {"a", 1, 20s}, false}});
  CHECK(unheard == std::vector<std::vector<std::string>>{{"a"}});
  CHECK(shares.size() == 1);
}

TEST_CASE_METHOD(leases_fixture, "when only they wait who let a lease pass, the task waits for"
                                 " somebody else, or for what they ask later") {
  submit(1);
  run();
  lease_for({{1, {"a", 1, 20s}, true}});
  lease_for({{2, {"a", 1, 20s}, true}, {3, {"a", 9, 20s}, true}});
  pass(20s);
  CHECK(unheard.size() == 1);
  // The LESSOR may be slow to hear of it: whatever is committed meanwhile, they get nothing.
  submit(2);
  run();
  CHECK(shares.size() == 1);
  lease_for({{4, {"a", 9, 20s}, true}});
  REQUIRE(shares.size() == 2);
  CHECK(shares[1].ticket == 4);
  CHECK(shares[1].leases->size() == 2);
  CHECK(unheard.size() == 1);
}

TEST_CASE_METHOD(leases_fixture, "a time limit that ends a lease leaves its worker waiting") {
  task_spec spec;
  spec.kind = "noop";
  spec.timeout = 10s;
  submit(1, spec);
  run();
  lease_for({{1, {"a", 1, 20s}, true}});
  lease_for({{2, {"a", 1, 20s}, true}});
  pass(10s);
  CHECK(unheard.empty());
  submit(2);
  run();
  REQUIRE(shares.size() == 2);
  CHECK(shares[1].ticket == 2);
}

TEST_CASE_METHOD(leases_fixture, "nobody is told of a lease whose end the disk refuses, until it"
                                 " takes it") {
  submit(1);
  run();
  lease_for({{1, {"a", 1, 20s}, true}});
  lease_for({{2, {"a", 1, 20s}, true}, {3, {"b", 1, 20s}, true}});
  faults->refuse = true;
  pass(20s);
  CHECK(unheard.empty());
  CHECK(shares.size() == 1);
  faults->refuse = false;
  pass(1s);
  CHECK(unheard == std::vector<std::vector<std::string>>{{"a"}});
  REQUIRE(shares.size() == 2);
  CHECK(shares[1].ticket == 3);
}

TEST_CASE_METHOD(leases_fixture, "a disk that refuses an end has it told, and the lease holds") {
  submit(1);
  run();
  lease_for({{1, {"a", 1, 60s}, true}});
  answers.clear();
  lease_end done;
  done.token = token(0);
  faults->refuse = true;
  end(2, {done});
  REQUIRE(answers.size() == 1);
  CHECK(std::get<status>(answers[0].content).code() == ec::store_full);
  faults->refuse = false;
  end(3, {done});
  CHECK(std::get<ended_leases_ptr>(answers.at(1).content)->at(0) == task_state::succeeded);
}

TEST_CASE_METHOD(leases_fixture, "a worker that is dismissed loses nothing but its leases") {
  submit(1);
  submit(2);
  run();
  lease_for({{1, {"a", 1, 60s}, true}, {2, {"b", 1, 60s}, true}});
  answers.clear();
  caf::anon_send(actor, release_atom_v, client, request_number{5}, std::string("a"));
  run();
  REQUIRE(answers.size() == 1);
  CHECK(std::get<orders_done>(answers[0].content).done == 1);
  lease_end done;
  done.token = token(1);
  end(6, {done});
  CHECK(std::get<ended_leases_ptr>(answers.at(1).content)->at(0) == task_state::succeeded);
}
