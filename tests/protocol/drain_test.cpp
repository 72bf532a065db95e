// How the front stops: nothing accepted is dropped, nothing new is taken.
#include "tests/protocol/front_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

#include <atomic>
#include <caf/scoped_actor.hpp>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <thread>

using namespace errand;
using namespace errand::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// Asks the front to drain, from a thread of its own, since that blocks until it has.
class draining {
public:
  explicit draining(front_fixture& server)
      : thread_([this, &server] {
          caf::scoped_actor self{server.system()};
          self->request(server.front(), client_patience, drain_atom_v)
              .receive([this](done_atom) { done_ = true; }, [](const caf::error&) {});
        }) {}
  ~draining() { thread_.join(); }

  bool is_done() const { return done_; }

private:
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

bool refuses_connections(uint16_t port) {
  try {
    raw_client client{port};
    return false;
  } catch (const std::exception&) {
    return true;
  }
}

} // namespace

TEST_CASE("a front without requests drains at once", "[drain]") {
  front_fixture server;
  auto idle = server.connect();
  CHECK(idle.ask(get("/version"))->status == 200);
  draining drain{server};
  CHECK(eventually([&] { return drain.is_done(); }));
  CHECK(idle.is_closed_by_server());
  CHECK(refuses_connections(server.port()));
}

TEST_CASE("what is in flight is answered before the front has drained", "[drain]") {
  front_fixture server;
  server.peers.hold_submits();
  auto client = server.connect();
  REQUIRE(client.send(post("/v1/tasks", R"({"kind":"noop"})") + get("/version")));
  REQUIRE(eventually([&] { return server.peers.held_submits() == 1; }));
  draining drain{server};
  REQUIRE(eventually([&] { return refuses_connections(server.port()); }));
  CHECK_FALSE(drain.is_done());
  server.peers.release_submits();
  const auto response = client.read();
  REQUIRE(response);
  CHECK(response->status == 202);
  CHECK(response->header("connection") == "close");
  CHECK(client.is_closed_by_server());
  CHECK(eventually([&] { return drain.is_done(); }));
}

TEST_CASE("a request that was under way when the drain began is refused", "[drain]") {
  front_fixture server;
  auto client = server.connect();
  const auto request = post("/v1/tasks", R"({"kind":"noop"})");
  REQUIRE(client.send(request.substr(0, 20)));
  auto other = server.connect();
  CHECK(other.ask(get("/version"))->status == 200); // by then the first part has been read
  draining drain{server};
  REQUIRE(eventually([&] { return drain.is_done(); }));
  const auto response = client.ask(request.substr(20));
  REQUIRE(response);
  CHECK(response->status == 503);
  CHECK(response->header("retry-after") == "1");
  CHECK(response->header("connection") == "close");
  CHECK(server.peers.accepted() == 0);
}

TEST_CASE("who waits for a task is told how it stands", "[drain]") {
  front_fixture server;
  auto client = server.connect();
  const auto location = client.ask(post("/v1/tasks", R"({"kind":"noop"})"))->header("location");
  REQUIRE(client.send(get(location + "?wait_s=300")));
  REQUIRE(eventually([&] { return server.peers.watchers() == 1; }));
  draining drain{server};
  const auto response = client.read();
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(nlohmann::json::parse(response->body).at("state") == "queued");
  CHECK(eventually([&] { return drain.is_done(); }));
}

namespace {

constexpr size_t large = 8 * 1024 * 1024; // more than a socket holds

HttpOptions large_bodies() {
  HttpOptions options;
  options.max_body_bytes = 2 * large;
  return options;
}

/// Asks for an answer of more than `large` bytes, and waits until the front is sending it.
void ask_for_much(front_fixture& server, raw_client& client) {
  const std::string body = R"({"kind":"echo","args":")" + std::string(large, 'x') + "\"}";
  auto submitter = server.connect();
  const auto made = submitter.ask(post("/v1/tasks", body));
  REQUIRE(made);
  REQUIRE(client.send(get(made->header("location"))));
  REQUIRE(eventually([&] { return client.unread() > 0; }));
}

} // namespace

TEST_CASE("a client that takes its answer slowly gets all of it before the front has drained",
          "[drain]") {
  front_fixture server{large_bodies()};
  auto slow = server.connect(4096);
  ask_for_much(server, slow);
  draining drain{server};
  REQUIRE(eventually([&] { return refuses_connections(server.port()); }));
  CHECK_FALSE(drain.is_done());
  // So slowly that the socket has no room for more for longer than who takes nothing may take.
  const auto begun = steady_clock::now();
  while (steady_clock::now() - begun < std::chrono::seconds{4}) {
    REQUIRE(slow.take_some());
    poll(nullptr, 0, 50); // its pace
  }
  const auto response = slow.read();
  REQUIRE(response);
  CHECK(response->body.size() > large);
  CHECK(slow.is_closed_by_server());
  CHECK(eventually([&] { return drain.is_done(); }));
}

TEST_CASE("a client that takes nothing does not hold up the drain for long", "[drain]") {
  front_fixture server{large_bodies()};
  auto stuck = server.connect(4096);
  ask_for_much(server, stuck);
  const auto begun = steady_clock::now();
  draining drain{server};
  CHECK(eventually([&] { return drain.is_done(); }));
  CHECK(steady_clock::now() - begun < drain_send_time);
  CHECK_FALSE(stuck.read());
}
