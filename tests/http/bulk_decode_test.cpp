#include "http/bulk_decode.hpp"
#include "tests/support/catch.hpp"

using namespace errand;

namespace {

list_filter good(std::string_view body) {
  auto decoded = decode_filter(body);
  INFO(body);
  if (const auto* why = std::get_if<problem>(&decoded))
    FAIL(to_json(*why));
  return std::get<list_filter>(decoded);
}

/// Status and pointers: "422 /filter/state /all".
std::string refusal(std::string_view body) {
  const auto decoded = decode_filter(body);
  const auto* why = std::get_if<problem>(&decoded);
  if (why == nullptr)
    return "taken";
  auto text = std::to_string(why->status);
  for (const auto& error : why->errors)
    text += ' ' + error.pointer;
  return text;
}

} // namespace

TEST_CASE("a filter has the names of the list's query", "[bulk]") {
  const auto filter = good(R"({"filter": {"state": ["failed", "cancelled"], "queue": "mail",
      "kind": "send", "tag.tenant": "acme", "tag.size": "1",
      "created_after": "2026-11-22T21:00:00Z", "created_before": "2026-11-23T00:00:00+01:00"}})");
  CHECK(filter.states == std::vector{task_state::failed, task_state::cancelled});
  CHECK(filter.queue == "mail");
  CHECK(filter.kind == "send");
  CHECK(filter.tags == tag_map{{"tenant", "acme"}, {"size", "1"}});
  CHECK(filter.created_after == parse_rfc3339("2026-11-22T21:00:00Z"));
  CHECK(filter.created_before == parse_rfc3339("2026-11-22T23:00:00Z"));
  CHECK(good(R"({"filter": {"state": "queued"}})").states == std::vector{task_state::queued});
}

TEST_CASE("every task is meant only if that is said", "[bulk]") {
  CHECK(good(R"({"all": true})").states.empty());
  CHECK(good(R"({"filter": {}, "all": true})").tags.empty());
  CHECK(good(R"({"filter": {"queue": "q"}, "all": false})").queue == "q");
  CHECK(refusal("{}") == "422 /filter");
  CHECK(refusal(R"({"filter": {}})") == "422 /filter");
  CHECK(refusal(R"({"filter": {}, "all": false})") == "422 /filter");
  CHECK(refusal(R"({"filter": {"queue": "q"}, "all": true})") == "422 /all");
  CHECK(refusal(R"({"filter": {"state": []}})") == "422 /filter/state");
}

TEST_CASE("a name that no filter has is told as such, whatever its value is", "[bulk]") {
  const auto value = GENERATE(as<std::string>(), R"("a")", "1", "1.5", "null", "true", "{}", "[]");
  const auto decoded = decode_filter(R"({"filter": {"knd": )" + value + "}}");
  INFO(value);
  const auto* why = std::get_if<problem>(&decoded);
  REQUIRE(why != nullptr);
  REQUIRE(why->errors.size() == 1);
  CHECK(why->errors[0].pointer == "/filter/knd");
  CHECK(why->errors[0].detail == "is not a parameter here; did you mean kind?");
}

TEST_CASE("a name that no filter has is told once, however often it comes", "[bulk]") {
  const auto decoded = decode_filter(R"({"filter": {"knd": "a", "knd": "b"}})");
  const auto* why = std::get_if<problem>(&decoded);
  REQUIRE(why != nullptr);
  CHECK(why->errors.size() == 2); // and that it comes twice
}

TEST_CASE("what is no filter is refused where it stands", "[bulk]") {
  struct row {
    std::string_view body, refused;
  };
  for (const auto& [body, refused] : {
           row{"", "400"},
           row{"{", "400"},
           row{"[]", "422 "},
           row{"1", "422 "},
           row{"null", "422 "},
           row{R"("x")", "422 "},
           row{R"({"filter": 1})", "422 /filter"},
           row{R"({"filter": "x"})", "422 /filter"},
           row{R"({"filter": null})", "422 /filter"},
           row{R"({"filter": []})", "422 /filter"},
           row{R"({"filter": {"queue": "q"}, "all": 1})", "422 /all"},
           row{R"({"filter": {"queue": "q"}, "all": {}})", "422 /all"},
           row{R"({"filter": {"queue": "q"}, "dry_run": true})", "422 /dry_run"},
           row{R"({"filter": {"queue": 1}})", "422 /filter/queue"},
           row{R"({"filter": {"queue": ["q"]}})", "422 /filter/queue"},
           row{R"({"filter": {"queue": {}}})", "422 /filter/queue"},
           row{R"({"filter": {"queue": ""}})", "422 /filter/queue"},
           row{R"({"filter": {"queue": "q", "queue": "r"}})", "422 /filter/queue /filter/queue"},
           row{R"({"filter": {"state": "open"}})", "422 /filter/state"},
           row{R"({"filter": {"state": ["failed", 1]}})", "422 /filter/state/1"},
           row{R"({"filter": {"state": [["failed"]]}})", "422 /filter/state/0"},
           row{R"({"filter": {"limit": "1"}})", "422 /filter/limit"},
           row{R"({"filter": {"cursor": "1", "order": "asc"}})",
               "422 /filter/cursor /filter/order"},
           row{R"({"filter": {"colour": "red"}})", "422 /filter/colour"},
           row{R"({"filter": {"colour": 1, "kind": 1}})", "422 /filter/colour /filter/kind"},
           row{R"({"filter": {"colour": ["red"]}})", "422 /filter/colour"},
           row{R"({"filter": {"tag.": "red"}})", "422 /filter/tag."},
           row{R"({"filter": {"created_after": "now"}})", "422 /filter/created_after"},
       }) {
    INFO(body);
    CHECK(refusal(body) == refused);
  }
}
