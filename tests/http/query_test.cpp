#include "http/cursor.hpp"
#include "http/prefer.hpp"
#include "http/query.hpp"
#include "http/task_query.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using std::chrono::milliseconds;

namespace {

std::string shown(std::string_view text) {
  const auto query = parse_query(text);
  if (!query.ok())
    return "refused";
  std::string out;
  for (const auto& [name, value] : *query)
    out += '(' + name + ',' + value + ')';
  return out;
}

parsed_list_query list_of(std::string_view text) {
  return parse_list_query(parse_query(text).value());
}

list_request good(std::string_view text) {
  auto parsed = list_of(text);
  INFO(text);
  REQUIRE(std::holds_alternative<list_request>(parsed));
  return std::get<list_request>(parsed);
}

/// The pointers of all errors.
std::string faults(std::string_view text) {
  auto parsed = list_of(text);
  std::string pointers;
  if (const auto* errors = std::get_if<std::vector<field_error>>(&parsed))
    for (const auto& error : *errors)
      pointers += error.pointer + ' ';
  return pointers;
}

std::optional<std::chrono::seconds> preferred(const std::vector<std::string_view>& values) {
  http_request request;
  for (const auto value : values)
    request.headers.push_back({"prefer", value});
  return preferred_wait(request);
}

} // namespace

TEST_CASE("a query is read in order and decoded", "[query]") {
  CHECK(shown("") == "");
  CHECK(shown("a=b&c=d&a=e&a=b") == "(a,b)(c,d)(a,e)(a,b)");
  CHECK(shown("a=b=c&d==") == "(a,b=c)(d,=)");
  CHECK(shown("a&b=") == "(a,)(b,)");
  CHECK(shown("&&=x&a=b&") == "(a,b)");
  CHECK(shown("a+b=%41%62+%2b") == "(a b,Ab +)");
  CHECK(shown("a?b=c?d") == "(a?b,c?d)");
}

TEST_CASE("a query with a broken escape or too many parameters is refused", "[query]") {
  for (const auto* text : {"a=%", "a=%4", "a=%4g", "%=x", "a=%%41", "a=b%"}) {
    INFO(text);
    CHECK(shown(text) == "refused");
  }
  std::string many = "a=1";
  for (size_t i = 1; i < max_query_parameters; ++i)
    many += "&a=1";
  CHECK(shown(many) != "refused");
  CHECK(shown(many + "&a=1") == "refused");
}

TEST_CASE("every filter of a list is understood", "[task_query]") {
  const auto request =
      good("state=queued,running&state=failed&queue=mail&kind=a.b&tag.user=7&tag.x=y%20z"
           "&created_after=2026-11-22T21:00:00Z&created_before=2026-11-22T23:00:00%2B01:00"
           "&limit=1000&order=asc&cursor="
           + encode_cursor(77));
  CHECK(request.filter.states
        == std::vector{task_state::queued, task_state::running, task_state::failed});
  CHECK(request.filter.queue == "mail");
  CHECK(request.filter.kind == "a.b");
  CHECK(request.filter.tags == tag_map{{"user", "7"}, {"x", "y z"}});
  CHECK(request.filter.created_after == parse_rfc3339("2026-11-22T21:00:00Z"));
  CHECK(request.filter.created_before == parse_rfc3339("2026-11-22T22:00:00Z"));
  CHECK(request.limit == 1000);
  CHECK(request.ascending);
  CHECK(request.after == 77);
}

TEST_CASE("a list without a query is the newest hundred", "[task_query]") {
  const auto request = good("");
  CHECK(request.limit == 100);
  CHECK_FALSE(request.ascending);
  CHECK_FALSE(request.after);
  CHECK(request.filter.states.empty());
}

TEST_CASE("the plus of an offset may come unescaped", "[task_query]") {
  CHECK(good("created_after=2026-11-22T22:00:00+01:00").filter.created_after
        == parse_rfc3339("2026-11-22T21:00:00Z"));
}

TEST_CASE("all that is wrong with a list's query is told at once", "[task_query]") {
  CHECK(faults("state=done&queue=a%20b&kind=&limit=0&order=up&cursor=x&created_after=now&color=1")
        == "?state ?queue ?kind ?limit ?order ?cursor ?created_after ?color ");
  CHECK(faults("limit=1001") == "?limit ");
  CHECK(faults("limit=-1") == "?limit ");
  CHECK(faults("limit=ten") == "?limit ");
  CHECK(faults("state=") == "?state ");
  CHECK(faults("tag.=x") == "?tag. ");
  CHECK(faults("tag.a=%ff") == "?tag.a ");
  CHECK(faults("limit=1&limit=2") == "?limit ");
  CHECK(faults("tag.a=1&tag.a=2") == "?tag.a ");
}

TEST_CASE("a mistyped parameter is told its neighbour", "[task_query]") {
  const auto parsed = list_of("stat=queued");
  const auto& errors = std::get<std::vector<field_error>>(parsed);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].detail.find("state") != std::string::npos);
}

TEST_CASE("wait_s is a number of seconds up to 300", "[task_query]") {
  const auto wait = [](std::string_view text) {
    auto parsed = parse_wait_query(parse_query(text).value());
    const auto* time = std::get_if<milliseconds>(&parsed);
    return time == nullptr ? milliseconds{-1} : *time;
  };
  CHECK(wait("") == milliseconds{0});
  CHECK(wait("wait_s=0") == milliseconds{0});
  CHECK(wait("wait_s=1.5") == milliseconds{1500});
  CHECK(wait("wait_s=300") == milliseconds{300'000});
  for (const auto* text :
       {"wait_s=", "wait_s=300.1", "wait_s=-1", "wait_s=nan", "wait_s=inf", "wait_s=1e1",
        "wait_s=1s", "wait_s=%201", "wait_s=1&wait_s=1", "wait=1"}) {
    INFO(text);
    CHECK(wait(text) == milliseconds{-1});
  }
}

TEST_CASE("Prefer: wait is read as RFC 7240 writes it, and else ignored", "[prefer]") {
  using std::chrono::seconds;
  CHECK(preferred({"wait=10"}) == seconds{10});
  CHECK(preferred({"respond-async, WAIT = 10"}) == seconds{10});
  CHECK(preferred({"wait=\"10\""}) == seconds{10});
  CHECK(preferred({"wait=10; foo=bar"}) == seconds{10});
  CHECK(preferred({"respond-async", "wait=3"}) == seconds{3});
  CHECK(preferred({"wait=1, wait=2"}) == seconds{1});
  CHECK(preferred({"wait=999999"}) == max_wait);
  for (const auto* value : {"wait", "wait=", "wait=x", "wait=-1", "wait=1.5", "waiting=1", ""}) {
    INFO(value);
    CHECK_FALSE(preferred({value}));
  }
  CHECK_FALSE(preferred({}));
}
