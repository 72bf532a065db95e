// Closures that a program defers.

#include "actors/deferred_threads.hpp"
#include "tests/server/embedding.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/silent_logger.hpp"

#include <algorithm>
#include <atomic>
#include <latch>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

using namespace errand;
using namespace errand::test;
using State = Deferred::State;

namespace {

struct defer_fixture {
  explicit defer_fixture(size_t workers = 1, size_t max = 10'000) {
    auto options = quiet_options();
    options.defer_workers = workers;
    options.max_deferred = max;
    options.drain_timeout = Seconds{10};
    server = std::make_unique<TaskServer>(options);
    server->start();
  }

  /// Keeps a worker busy until `go_on` is counted down.
  Deferred block() {
    std::atomic<bool> begun = false;
    auto blocking = server->defer([&] {
      begun = true;
      go_on.wait();
    });
    REQUIRE(eventually([&] { return begun.load(); }));
    return blocking;
  }

  std::latch go_on{1};
  std::unique_ptr<TaskServer> server;
};

} // namespace

TEST_CASE("a deferred closure runs, and whoever waits learns that it has") {
  defer_fixture on;
  std::atomic<int> ran = 0;
  const auto deferred = on.server->defer([&] { ++ran; });
  CHECK(deferred.wait() == State::done);
  CHECK(ran == 1);
}

TEST_CASE("deferred closures run in their order") {
  defer_fixture on(1);
  const auto blocking = on.block();
  std::vector<int> order;
  std::vector<Deferred> all;
  for (int i = 0; i < 100; ++i)
    all.push_back(on.server->defer([&order, i] { order.push_back(i); }));
  CHECK(all[0].state() == State::waiting);
  on.go_on.count_down();
  for (const auto& each : all)
    each.wait();
  CHECK(order.size() == 100);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("as many closures run at a time as there are workers") {
  defer_fixture on(2);
  const auto one = on.block(), other = on.block(); // which begins beside the first
  const auto third = on.server->defer([] {});
  CHECK(third.state() == State::waiting);
  on.go_on.count_down();
  CHECK(third.wait() == State::done);
}

TEST_CASE("a closure that was cancelled before it began does not run, and lets go what it held") {
  defer_fixture on;
  auto blocking = on.block();
  const auto held = std::make_shared<int>(0);
  std::atomic<bool> ran = false;
  auto deferred = on.server->defer([&ran, held] { ran = true; });
  CHECK(deferred.cancel());
  CHECK_FALSE(deferred.cancel());
  CHECK(held.use_count() == 1);
  CHECK_FALSE(blocking.cancel());
  on.go_on.count_down();
  CHECK(on.server->defer([] {}).wait() == State::done);
  CHECK(deferred.wait() == State::cancelled);
  CHECK_FALSE(ran);
}

TEST_CASE("what a closure throws is thrown to whoever waits, and its worker goes on") {
  defer_fixture on;
  const auto deferred = on.server->defer([] { throw std::runtime_error("broken"); });
  CHECK_THROWS_WITH(deferred.wait(), "broken");
  CHECK(deferred.state() == State::failed);
  CHECK_THROWS_AS(on.server->defer([] { throw 5; }).wait(), int);
  CHECK(on.server->defer([] {}).wait() == State::done);
}

TEST_CASE("one closure too many is refused") {
  defer_fixture on(1, 2);
  const auto blocking = on.block();
  on.server->defer([] {});
  on.server->defer([] {});
  CHECK(fault_of([&] { on.server->defer([] {}); }) == RequestError::Fault::full);
  on.go_on.count_down();
}

TEST_CASE("a stop waits for the closures that run and cancels those that wait") {
  defer_fixture on;
  const auto blocking = on.block();
  const auto waiting = on.server->defer([] {});
  bool all_ended = false;
  std::thread stopping{[&] { all_ended = on.server->stop(); }};
  CHECK(waiting.wait() == State::cancelled);
  CHECK(blocking.state() == State::running);
  on.go_on.count_down();
  stopping.join();
  CHECK(all_ended);
  CHECK(blocking.state() == State::done);
}

TEST_CASE("more threads for closures than workers may be keep the server from starting") {
  auto options = quiet_options();
  options.defer_workers = 1025;
  TaskServer server{options};
  try {
    server.start();
    FAIL("it started");
  } catch (const StartError& error) {
    CHECK(std::string(error.what()).find("option defer_workers is 1025") != std::string::npos);
  }
}

namespace {

/// As many threads as are left.
struct few_threads {
  size_t left = 0;

  deferred_threads::starter starter() {
    return [this](std::function<void()> work) {
      if (left == 0)
        throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
      --left;
      return std::thread{std::move(work)};
    };
  }
};

} // namespace

TEST_CASE("closures run on as many threads as the system has, and none is told") {
  few_threads few;
  const auto queue = std::make_shared<deferred_queue>(10);
  deferred_threads threads{queue, 3, std::make_shared<silent_logger>(), few.starter()};
  CHECK_FALSE(threads.start());
  CHECK_FALSE(threads.start());

  few.left = 1;
  CHECK(threads.start());
  CHECK(threads.start());
  auto job = std::make_shared<Deferred::Job>([] {});
  CHECK(queue->add(job) == deferred_queue::outcome::taken);
  CHECK(job->wait() == State::done);

  few.left = 5;
  CHECK(threads.start());
  CHECK(few.left == 3);
  queue->close();
  threads.join();
}

TEST_CASE("threads for closures of which none could be started do not hold up the end") {
  few_threads none;
  const auto queue = std::make_shared<deferred_queue>(10);
  deferred_threads threads{queue, 2, std::make_shared<silent_logger>(), none.starter()};
  CHECK_FALSE(threads.start());
  CHECK(queue->close() == 0);
  threads.join();
}
