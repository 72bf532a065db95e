// How an order for many tasks goes step by step, and how it ends early.
#include "http/bulk_routes.hpp"
#include "tests/http/recording_link.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/silent_logger.hpp"

using namespace errand;
using namespace errand::test;
using strings = std::vector<std::string>;

namespace {

route_result ask(std::string_view target, std::string_view body, exchange_link& link) {
  router routes{std::make_shared<silent_logger>()};
  add_bulk_routes(routes);
  auto request = request_of(http_method::post, target);
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body;
  return routes.route(request, link, open_gate);
}

struct cancelling {
  cancelling() {
    auto result = ask("/v1/tasks/cancel", R"({"filter": {"queue": "q"}})", link);
    REQUIRE(std::holds_alternative<parked>(result));
    rest = std::move(std::get<parked>(result));
  }

  std::optional<reply> found(size_t n, std::optional<int64_t> next) {
    auto tasks = std::make_shared<found_tasks>();
    for (size_t i = 0; i < n; ++i)
      tasks->ids.push_back(ids.next(system_now()));
    tasks->next = next;
    return rest->answered(0, {0, found_tasks_ptr{std::move(tasks)}}, link);
  }

  std::optional<reply> done(size_t tried, size_t n) {
    return rest->answered(1, {0, orders_done{tried, n}}, link);
  }

  recording_link link;
  parked rest;
  id_source ids{0};
};

const std::string patience = "patience 30000";

} // namespace

TEST_CASE_METHOD(cancelling, "an order for many alternates between looking and doing", "[bulk]") {
  CHECK(link.take() == strings{patience, "search 0"});
  CHECK(!found(3, 70));
  CHECK(link.take() == strings{patience, "orders 0 1"});
  const auto all = link.ordered.back()->ids;
  CHECK(!done(2, 1)); // the STORE came no further, and one had moved meanwhile
  CHECK(link.take() == strings{patience, "orders 0 1"});
  CHECK(link.ordered.back()->ids == std::vector{all[2]});
  CHECK(!done(1, 1));
  CHECK(link.take() == strings{patience, "search 0"});
  CHECK(link.searches.back().before == 70);
  CHECK(!found(0, 60)); // a stretch without any that match
  CHECK(link.take() == strings{patience, "search 0"});
  CHECK(link.searches.back().before == 60);
  CHECK(!found(1, {}));
  link.take();
  const auto made = done(1, 1);
  REQUIRE(made);
  CHECK(made->status == 200);
  CHECK(made->body == R"({"matched":3})");
  CHECK(link.take().empty());
}

TEST_CASE_METHOD(cancelling, "an order for many tells how far it came when it fails", "[bulk]") {
  found(2, 70);
  done(2, 2);
  std::optional<reply> made;
  SECTION("since the reader fails") {
    made = rest->answered(0, {0, status{ec::store_failed, "No luck."}}, link);
  }
  SECTION("since the store is full") {
    found(1, {});
    made = rest->answered(1, {0, status{ec::store_full, "No room."}}, link);
  }
  SECTION("since the server stops, or does not answer") {
    CHECK(rest->is_waiting());
    made = rest->overdue(link);
  }
  REQUIRE(made);
  CHECK(made->status == 503);
  CHECK(made->body.find("for at least 2 tasks") != std::string::npos);
}

TEST_CASE("only states in which an order makes sense are looked for", "[bulk]") {
  using enum task_state;
  struct row {
    std::string_view order, filter;
    std::vector<task_state> states;
  };
  for (const auto& [order, filter, states] : {
           row{"cancel", R"("queue": "q")", {scheduled, waiting, queued, running, retrying}},
           row{"retry", R"("queue": "q")", {succeeded, failed, cancelled}},
           row{"delete",
               R"("queue": "q")",
               {scheduled, waiting, queued, retrying, succeeded, failed, cancelled}},
           row{"cancel", R"("state": ["queued", "failed"])", {queued}},
           row{"retry", R"("state": ["queued", "failed"])", {failed}},
           row{"delete", R"("state": ["running", "failed"])", {failed}},
       }) {
    INFO(order << ' ' << filter);
    recording_link link;
    ask("/v1/tasks/" + std::string(order), R"({"filter": {)" + std::string(filter) + "}}", link);
    REQUIRE(link.searches.size() == 1);
    CHECK(link.searches[0].filter.states == states);
  }
}

TEST_CASE("an order that no state of the filter allows matches nothing", "[bulk]") {
  recording_link link;
  const auto result = ask("/v1/tasks/delete", R"({"filter": {"state": "running"}})", link);
  REQUIRE(std::holds_alternative<reply>(result));
  CHECK(std::get<reply>(result).body == R"({"matched":0})");
  CHECK(link.take().empty());
}
