// Schedules, as clients see them.
#include "tests/protocol/front_fixture.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace errand;
using namespace errand::test;
using nlohmann::json;

namespace {

const std::string path = "/v1/schedules/";
const std::string hourly = R"({"cron":"@hourly","task":{"kind":"noop"}})";

std::string with_method(const std::string& method, const std::string& target,
                        const std::string& body) {
  return method + post(target, body).substr(4);
}

std::string put(const std::string& name, const std::string& body = hourly) {
  return with_method("PUT", path + name, body);
}

std::string erase(const std::string& name) {
  return "DELETE " + path + name + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

std::string order(const std::string& name, const std::string& what, const std::string& key = {}) {
  return "POST " + path + name + '/' + what + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
         + (key.empty() ? "" : "Idempotency-Key: " + key + "\r\n") + "\r\n";
}

json body_of(const std::optional<raw_response>& response, int status) {
  REQUIRE(response);
  INFO(response->body);
  REQUIRE(response->status == status);
  return json::parse(response->body);
}

} // namespace

TEST_CASE("a schedule is made with 201 and changed with 200", "[schedules]") {
  front_fixture server;
  auto client = server.connect();
  const auto made = client.ask(put("nightly"));
  const auto shown = body_of(made, 201);
  CHECK(made->header("location") == "/v1/schedules/nightly");
  CHECK(shown["name"] == "nightly");
  CHECK(shown["next_runs"].size() == 5);
  CHECK(!shown.contains("warnings"));
  CHECK(body_of(client.ask(get(path + "nightly")), 200) == shown);
  CHECK(body_of(client.ask(put("nightly")), 200) == shown);

  const auto changed = body_of(
      client.ask(put("nightly", R"({"every_s":60,"task":{"kind":"other"},"paused":true})")), 200);
  CHECK(changed["every_s"] == 60);
  CHECK(changed["next_runs"].empty());
  CHECK(changed["warnings"].size() == 1);
}

TEST_CASE("a schedule that is not there is 404, whatever is wanted of it", "[schedules]") {
  front_fixture server;
  auto client = server.connect();
  for (const auto& request : {get(path + "none"), erase("none"), order("none", "run"),
                              order("none", "pause"), order("none", "resume")}) {
    INFO(request);
    const auto why = body_of(client.ask(request), 404);
    CHECK(why["detail"].get<std::string>().find("There is no schedule \"none\"")
          != std::string::npos);
  }
}

TEST_CASE("a schedule is removed with 204", "[schedules]") {
  front_fixture server;
  auto client = server.connect();
  body_of(client.ask(put("s")), 201);
  const auto gone = client.ask(erase("s"));
  REQUIRE(gone);
  CHECK(gone->status == 204);
  body_of(client.ask(get(path + "s")), 404);
}

TEST_CASE("a schedule is paused and resumed", "[schedules]") {
  front_fixture server;
  auto client = server.connect();
  body_of(client.ask(put("s")), 201);
  for (int i = 0; i < 2; ++i) {
    const auto paused = body_of(client.ask(order("s", "pause")), 200);
    CHECK(paused["paused"] == true);
    CHECK(paused["next_runs"].empty());
  }
  const auto resumed = body_of(client.ask(order("s", "resume")), 200);
  CHECK(resumed["paused"] == false);
  CHECK(resumed["next_runs"].size() == 5);
}

TEST_CASE("an order to run is answered with its task", "[schedules]") {
  front_fixture server;
  auto client = server.connect();
  body_of(client.ask(put("s")), 201);
  const auto made = client.ask(order("s", "run"));
  const auto shown = body_of(made, 202);
  CHECK(shown["schedule"] == "s");
  CHECK(shown["kind"] == "noop");
  CHECK(made->header("location") == "/v1/tasks/" + shown["id"].get<std::string>());
  CHECK(body_of(client.ask(get(path + "s")), 200)["last_task_id"] == shown["id"]);
}

TEST_CASE("an order to run that is sent twice with a key makes one task", "[schedules]") {
  front_fixture server;
  auto client = server.connect();
  body_of(client.ask(put("s")), 201);
  const auto first = client.ask(order("s", "run", "k"));
  body_of(first, 202);
  const auto again = client.ask(order("s", "run", "k"));
  body_of(again, 202);
  CHECK(again->body == first->body);
  CHECK(again->header("idempotent-replayed") == "true");
  CHECK(body_of(client.ask(order("s", "run")), 202)["id"] != json::parse(first->body)["id"]);
}

TEST_CASE("an order to run says what forbids it", "[schedules]") {
  front_fixture server;
  auto client = server.connect();
  body_of(client.ask(put("s", R"({"every_s":60,"overlap":"skip","task":{"kind":"noop"}})")), 201);
  body_of(client.ask(order("s", "run")), 202);
  const auto why = body_of(client.ask(order("s", "run")), 409);
  CHECK(why["type"] == "/problems/wrong-state");
}

TEST_CASE("names of schedules may have slashes, even as orders end", "[schedules]") {
  front_fixture server;
  auto client = server.connect();
  body_of(client.ask(put("reports/run")), 201);
  CHECK(body_of(client.ask(get(path + "reports/run")), 200)["name"] == "reports/run");
  CHECK(body_of(client.ask(order("reports/run", "run")), 202)["schedule"] == "reports/run");
}

TEST_CASE("a name that may not be is refused with the rule", "[schedules]") {
  front_fixture server;
  auto client = server.connect();
  for (const auto& name : {std::string("a%20b"), std::string(129, 'x')}) {
    const auto why = body_of(client.ask(put(name)), 422);
    CHECK(why["detail"].get<std::string>().find("1 to 128 of [A-Za-z0-9._:/-]")
          != std::string::npos);
    REQUIRE(why["errors"].size() == 1);
    CHECK(why["errors"][0]["pointer"] == "{name}");
  }
}

TEST_CASE("schedules are listed newest first, page by page", "[schedules]") {
  front_fixture server;
  auto client = server.connect();
  for (const auto* name : {"a", "b", "c"})
    body_of(client.ask(put(name)), 201);
  std::string names, query = "/v1/schedules?limit=2";
  for (bool more = true; more;) {
    const auto page = body_of(client.ask(get(query)), 200);
    for (const auto& each : page["schedules"])
      names += each["name"].get<std::string>();
    more = !page["next_cursor"].is_null();
    if (more)
      query = "/v1/schedules?limit=2&cursor=" + page["next_cursor"].get<std::string>();
  }
  CHECK(names == "cba");
  CHECK(body_of(client.ask(get("/v1/schedules?order=asc")), 200)["schedules"][0]["name"] == "a");
}

TEST_CASE("what is wrong with a call about schedules is told", "[schedules]") {
  front_fixture server;
  auto client = server.connect();
  body_of(client.ask(put("s")), 201);
  struct row {
    std::string request;
    int status;
    const char* says;
  };
  const auto plain_text = "PUT " + path
                          + "s HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                            "Content-Length: 2\r\n\r\n{}";
  const std::vector<row> rows = {
      {put("s", ""), 400, "The body is empty"},
      {put("s", "{"), 400, "At byte"},
      {put("s", R"({"cron":"@daily","task":{"kind":""}})"), 422, "/task/kind"},
      {with_method("PUT", path + "s?x=1", hourly), 422, "?x"},
      {plain_text, 415, "text/plain"},
      {post(path + "s/run", R"({"n":1})"), 422, "takes none"},
      {post(path + "s/run?x=1", ""), 422, "?x"},
      {get(path + "s?x=1"), 422, "?x"},
      {get("/v1/schedules?limit=0"), 422, "?limit"},
      {get("/v1/schedules?cursor=x"), 422, "?cursor"},
      {get("/v1/schedules?queue=x"), 422, "known are limit, order, cursor"},
      {post(path + "s", hourly), 405, "POST"},
      {post("/v1/schedules", hourly), 405, "POST"},
  };
  for (const auto& [request, status, says] : rows) {
    INFO(request);
    const auto why = body_of(client.ask(request), status);
    INFO(why.dump());
    CHECK(why["detail"].get<std::string>().find(says) != std::string::npos);
  }
}

TEST_CASE("tasks are listed by their schedule", "[schedules]") {
  front_fixture server;
  auto client = server.connect();
  body_of(client.ask(get("/v1/tasks?schedule=reports/nightly")), 200);
  CHECK(server.peers.last_list().filter.schedule == "reports/nightly");
  body_of(client.ask(get("/v1/tasks?schedule=a%20b")), 422);
}
