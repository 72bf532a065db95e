// What a request for a log asks the actors, and in which order.
#include "http/log_routes.hpp"
#include "tests/http/recording_link.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/silent_logger.hpp"

using namespace errand;
using namespace errand::test;
using strings = std::vector<std::string>;

namespace {

constexpr question fetched = 0;
constexpr question followed = 1;

struct following {
  following() {
    add_log_routes(routes, std::chrono::milliseconds{1500});
    const auto target = "/v1/tasks/" + task_id::from_parts(1, 1).to_string() + "/log?follow=true";
    auto result = routes.route(request_of(http_method::get, target), link, open_gate);
    rest = std::move(std::get<parked>(result));
    REQUIRE(link.take() == strings{"follow 1", "log after 0 0"});
  }

  /// The READER shows so many lines, from `first` on.
  strings shown(task_state state, int64_t first, int lines, bool more = false) {
    auto page = std::make_shared<log_page>();
    page->state = state;
    page->more = more;
    for (int i = 0; i < lines; ++i)
      page->lines.push_back({first + i, timestamp{}, 1, "x"});
    CHECK(!rest->answered(fetched, {0, log_page_ptr{std::move(page)}}, link));
    return take();
  }

  strings told() {
    CHECK(!rest->answered(followed, {0, status{}}, link));
    return take();
  }

  /// What was asked; of a stream's bytes only the names of its events.
  strings take() {
    auto asked = link.take();
    for (auto& each : asked) {
      std::string names = "stream";
      for (size_t at = 0; (at = each.find("event: ", at)) != std::string::npos; at += 7)
        names += " " + each.substr(at + 7, each.find('\n', at) - at - 7);
      if (each.starts_with("stream "))
        each = names;
    }
    return asked;
  }

  recording_link link;
  router routes{std::make_shared<silent_logger>()};
  parked rest;
};

} // namespace

TEST_CASE("who follows is shown what there is, and again what is new", "[log_routes]") {
  following on;
  CHECK(on.shown(task_state::running, 1, 2)
        == strings{"begin_stream", "patience 1500", "stream log log"});
  CHECK(on.told() == strings{"log after 2 0"});
  CHECK(on.shown(task_state::running, 3, 1) == strings{"stream log"});
}

TEST_CASE("a page that was made before a line came is not the last look", "[log_routes]") {
  following on;
  CHECK(on.told().empty());
  CHECK(on.shown(task_state::running, 1, 1)
        == strings{"begin_stream", "patience 1500", "stream log", "log after 1 0"});
  CHECK(on.shown(task_state::running, 2, 0).empty());
}

TEST_CASE("a long log comes page by page, and its end is told behind the last line",
          "[log_routes]") {
  following on;
  CHECK(on.shown(task_state::succeeded, 1, 2, true)
        == strings{"begin_stream", "patience 1500", "stream log log", "log after 2 0"});
  CHECK(on.shown(task_state::succeeded, 3, 1) == strings{"stream log end", "end_stream"});
}

TEST_CASE("a client that reads slowly is not sent more than it takes", "[log_routes]") {
  following on;
  on.link.takes_all = false;
  CHECK(on.shown(task_state::running, 1, 2, true)
        == strings{"begin_stream", "patience 1500", "stream log log"});
  CHECK(on.told().empty());
  CHECK(!on.rest->overdue(on.link));
  CHECK(on.take() == strings{"patience 1500", "stream"});
  on.rest->drained(on.link);
  CHECK(on.take() == strings{"log after 2 0"});
  on.rest->drained(on.link); // of the heartbeat: nothing to fetch beside that
  CHECK(on.take().empty());
}

TEST_CASE("a line that comes while a client takes its last ones is fetched when it has",
          "[log_routes]") {
  following on;
  on.link.takes_all = false;
  on.shown(task_state::running, 1, 1);
  CHECK(on.told() == strings{"log after 1 0"});
  CHECK(on.shown(task_state::running, 2, 1) == strings{"stream log"});
}

TEST_CASE("a task that is deleted ends its stream, a store that fails does, too", "[log_routes]") {
  following on;
  on.shown(task_state::queued, 1, 0);
  const auto [code, expected] = GENERATE(table<ec, strings>({
      {ec::not_found, {"stream end", "end_stream"}},
      {ec::store_failed, {"end_stream"}},
  }));
  on.told();
  on.take();
  CHECK(!on.rest->answered(fetched, {0, status{code, "no"}}, on.link));
  CHECK(on.take() == expected);
}

TEST_CASE("a task that never was, and a reader that is silent, are told before a stream begins",
          "[log_routes]") {
  following on;
  std::optional<reply> made;
  int expected = 404;
  SECTION("no such task") {
    made = on.rest->answered(fetched, {0, status{ec::not_found, "no"}}, on.link);
  }
  SECTION("no answer") {
    made = on.rest->overdue(on.link);
    expected = 503;
  }
  REQUIRE(made);
  CHECK(made->status == expected);
  CHECK(on.link.take() == strings{"unwatch 1"});
}

TEST_CASE("a client that goes away follows no longer", "[log_routes]") {
  following on;
  on.rest->abandoned(on.link);
  CHECK(on.link.take() == strings{"unwatch 1"});
}
