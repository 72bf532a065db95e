// Server-sent events, byte by byte: how a stream begins, goes on, and ends.
#include "tests/protocol/front_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

#include <atomic>
#include <caf/scoped_actor.hpp>
#include <nlohmann/json.hpp>
#include <thread>

using namespace errand;
using namespace errand::test;
using std::chrono::milliseconds;

namespace {

event_record record(uint64_t id, std::string queue = "default") {
  return {id, event_type::queued, timestamp{},
          std::make_shared<const task_fact>(task_fact{task_id::from_parts(1, 1), task_state::queued,
                                                      0, "noop", std::move(queue)})};
}

event_slice slice(uint64_t id, std::string queue = "default") {
  return {{record(id, std::move(queue))}, false, false, id};
}

raw_client stream(const front_fixture& server, const std::string& target, int buffer = 0) {
  auto client = server.connect(buffer);
  REQUIRE(client.send(get(target)));
  const auto head = client.read();
  REQUIRE(head);
  CHECK(head->status == 200);
  CHECK(head->header("content-type") == "text/event-stream");
  return client;
}

std::string submitted(const front_fixture& server) {
  auto client = server.connect();
  return client.ask(post("/v1/tasks", R"({"kind":"noop"})"))->header("location");
}

task_id id_in(const std::string& location) {
  return *task_id::parse(location.substr(location.rfind('/') + 1));
}

} // namespace

TEST_CASE("a stream of events shows that it is open, and where, before anything happens",
          "[streams]") {
  front_fixture server;
  server.peers.answer_subscriptions_by({{{}, false, false, 41}});
  auto client = server.connect();
  REQUIRE(client.send(get("/v1/events?queue=mail&types=task.queued")));
  const auto head = client.read();
  REQUIRE(head);
  CHECK(head->status == 200);
  CHECK(head->header("content-type") == "text/event-stream");
  CHECK(head->header("cache-control") == "no-store");
  CHECK(head->header("x-accel-buffering") == "no");
  CHECK(head->header("connection") == "close");
  CHECK(head->headers.count("content-length") == 0);
  CHECK(head->headers.count("transfer-encoding") == 0);
  CHECK(client.read_until("\n\n") == "id: 41\n\n");
  REQUIRE(server.peers.subscribers() == 1);
  const auto asked = server.peers.subscriptions().at(0);
  CHECK(asked.filter == event_filter{{event_type::queued}, "mail", {}, {}});
  CHECK(!asked.after);
  server.peers.publish(slice(42));
  CHECK(client.read_until("\n\n").starts_with("id: 42\nevent: task.queued\ndata: {\"task\":\""));
}

TEST_CASE("Last-Event-ID resumes, whatever it is", "[streams]") {
  const auto [value, after] = GENERATE(table<std::string, std::optional<uint64_t>>({
      {"1790000000000000", 1790000000000000},
      {"", std::nullopt},
      {"not ours", 0},
      {"99999999999999999999999", 0},
  }));
  front_fixture server;
  auto client = server.connect();
  CHECK(client.ask("GET /v1/events HTTP/1.1\r\nHost: h\r\nLast-Event-ID: " + value + "\r\n\r\n")
            ->status
        == 200);
  CHECK(server.peers.subscriptions().at(0).after == after);
}

TEST_CASE("a client that resumes from far back gets it in steps, with the gap first", "[streams]") {
  front_fixture server;
  auto first = slice(5);
  first.gap = first.more = true;
  auto second = slice(6);
  second.more = true;
  server.peers.answer_subscriptions_by({first, second, slice(7)});
  auto client = stream(server, "/v1/events");
  const auto text = client.read_until("id: 7\n\n");
  CHECK(text.starts_with("event: gap\ndata: {}\n\nid: 5\nevent: task.queued\n"));
  const auto asked = server.peers.subscriptions();
  REQUIRE(asked.size() == 3);
  CHECK(asked[1].after == 5);
  CHECK(asked[2].after == 6);
  CHECK(server.peers.subscribers() == 1);
}

TEST_CASE("HEAD of a stream answers its head and asks nobody", "[streams]") {
  front_fixture server;
  auto client = server.connect();
  REQUIRE(client.send("HEAD /v1/events HTTP/1.1\r\nHost: h\r\n\r\n"));
  const auto head = client.read(true);
  REQUIRE(head);
  CHECK(head->status == 200);
  CHECK(head->header("content-type") == "text/event-stream");
  CHECK(head->headers.count("content-length") == 0);
  CHECK(head->header("connection") == "close");
  CHECK(client.is_closed_by_server());
  CHECK(server.peers.subscriptions().empty());
}

TEST_CASE("what can't be streamed is refused as anything else is", "[streams]") {
  front_fixture server;
  auto client = server.connect();
  const auto refused = client.ask(get("/v1/events?types=task.qeued&qeue=mail"));
  REQUIRE(refused);
  CHECK(refused->status == 422);
  CHECK(nlohmann::json::parse(refused->body).at("errors").size() == 2);
  const auto location = submitted(server);
  CHECK(client.ask(get(location + "/log?follow=yes"))->status == 422);
  CHECK(client.ask(get(location + "/log?fellow=true"))->status == 422);
  const auto unknown = "/v1/tasks/" + task_id::from_parts(9, 9).to_string() + "/log";
  CHECK(client.ask(get(unknown))->status == 404);
  CHECK(client.ask(get(unknown + "?follow=true"))->status == 404);
  CHECK(client.ask(get("/v1/tasks/nonsense/log"))->status == 404);
  CHECK(client.ask(post("/v1/events", "{}"))->status == 405);
}

TEST_CASE("HTTP/1.0 gets a stream, too", "[streams]") {
  front_fixture server;
  auto client = server.connect();
  REQUIRE(client.ask("GET /v1/events HTTP/1.0\r\n\r\n")->status == 200);
  CHECK(client.read_until("\n\n") == "id: 0\n\n");
  server.peers.publish(slice(42));
  CHECK(client.read_until("\n\n").starts_with("id: 42\n"));
}

TEST_CASE("a stream on which nothing happens shows that it lives", "[streams]") {
  HttpOptions options;
  options.idle_timeout = options.send_timeout = options.request_timeout = Seconds{0.1};
  front_fixture server{options, "127.0.0.1", milliseconds{50}};
  auto events = stream(server, "/v1/events");
  CHECK(events.read_until("\n\n") == "id: 0\n\n");
  auto log = stream(server, submitted(server) + "/log?follow=true");
  for (int i = 0; i < 5; ++i) {
    CHECK(events.read_until("\n\n") == ":\n\n");
    CHECK(log.read_until("\n\n") == ":\n\n");
  }
}

TEST_CASE("a client that goes away is not subscribed any more", "[streams]") {
  front_fixture server;
  {
    auto events = stream(server, "/v1/events");
    auto log = stream(server, submitted(server) + "/log?follow=true");
    CHECK(server.peers.subscribers() == 1);
    CHECK(server.peers.watchers() == 1);
  }
  CHECK(eventually([&] { return server.peers.subscribers() == 0; }));
  CHECK(eventually([&] { return server.peers.watchers() == 0; }));
}

TEST_CASE("a client that ends its side ends its stream", "[streams]") {
  front_fixture server;
  auto events = stream(server, "/v1/events");
  events.read_until("\n\n");
  events.end_sending();
  CHECK(events.is_closed_by_server());
  CHECK(eventually([&] { return server.peers.subscribers() == 0; }));
}

TEST_CASE("what a client sends behind a stream's request is dropped", "[streams]") {
  front_fixture server;
  auto client = stream(server, "/v1/events");
  CHECK(client.read_until("\n\n") == "id: 0\n\n");
  for (int i = 0; i < 100; ++i)
    client.send_some(get("/version") + std::string(16 * 1024, 'x'));
  server.peers.publish(slice(42));
  CHECK(client.read_until("\n\n").starts_with("id: 42\n"));
}

TEST_CASE("a reader that is too slow is cut off, and the others are not", "[streams]") {
  front_fixture server;
  auto slow = stream(server, "/v1/events", 4096);
  auto good = stream(server, "/v1/events");
  good.read_until("\n\n");
  uint64_t id = 1;
  const auto cut_off = [&] {
    auto big = slice(++id, std::string(100'000, 'q'));
    server.peers.publish(std::move(big));
    good.read_until("\"at\":");
    return server.peers.subscribers() == 1;
  };
  CHECK(eventually(cut_off));
  CHECK(eventually([&] { return slow.is_reset(); })); // in the next turn of the loop
  // What the sockets' buffers hold, and what the server may.
  CHECK(id * 100'000 < 16'000'000);
  server.peers.publish(slice(++id));
  CHECK(good.read_until("id: " + std::to_string(id) + "\n").size() > 0);
}

TEST_CASE("streams are not requests in flight", "[streams]") {
  HttpOptions options;
  options.max_in_flight = 2;
  front_fixture server{options};
  std::vector<raw_client> streams;
  for (int i = 0; i < 10; ++i)
    streams.push_back(stream(server, "/v1/events"));
  const auto location = submitted(server);
  auto client = server.connect();
  CHECK(client.ask(get(location))->status == 200);
}

TEST_CASE("a drain ends streams in order and waits for none", "[streams]") {
  front_fixture server;
  auto events = stream(server, "/v1/events");
  CHECK(events.read_until("\n\n") == "id: 0\n\n");
  auto log = stream(server, submitted(server) + "/log?follow=true");
  CHECK(log.read_until("\n\n") == ":\n\n");
  std::atomic<bool> done = false;
  {
    caf::scoped_actor self{server.system()};
    self->request(server.front(), client_patience, drain_atom_v)
        .receive([&](done_atom) { done = true; }, [](const caf::error&) {});
  }
  CHECK(done);
  CHECK(events.is_closed_by_server());
  CHECK(log.is_closed_by_server());
  CHECK(eventually([&] { return server.peers.subscribers() == 0; }));
}

TEST_CASE("a log is text with a line each, and HEAD shows its size", "[streams]") {
  front_fixture server;
  const auto location = submitted(server);
  auto client = server.connect();
  const auto empty = client.ask(get(location + "/log"));
  REQUIRE(empty);
  CHECK(empty->status == 200);
  CHECK(empty->body.empty());
  server.peers.log(id_in(location), "one");
  server.peers.log(id_in(location), "two words");
  const auto log = client.ask(get(location + "/log?follow=false"));
  REQUIRE(log);
  CHECK(log->header("content-type") == "text/plain; charset=utf-8");
  CHECK(log->body == "2026-11-22T00:00:00.000Z #1 one\n2026-11-22T00:00:00.000Z #1 two words\n");
  REQUIRE(client.send("HEAD " + location + "/log HTTP/1.1\r\nHost: h\r\n\r\n"));
  CHECK(client.read(true)->header("content-length") == std::to_string(log->body.size()));
}

TEST_CASE("who follows a log gets the lines there are, those that come, and the end", "[streams]") {
  front_fixture server;
  const auto location = submitted(server);
  const auto id = id_in(location);
  server.peers.log(id, "one");
  auto client = stream(server, location + "/log?follow=true");
  CHECK(client.read_until("\n\n") == ":\n\n");
  CHECK(client.read_until("\n\n")
        == "id: 1\nevent: log\ndata: {\"at\":\"2026-11-22T00:00:00.000Z\",\"attempt\":1,"
           "\"line\":\"one\"}\n\n");
  server.peers.log(id, "two");
  CHECK(client.read_until("\n\n").find("\"line\":\"two\"") != std::string::npos);
  server.peers.finish(id);
  CHECK(client.read_until("\n\n") == "event: end\ndata: {\"state\":\"succeeded\"}\n\n");
  CHECK(client.is_closed_by_server());
  CHECK(eventually([&] { return server.peers.watchers() == 0; }));

  // One who comes back later is told the rest, and the end at once.
  auto again = server.connect();
  REQUIRE(again
              .ask("GET " + location + "/log?follow=true HTTP/1.1\r\nHost: h\r\n"
                   + "Last-Event-ID: 1\r\n\r\n")
              ->status
          == 200);
  const auto rest = again.read_until("no such mark");
  CHECK(rest.starts_with(":\n\nid: 2\nevent: log\n"));
  CHECK(rest.ends_with("event: end\ndata: {\"state\":\"succeeded\"}\n\n"));
}

TEST_CASE("a follower that reads slowly gets a whole log all the same", "[streams]") {
  front_fixture server;
  const auto location = submitted(server);
  const auto id = id_in(location);
  for (int i = 0; i < 1000; ++i)
    server.peers.log(id, std::to_string(i) + std::string(5000, 'x'));
  server.peers.finish(id);
  auto client = stream(server, location + "/log?follow=true", 4096);
  CHECK(client.is_reset() == false);
  const auto text = client.read_until("no such mark");
  for (int i = 0; i < 1000; ++i)
    REQUIRE(text.find("\"line\":\"" + std::to_string(i) + "x") != std::string::npos);
  CHECK(text.ends_with("event: end\ndata: {\"state\":\"succeeded\"}\n\n"));
}
