// Queues and statistics, as clients see them.
#include "tests/protocol/front_fixture.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

json body_of(const std::optional<raw_response>& response) {
  REQUIRE(response);
  return json::parse(response->body);
}

std::string put(std::string_view target, std::string_view body) {
  auto request = post(target, body);
  return "PUT" + request.substr(4);
}

std::string keyed(std::string request, const std::string& key) {
  request.insert(request.find("\r\n") + 2, "Idempotency-Key: " + key + "\r\n");
  return request;
}

/// The one pointer that a refusal names.
std::string pointer_of(const std::optional<raw_response>& response) {
  REQUIRE(response);
  CHECK(response->status == 422);
  const auto errors = body_of(response).at("errors");
  REQUIRE(errors.size() == 1);
  return errors[0].at("pointer");
}

} // namespace

TEST_CASE("a queue is told settings and shown with them", "[queues]") {
  front_fixture server;
  auto client = server.connect();
  CHECK(client.ask(get("/v1/queues/mail"))->status == 404);
  const auto told = client.ask(put("/v1/queues/mail", R"({"concurrency":4,"weight":2})"));
  CHECK(told->status == 200);
  CHECK(body_of(told)
        == json{{"name", "mail"},
                {"concurrency", 4},
                {"group_concurrency", nullptr},
                {"rate", nullptr},
                {"weight", 2},
                {"paused", false},
                {"paused_until", nullptr}});
  const auto shown = body_of(client.ask(get("/v1/queues/mail")));
  CHECK(shown.at("concurrency") == 4);
  CHECK(shown.at("counts").at("queued") == 2);
  CHECK(shown.at("oldest_queued_age_s").is_number());
  CHECK(shown.at("last_hour").at("succeeded") == 11);
  REQUIRE(server.peers.queue_orders().size() == 1);
  CHECK(server.peers.queue_orders()[0].order == queue_order::what::put);
}

TEST_CASE("a queue's name may have slashes and be percent-encoded", "[queues]") {
  front_fixture server;
  auto client = server.connect();
  CHECK(body_of(client.ask(put("/v1/queues/a%2Fb", "{}"))).at("name") == "a/b");
  CHECK(body_of(client.ask(get("/v1/queues/a/b"))).at("name") == "a/b");
  CHECK(body_of(client.ask(post("/v1/queues/a/pause/pause", ""))).at("name") == "a/pause");
}

TEST_CASE("a name that can be none, and settings that can't be, are refused", "[queues]") {
  front_fixture server;
  auto client = server.connect();
  CHECK(pointer_of(client.ask(put("/v1/queues/a%20b", "{}"))) == "{queue}");
  CHECK(pointer_of(client.ask(get("/v1/queues/a%20b"))) == "{queue}");
  CHECK(pointer_of(client.ask(put("/v1/queues/mail", R"({"concurrency":0})"))) == "/concurrency");
  CHECK(pointer_of(client.ask(put("/v1/queues/mail?force=1", "{}"))) == "?force");
  CHECK(pointer_of(client.ask(post("/v1/queues/mail/pause", R"({"until":1})"))) == "/until");
  CHECK(client.ask(post("/v1/queues/mail/resume", R"({"now":true})"))->status == 422);
  CHECK(client.ask(post("/v1/queues/mail/purge", R"({"all":true})"))->status == 422);
  CHECK(client.ask(put("/v1/queues/mail", "{"))->status == 400);
  CHECK(client.ask("PUT /v1/queues/mail HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}")->status
        == 415);
  const auto wrong_method = client.ask(post("/v1/queues/mail", "{}"));
  CHECK(wrong_method->status == 405);
  CHECK(wrong_method->header("allow") == "GET, HEAD, PUT, OPTIONS");
  CHECK(server.peers.queue_orders().empty());
}

TEST_CASE("a queue is paused, until a time or not, and resumed", "[queues]") {
  front_fixture server;
  auto client = server.connect();
  CHECK(body_of(client.ask(post("/v1/queues/mail/pause", ""))).at("paused") == true);
  client.ask(post("/v1/queues/mail/pause", R"({"until":"2026-11-22T21:00:00Z"})"));
  CHECK(body_of(client.ask(post("/v1/queues/mail/resume", "{}"))).at("paused") == false);
  const auto orders = server.peers.queue_orders();
  REQUIRE(orders.size() == 3);
  CHECK(!orders[0].until);
  CHECK(orders[1].until
        == timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 21h});
  CHECK(orders[2].order == queue_order::what::resume);
}

TEST_CASE("an order to a queue that comes twice with a key is carried out once", "[queues]") {
  front_fixture server;
  auto client = server.connect();
  const auto order = keyed(post("/v1/queues/mail/pause", ""), "k1");
  const auto first = client.ask(order);
  const auto again = client.ask(order);
  CHECK(first->status == 200);
  CHECK(again->body == first->body);
  CHECK(again->header("idempotent-replayed") == "true");
  CHECK(server.peers.queue_orders().size() == 1);
}

TEST_CASE("queues are listed page by page", "[queues]") {
  front_fixture server;
  auto client = server.connect();
  for (const auto* name : {"a", "b", "c"})
    client.ask(put("/v1/queues/" + std::string(name), "{}"));
  auto page = body_of(client.ask(get("/v1/queues?limit=2")));
  REQUIRE(page.at("queues").size() == 2);
  CHECK(page.at("queues")[1].at("name") == "b");
  CHECK(page.at("queues")[1].at("last_hour").at("succeeded") == 11);
  page = body_of(
      client.ask(get("/v1/queues?limit=2&cursor=" + page.at("next_cursor").get<std::string>())));
  REQUIRE(page.at("queues").size() == 1);
  CHECK(page.at("queues")[0].at("name") == "c");
  CHECK(page.at("next_cursor").is_null());
  for (const auto* query :
       {"?limit=0", "?limit=1001", "?limit=x", "?limit=1&limit=1", "?cursor=", "?cursor=zz",
        "?cursor=a", "?cursor=a%20b", "?cursor=a&cursor=b", "?lmit=1"})
    CHECK(client.ask(get(std::string("/v1/queues") + query))->status == 422);
}

TEST_CASE("a purge deletes what has not started, in steps, and is told once", "[queues]") {
  front_fixture server;
  auto client = server.connect();
  for (int i = 0; i < 8; ++i)
    client.ask(post("/v1/tasks", R"({"kind":"noop","queue":"mail"})"));
  const auto purged = client.ask(keyed(post("/v1/queues/mail/purge", ""), "k2"));
  CHECK(purged->status == 200);
  CHECK(body_of(purged) == json{{"matched", 8}});
  CHECK(server.peers.accepted() == 0);
  const auto filter = server.peers.last_search().filter;
  CHECK(filter.queue == "mail");
  CHECK(filter.states
        == std::vector{task_state::scheduled, task_state::waiting, task_state::queued});
  CHECK(body_of(client.ask(keyed(post("/v1/queues/mail/purge", ""), "k2")))
        == json{{"matched", 8}});
  CHECK(body_of(client.ask(post("/v1/queues/mail/purge", ""))) == json{{"matched", 0}});
  const auto notices = server.peers.notices();
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].type == event_type::queue_purged);
  CHECK(notices[0].queue == "mail");
  CHECK(notices[0].tasks == 8);
}

TEST_CASE("statistics tell how much there is to do and how fast it is done", "[stats]") {
  front_fixture server;
  auto client = server.connect();
  client.ask(put("/v1/queues/mail", "{}"));
  const auto other = server.connect();
  const auto stats = body_of(client.ask(get("/v1/stats")));
  CHECK(stats.at("counts").at("queued") == 7);
  CHECK(stats.at("counts").at("failed") == 0);
  CHECK(stats.at("oldest_queued_age_s") >= 5);
  CHECK(stats.at("last_minute").at("started") == 60);
  CHECK(stats.at("wait_s") == json{{"count", 1}, {"p50", 0.002}, {"p95", 0.003}, {"p99", 0.004}});
  CHECK(stats.at("commit_s").at("count") == 0);
  CHECK(stats.at("connections") >= 1);
  CHECK(stats.at("since").is_string());
  REQUIRE(stats.at("queues").size() == 1);
  CHECK(stats.at("queues")[0].at("name") == "mail");
  CHECK(stats.at("queues")[0].at("last_hour").at("succeeded") == 11);
  CHECK(stats.at("more_queues") == false);
  CHECK(client.ask(get("/v1/stats?since=now"))->status == 422);
}
