#include "http/listener.hpp"
#include "tests/support/catch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace errand;

namespace {

/// Closes what a test has opened.
struct opened {
  opened(const std::string& host, uint16_t port) : result(open_listener(host, port)) {}
  ~opened() {
    if (result.ok())
      for (const int socket : result->sockets)
        close(socket);
  }
  status_or<listener> result;
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("port 0 becomes a port of the system's choice", "[listener]") {
  opened on("127.0.0.1", 0);
  REQUIRE(on.result.ok());
  CHECK(on.result->port != 0);
  REQUIRE(on.result->sockets.size() == 1);
  CHECK(on.result->url() == "http://127.0.0.1:" + std::to_string(on.result->port));
}

TEST_CASE("a listening socket neither blocks nor survives exec", "[listener]") {
  opened on("127.0.0.1", 0);
  REQUIRE(on.result.ok());
  const int socket = on.result->sockets.at(0);
  CHECK((fcntl(socket, F_GETFL) & O_NONBLOCK) != 0);
  CHECK((fcntl(socket, F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("IPv6 addresses are taken with and without brackets", "[listener]") {
  for (const auto* host : {"::1", "[::1]"}) {
    opened on(host, 0);
    INFO(host);
    if (!on.result.ok()) { // a machine without IPv6
      CHECK(contains(on.result.why().message(), "::1"));
      continue;
    }
    CHECK(on.result->url() == "http://[::1]:" + std::to_string(on.result->port));
  }
}

TEST_CASE("a name's addresses and all of this machine's share one port", "[listener]") {
  for (const auto* host : {"localhost", "*", ""}) {
    INFO(host);
    opened on(host, 0);
    REQUIRE(on.result.ok());
    CHECK(on.result->sockets.size() == on.result->addresses.size());
    for (const auto& address : on.result->addresses)
      CHECK(address.ends_with(":" + std::to_string(on.result->port)));
  }
}

TEST_CASE("a port that is taken is told with its address", "[listener]") {
  opened first("127.0.0.1", 0);
  REQUIRE(first.result.ok());
  opened second("127.0.0.1", first.result->port);
  REQUIRE_FALSE(second.result.ok());
  const auto& why = second.result.why().message();
  CHECK(contains(why, "127.0.0.1:" + std::to_string(first.result->port)));
  CHECK(contains(why, "another"));
}

TEST_CASE("an address of another machine and a name of nobody are refused", "[listener]") {
  opened elsewhere("192.0.2.1", 0);
  REQUIRE_FALSE(elsewhere.result.ok());
  CHECK(contains(elsewhere.result.why().message(), "192.0.2.1"));
  opened nobody("no such host", 0);
  REQUIRE_FALSE(nobody.result.ok());
  CHECK(contains(nobody.result.why().message(), "no such host"));
}

TEST_CASE("a listener that is served answers", "[listener]") {
  opened on("127.0.0.1", 0);
  REQUIRE(on.result.ok());
  const int listening = on.result->sockets.front();
  std::thread serving{[listening] {
    pollfd client{listening, POLLIN, 0};
    if (::poll(&client, 1, 10'000) != 1)
      return;
    const int fd = ::accept(listening, nullptr, nullptr);
    [[maybe_unused]] const auto sent = ::send(fd, "H", 1, MSG_NOSIGNAL);
    ::close(fd);
  }};
  CHECK(is_answered(*on.result, std::chrono::seconds{10}));
  serving.join();
}

TEST_CASE("a listener from which nobody accepts does not answer", "[listener]") {
  const std::string host = GENERATE("127.0.0.1", "");
  opened on(host, 0);
  REQUIRE(on.result.ok());
  CHECK_FALSE(is_answered(*on.result, std::chrono::milliseconds{20}));
}
