// Workers outside, as the FRONT serves them.
#include "tests/protocol/front_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr const char* id = "01890a5d-ac96-774b-bcce-b302099a8057";

std::string token(int secret) {
  return to_string(lease_token{{*task_id::parse(id), 1}, secret});
}

json body_of(const std::optional<raw_response>& response) {
  REQUIRE(response);
  return json::parse(response->body);
}

std::string ask_for_leases(double wait_s) {
  return post("/v1/leases",
              json{{"worker", "w"}, {"kinds", {"resize"}}, {"wait_s", wait_s}}.dump());
}

task some_task() {
  task row;
  row.id = *task_id::parse(id);
  row.spec.kind = "resize";
  return row;
}

std::string keyed(std::string request, const std::string& key) {
  request.insert(request.find("\r\n") + 2, "Idempotency-Key: " + key + "\r\n");
  return request;
}

} // namespace

TEST_CASE("a worker waits for leases and is answered when there are some", "[lease]") {
  front_fixture server;
  auto worker = server.connect();
  worker.send(ask_for_leases(60));
  REQUIRE(eventually([&] { return server.peers.waiting_workers() == 1; }));
  server.peers.lease_out(some_task());
  const auto answer = worker.read();
  REQUIRE(answer);
  CHECK(answer->status == 200);
  const auto leases = body_of(answer).at("leases");
  REQUIRE(leases.size() == 1);
  CHECK(leases[0].at("token") == token(1));
  CHECK(leases[0].at("task").at("id") == id);
  CHECK(leases[0].at("upstream") == json::object());
  REQUIRE(server.peers.lease_requests().size() == 1);
  CHECK(server.peers.lease_requests()[0].wanted.kinds == std::vector<std::string>{"resize"});
}

TEST_CASE("a wait that ends without leases is answered with an empty list", "[lease]") {
  front_fixture server;
  auto worker = server.connect();
  const auto answer = worker.ask(ask_for_leases(0.05));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == R"({"leases":[]})");
  CHECK(server.peers.waiting_workers() == 0);
}

TEST_CASE("a worker that hangs up waits no more", "[lease]") {
  front_fixture server;
  {
    auto worker = server.connect();
    worker.send(ask_for_leases(60));
    REQUIRE(eventually([&] { return server.peers.waiting_workers() == 1; }));
  }
  CHECK(eventually([&] { return server.peers.waiting_workers() == 0; }));
  CHECK(server.peers.leases_put_back() == 0);
}

TEST_CASE("signs of life and ends are answered in their order, by the texts that were sent",
          "[lease]") {
  front_fixture server;
  auto worker = server.connect();
  const json signs{{"leases", {{{"token", token(1)}}, {{"token", token(2)}}, {{"token", "no"}}}}};
  auto told = body_of(worker.ask(post("/v1/leases/heartbeat", signs.dump()))).at("leases");
  REQUIRE(told.size() == 3);
  CHECK(told[0].at("status") == "ok");
  CHECK(told[0].at("expires_at") == "2026-11-22T00:00:00.000Z");
  CHECK(told[1].at("status") == "cancel_requested");
  CHECK(told[2] == json{{"token", "no"}, {"status", "lost"}});

  const json ends{{"leases",
                   {{{"token", token(1)}, {"outcome", "succeeded"}, {"result", 5}},
                    {{"token", "no"}, {"outcome", "released"}}}}};
  told = body_of(worker.ask(post("/v1/leases/finish", ends.dump()))).at("leases");
  REQUIRE(told.size() == 2);
  CHECK(told[0]
        == json{
            {"token", token(1)}, {"status", "ok"}, {"task", {{"id", id}, {"state", "succeeded"}}}});
  CHECK(told[1] == json{{"token", "no"}, {"status", "lost"}});
}

TEST_CASE("an end that is sent again with its key has its first answer", "[lease]") {
  front_fixture server;
  auto worker = server.connect();
  const json ends{{"leases", {{{"token", token(1)}, {"outcome", "succeeded"}}}}};
  const auto request = keyed(post("/v1/leases/finish", ends.dump()), "k1");
  const auto first = worker.ask(request);
  REQUIRE(first);
  CHECK(first->status == 200);
  const auto again = worker.ask(request);
  REQUIRE(again);
  CHECK(again->body == first->body);
  CHECK(again->header("idempotent-replayed") == "true");
  CHECK(server.peers.ends().size() == 1);
}

TEST_CASE("leases that were asked for with a key are given again, and not leased anew", "[lease]") {
  front_fixture server;
  auto worker = server.connect();
  const auto request = keyed(ask_for_leases(60), "k2");
  worker.send(request);
  REQUIRE(eventually([&] { return server.peers.waiting_workers() == 1; }));
  server.peers.lease_out(some_task());
  const auto first = worker.read();
  REQUIRE(first);
  const auto again = worker.ask(request);
  REQUIRE(again);
  CHECK(again->body == first->body);
  CHECK(server.peers.lease_requests().size() == 1);
}

TEST_CASE("a worker is dismissed in steps until nothing of it is left", "[lease]") {
  front_fixture server;
  auto client = server.connect();
  auto request = get("/v1/workers/mailer%2F1");
  request.replace(0, 3, "DELETE");
  CHECK(client.ask(request)->status == 204);
  CHECK(server.peers.dismissals("mailer/1") == 3);
}

TEST_CASE("workers outside are shown with what they have", "[lease]") {
  front_fixture server;
  worker_view worker;
  worker.name = "w";
  worker.runs = std::make_shared<const work_filter>(work_filter{{{"q"}, {}}, {}});
  server.peers.show_lease_worker(worker, {"gone", {*task_id::parse(id), 2}, "k", "q", {}, {}});
  auto client = server.connect();
  const auto shown = body_of(client.ask(get("/v1/workers"))).at("lease_workers");
  REQUIRE(shown.size() == 2);
  CHECK(shown[0].at("name") == "gone");
  CHECK(shown[0].at("waiting") == false);
  CHECK(shown[0].at("last_asked_at").is_null());
  REQUIRE(shown[0].at("leases").size() == 1);
  CHECK(shown[0].at("leases")[0].at("task") == id);
  CHECK(shown[1].at("name") == "w");
  CHECK(shown[1].at("waiting") == true);
  CHECK(shown[1].at("queues") == json{"q"});
  CHECK(shown[1].at("leases").empty());
}

TEST_CASE("a kind that a worker has offered to run earns no warning", "[lease]") {
  front_fixture server;
  auto client = server.connect();
  const auto submit = post("/v1/tasks", R"({"kind":"resize"})");
  CHECK(body_of(client.ask(submit)).contains("warnings"));
  REQUIRE(client.ask(ask_for_leases(0)));
  CHECK_FALSE(body_of(client.ask(submit)).contains("warnings"));
}

TEST_CASE("workers that wait end with the server's drain, answered", "[lease]") {
  front_fixture server;
  auto worker = server.connect();
  worker.send(ask_for_leases(300));
  REQUIRE(eventually([&] { return server.peers.waiting_workers() == 1; }));
  caf::anon_send(server.front(), drain_atom_v);
  const auto answer = worker.read();
  REQUIRE(answer);
  CHECK(answer->body == R"({"leases":[]})");
}
