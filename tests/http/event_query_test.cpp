#include "http/event_query.hpp"
#include "tests/support/catch.hpp"

using namespace errand;

namespace {

parsed_event_query parse(const std::string& query) {
  const auto parameters = parse_query(query);
  REQUIRE(parameters.ok());
  return parse_event_query(*parameters);
}

} // namespace

TEST_CASE("a query without parameters wants all events", "[event_query]") {
  CHECK(std::get<event_filter>(parse("")) == event_filter{});
}

TEST_CASE("types may be repeated or separated by commas, and their order does not matter",
          "[event_query]") {
  const auto filter = std::get<event_filter>(
      parse("types=task.failed,task.queued&types=task.progress,task.queued"));
  CHECK(filter.types == std::vector{event_type::queued, event_type::progress, event_type::failed});
  CHECK(std::get<event_filter>(parse("types=queue.paused,task.queued")).types
        == std::vector{event_type::queued, event_type::queue_paused});
}

TEST_CASE("queue, kind and task are taken as they are", "[event_query]") {
  const auto id = task_id::from_parts(77, 5);
  const auto filter =
      std::get<event_filter>(parse("queue=mail&kind=send%2Fnow&task=" + id.to_string()));
  CHECK(filter == event_filter{{}, "mail", "send/now", id});
}

TEST_CASE("a query that can't be is refused with the parameter and the value", "[event_query]") {
  const auto [query, pointer, words] = GENERATE(table<std::string, std::string, std::string>({
      {"types=task.qeued", "?types", "task.qeued"},
      {"types=queue.queued", "?types", "task.queued, task.running"},
      {"types=", "?types", "is empty"},
      {"queue=a%20b", "?queue", "a b"},
      {"kind=", "?kind", ""},
      {"queue=a&queue=b", "?queue", "more than once"},
      {"task=1234", "?task", "the id of a task"},
      {"task=" + task_id::from_parts(1, 1).to_string()
           + "&task=" + task_id::from_parts(1, 1).to_string(),
       "?task", "more than once"},
      {"type=task.queued", "?type", "did you mean types"},
      {"follow=true", "?follow", "known are types, queue, kind, task"},
  }));
  const auto parsed = parse(query);
  INFO(query);
  REQUIRE(std::holds_alternative<std::vector<field_error>>(parsed));
  const auto& errors = std::get<std::vector<field_error>>(parsed);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].pointer == pointer);
  CHECK(errors[0].detail.find(words) != std::string::npos);
}
