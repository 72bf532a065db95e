#include "actors/lessor.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_double.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

struct lessor_fixture : actor_fixture {
  lessor_fixture() {
    actor = keep(system.spawn(lessor, store.spawn(*this), clock()));
    client = spawn_client();
    run();
  }

  /// Waits by that name for tasks of those queues.
  void wait(request_number request, const std::string& worker, size_t max = 1,
            std::vector<std::string> queues = {}, bool waits = true) {
    lease_request wanted{{std::move(queues), {}}, {worker, max, 30s}, waits};
    caf::anon_send(actor, lease_atom_v, client, request,
                   std::make_shared<const lease_request>(std::move(wanted)));
    run();
  }

  void leave(request_number request) {
    caf::anon_send(actor, leave_atom_v, client, request);
    run();
  }

  /// They let leases pass.
  void lose(std::vector<std::string> names) {
    caf::anon_send(actor, lose_atom_v, std::move(names));
    run();
  }

  static leases_ptr leases(size_t n, int64_t secret = 1) {
    std::vector<lease> some(n);
    for (auto& each : some)
      each.token.secret = secret;
    return std::make_shared<const std::vector<lease>>(std::move(some));
  }

  /// Answers that claim, or the newest.
  void serve(pool_number crew, std::vector<lease_share> shares, uint64_t number = 0) {
    caf::anon_send(actor, leased_atom_v,
                   served_leases{crew, number > 0 ? number : claim().number, std::move(shares)});
    run();
  }

  std::vector<worker_view> workers() {
    answers.clear();
    caf::anon_send(actor, workers_atom_v, client, request_number{99});
    run();
    return *std::get<worker_views_ptr>(answers.at(0).content);
  }

  size_t answered(size_t i) { return std::get<leases_ptr>(answers.at(i).content)->size(); }

  /// The newest claim.
  const lease_claim& claim() { return store.lease_claims.back(); }

  store_double store;
  client_actor client;
  lessor_actor actor;
};

} // namespace

TEST_CASE_METHOD(lessor_fixture, "workers that want the same are one claim, by age") {
  wait(1, "a", 2, {"x", "y"});
  wait(2, "b", 3, {"y", "x", "x"});
  REQUIRE(store.lease_claims.size() == 2);
  CHECK(store.crews[0] == store.crews[1]);
  REQUIRE(claim().waiting.size() == 2);
  CHECK(claim().waiting[0].wish.worker == "a");
  CHECK(claim().waiting[1].wish.worker == "b");
  CHECK(claim().waiting[1].wish.max == 3);
  CHECK(claim().filter->takes("x", "any"));
  CHECK_FALSE(claim().filter->takes("z", "any"));
  CHECK_FALSE(claim().filter->takes("x", callback_kind));

  wait(3, "c", 1, {"z"});
  CHECK(store.crews[2] != store.crews[1]);
  CHECK(claim().waiting.size() == 1);
}

TEST_CASE_METHOD(lessor_fixture, "who is served is answered, and the others wait on") {
  wait(1, "a", 2);
  wait(2, "b");
  const auto crew = store.crews.back();
  serve(crew, {{claim().waiting[0].ticket, leases(2)}});
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].request == 1);
  CHECK(answered(0) == 2);
  REQUIRE(claim().waiting.size() == 1);
  CHECK(claim().waiting[0].wish.worker == "b");
  CHECK(store.given_back.empty());
}

TEST_CASE_METHOD(lessor_fixture,
                 "who waits no longer is answered with nothing, and not claimed for") {
  wait(1, "a");
  wait(2, "b");
  leave(1);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].request == 1);
  CHECK(answered(0) == 0);
  REQUIRE(claim().waiting.size() == 1);
  CHECK(claim().waiting[0].wish.worker == "b");
  leave(2);
  CHECK(claim().waiting.empty()); // the claim is withdrawn
  leave(2);
  leave(7);
  CHECK(answers.size() == 2);
}

TEST_CASE_METHOD(lessor_fixture, "what was leased for somebody who has gone is put back") {
  wait(1, "a");
  wait(2, "b");
  const auto crew = store.crews.back();
  const auto tickets = claim();
  leave(1);
  serve(crew,
        {{tickets.waiting[0].ticket, leases(1, 11)}, {tickets.waiting[1].ticket, leases(1, 22)}});
  REQUIRE(store.given_back.size() == 1);
  CHECK(store.given_back[0].secret == 11);
  CHECK(answers.size() == 2);
  // The crew is forgotten by now.
  serve(crew, {{tickets.waiting[1].ticket, leases(1, 33)}});
  REQUIRE(store.given_back.size() == 2);
  CHECK(store.given_back[1].secret == 33);
}

TEST_CASE_METHOD(lessor_fixture, "an answer that crosses with a newer claim leaves that one true") {
  wait(1, "a");
  const auto older = claim();
  wait(2, "b");
  leave(2);
  REQUIRE(claim().number > older.number);
  serve(store.crews.back(), {{older.waiting[0].ticket, leases(1)}}, older.number);
  CHECK(answers.size() == 2);
  CHECK(claim().waiting.empty()); // nobody is left, and the newer claim is withdrawn
}

TEST_CASE_METHOD(lessor_fixture, "a claim asks for no more than a request may lease") {
  wait(1, "a", 700);
  wait(2, "b", 700);
  wait(3, "c", 700);
  REQUIRE(claim().waiting.size() == 2);
  CHECK(claim().waiting[0].wish.max == 700);
  CHECK(claim().waiting[1].wish.max == leases_max - 700);
  CHECK(store.lease_claims.size() == 2); // the third changed nothing
}

TEST_CASE_METHOD(lessor_fixture, "who does not wait is told so to the store") {
  wait(1, "a", 1, {}, false);
  REQUIRE(claim().waiting.size() == 1);
  CHECK_FALSE(claim().waiting[0].waits);
  serve(store.crews.back(), {{claim().waiting[0].ticket, leases(0)}});
  CHECK(answered(0) == 0);
}

TEST_CASE_METHOD(lessor_fixture,
                 "a worker that is gone waits no more, and its leases are put back") {
  wait(1, "a", 1, {"x"});
  wait(2, "a", 1, {"y"});
  wait(3, "b", 1, {"y"});
  caf::anon_send(actor, release_atom_v, client, request_number{4}, std::string("a"));
  run();
  CHECK(answers.size() == 2); // the STORE answers the order itself
  CHECK(store.dismissed == std::vector<std::string>{"a"});
  REQUIRE(claim().waiting.size() == 1);
  CHECK(claim().waiting[0].wish.worker == "b");
  const auto known = workers();
  REQUIRE(known.size() == 1);
  CHECK(known[0].name == "b");
}

TEST_CASE_METHOD(lessor_fixture, "who let a lease pass waits no more for what it waited for before,"
                                 " and for what it asks later as ever") {
  wait(1, "a", 1, {"x"});
  wait(2, "a", 1, {"y"});
  wait(3, "b", 1, {"y"});
  wait(4, "c", 1, {"z"});
  const auto claims_before = store.lease_claims.size();
  lose({"a", "nobody"});
  REQUIRE(answers.size() == 2);
  for (size_t i : {0, 1}) {
    CHECK(answers[i].request <= 2);
    CHECK(answered(i) == 0);
  }
  CHECK(store.lease_claims.size() == claims_before + 2); // of the two crews that it was in
  for (size_t i = claims_before; i < store.lease_claims.size(); ++i)
    for (const auto& each : store.lease_claims[i].waiting)
      CHECK(each.wish.worker == "b");
  CHECK(store.dismissed.empty()); // what else it has leased is its own
  CHECK(workers().size() == 3);   // it asked a moment ago

  answers.clear();
  wait(5, "a", 1, {"y"});
  REQUIRE(claim().waiting.size() == 2);
  CHECK(claim().waiting[1].wish.worker == "a");
  serve(store.crews.back(), {{claim().waiting[1].ticket, leases(1)}});
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].request == 5);
  CHECK(answered(0) == 1);
  CHECK(store.given_back.empty());
}

TEST_CASE_METHOD(lessor_fixture,
                 "what crossed with the news that its worker let a lease pass is put back") {
  wait(1, "a");
  const auto crew = store.crews.back();
  const auto older = claim();
  lose({"a"});
  CHECK(claim().waiting.empty());
  serve(crew, {{older.waiting[0].ticket, leases(1, 11)}}, older.number);
  CHECK(answers.size() == 1);
  REQUIRE(store.given_back.size() == 1);
  CHECK(store.given_back[0].secret == 11);
}

TEST_CASE_METHOD(lessor_fixture, "workers are shown while they wait and for a while after") {
  wait(1, "a", 1, {"x"});
  auto known = workers();
  REQUIRE(known.size() == 1);
  CHECK(known[0].state == worker_view::what::idle);
  CHECK(known[0].pool.empty());
  CHECK(known[0].runs->takes("x", "k"));
  leave(1);
  known = workers();
  REQUIRE(known.size() == 1);
  CHECK(known[0].state == worker_view::what::away);
  advance(worker_remembered);
  CHECK(workers().size() == 1);
  advance(1ms);
  CHECK(workers().empty());
}

TEST_CASE_METHOD(lessor_fixture, "thousands wait, and those first in line are claimed for") {
  for (request_number i = 0; i < 3000; ++i)
    wait(i, "w" + std::to_string(i));
  CHECK(claim().waiting.size() == 256);
  CHECK(store.lease_claims.size() == 256);
  for (request_number i = 0; i < 3000; ++i)
    leave(i);
  CHECK(answers.size() == 3000);
  CHECK(claim().waiting.empty());
}
