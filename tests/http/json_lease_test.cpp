#include "http/json_lease.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <map>

using namespace errand;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr timestamp noon{std::chrono::hours(490'000)};
constexpr const char* token = "01890a5d-ac96-774b-bcce-b302099a8057.2.00000000000000ff";

/// What is wrong, by pointer.
template <class Decoded>
std::map<std::string, std::string> faults(const Decoded& decoded) {
  std::map<std::string, std::string> found;
  const auto* why = std::get_if<problem>(&decoded);
  REQUIRE(why);
  for (const auto& [pointer, detail] : why->errors)
    found[pointer] = detail;
  return found;
}

std::map<std::string, std::string> request_faults(std::string_view body) {
  return faults(decode_lease_request(body));
}

std::map<std::string, std::string> end_faults(const std::string& entry) {
  return faults(decode_lease_ends(R"({"leases":[)" + entry + "]}", noon));
}

lease_end end_of(const std::string& fields) {
  const auto decoded = decode_lease_ends(
      R"({"leases":[{"token":")" + std::string(token) + R"(",)" + fields + "}]}", noon);
  if (const auto* why = std::get_if<problem>(&decoded))
    FAIL(why->detail);
  return std::get<written_ends>(decoded).ends.at(0);
}

} // namespace

TEST_CASE("a request for leases needs a worker's name, and has defaults for the rest", "[lease]") {
  const auto decoded = decode_lease_request(R"({"worker":"mailer-1"})");
  REQUIRE(std::holds_alternative<written_lease_request>(decoded));
  const auto& [asked, wait] = std::get<written_lease_request>(decoded);
  CHECK(asked.wish.worker == "mailer-1");
  CHECK(asked.wish.max == 1);
  CHECK(asked.wish.length == 30s);
  CHECK(asked.wanted.queues.empty());
  CHECK(asked.wanted.kinds.empty());
  CHECK_FALSE(asked.waits);
  CHECK(wait == 0s);
}

TEST_CASE("a request for leases is taken as it is written", "[lease]") {
  const auto decoded = decode_lease_request(
      R"({"worker":"w","queues":["a","b"],"kinds":["k"],"max":1000,"lease_s":2.5,"wait_s":300})");
  REQUIRE(std::holds_alternative<written_lease_request>(decoded));
  const auto& [asked, wait] = std::get<written_lease_request>(decoded);
  CHECK(asked.wanted.queues == std::vector<std::string>{"a", "b"});
  CHECK(asked.wanted.kinds == std::vector<std::string>{"k"});
  CHECK(asked.wish.max == 1000);
  CHECK(asked.wish.length == 2500ms);
  CHECK(asked.waits);
  CHECK(wait == 300s);
}

TEST_CASE("everything that is wrong with a request for leases is told", "[lease]") {
  const auto found = request_faults(
      R"({"queues":[],"kinds":["a b",7],"max":1001,"lease_s":0.5,"wait_s":301,"waits":1})");
  CHECK(found.size() == 8);
  CHECK(found.at("/worker") == "is missing; it must be the name of the worker, a string");
  CHECK(found.at("/queues")
        == "is an empty array; it must be an array of names; leave it out for all");
  CHECK(found.contains("/kinds/0"));
  CHECK(found.at("/kinds/1") == "is 7; it must be a string");
  CHECK(found.at("/max") == "is 1001; it must be an integer from 1 to 1000");
  CHECK(found.at("/lease_s") == "is 0.5; it must be a number of seconds from 1 to 3600");
  CHECK(found.at("/wait_s") == "is 301; it must be a number of seconds from 0 to 300");
  CHECK(found.at("/waits") == "is not a field of a request for leases; did you mean \"wait_s\"?");
  CHECK(request_faults(R"({"worker":"a b"})").contains("/worker"));
  CHECK(request_faults(R"({"worker":7})").at("/worker")
        == "is 7; it must be the name of the worker, a string");
  CHECK(request_faults(R"({"worker":null})").at("/worker")
        == "is missing; it must be the name of the worker, a string");
  CHECK(request_faults("[]").contains(""));
}

TEST_CASE("what is no JSON, or too deep, is refused as such", "[lease]") {
  for (const auto* text : {"", "{", "{\"worker\":\"w\"", "nope", "\xff"}) {
    const auto decoded = decode_lease_request(text);
    REQUIRE(std::holds_alternative<problem>(decoded));
    CHECK(std::get<problem>(decoded).status == 400);
  }
  const std::string deep = R"({"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  const auto decoded = decode_lease_request(deep);
  REQUIRE(std::holds_alternative<problem>(decoded));
  CHECK(std::get<problem>(decoded).status == 422);
}

TEST_CASE("a heartbeat tells of progress and lines", "[lease]") {
  const auto decoded = decode_lease_signs(
      R"({"extend_s":60,"leases":[{"token":")" + std::string(token)
          + R"(","progress":{"fraction":0.25,"message":"a"},"log":"one\r\ntwo\n"},{"token":"x"}]})",
      noon);
  REQUIRE(std::holds_alternative<written_signs>(decoded));
  const auto& [tokens, signs] = std::get<written_signs>(decoded);
  CHECK(tokens == std::vector<std::string>{token, "x"});
  REQUIRE(signs.size() == 2);
  CHECK(signs[0].token == parse_lease_token(token));
  CHECK(signs[0].extend_by == 60s);
  CHECK(signs[0].progress == task_progress{0.25, "a"});
  REQUIRE(signs[0].lines.size() == 2);
  CHECK(signs[0].lines[0].text == "one");
  CHECK(signs[0].lines[1].text == "two");
  CHECK(signs[1].token == lease_token{}); // which no lease has
}

TEST_CASE("everything that is wrong with a heartbeat is told", "[lease]") {
  const auto wrong = [](std::string_view body) { return faults(decode_lease_signs(body, noon)); };
  CHECK(wrong("{}").at("/leases") == "is missing; it must be an array of 1 to 1000 leases");
  CHECK(wrong(R"({"leases":[]})").contains("/leases"));
  CHECK(wrong(R"({"leases":[7]})").contains("/leases/0"));
  CHECK(wrong(R"({"leases":[{}]})").at("/leases/0/token")
        == "is missing; it must be the token of a lease, a string");
  CHECK(wrong(R"({"leases":[{"token":"x","progress":{"fraction":1.5}}]})")
            .contains("/leases/0/progress/fraction"));
  CHECK(
      wrong(R"({"leases":[{"token":"x","progress":{}}]})").contains("/leases/0/progress/fraction"));
  CHECK(wrong(R"({"leases":[{"token":"x","progress":0.4}]})").contains("/leases/0/progress"));
  CHECK(wrong(R"({"leases":[{"token":"x"}],"extend_s":0})").contains("/extend_s"));
  CHECK(wrong(R"({"leases":[{"token":"x","outcome":"ok"}]})").contains("/leases/0/outcome"));
  json many;
  many["leases"] = std::vector<json>(1001, json{{"token", "x"}});
  CHECK(wrong(many.dump()).at("/leases").find("in several requests") != std::string::npos);
}

TEST_CASE("an end is what its outcome says", "[lease]") {
  auto end = end_of(R"("outcome":"succeeded","result":{"a":[1,2.5,"x"]})");
  CHECK(end.outcome == attempt_outcome::succeeded);
  CHECK(json::parse(end.result_json) == json::parse(R"({"a":[1,2.5,"x"]})"));
  CHECK(end_of(R"("outcome":"succeeded")").result_json == "null");
  CHECK(end_of(R"("outcome":"released")").released);

  end = end_of(
      R"("outcome":"failed","error":{"type":"io","message":"gone","trace":"a\nb"},"retry_in_s":5)");
  CHECK(end.outcome == attempt_outcome::failed);
  CHECK(end.error_type == "io");
  CHECK(end.error_message == "gone");
  CHECK(end.retry_in == 5s);
  REQUIRE(end.lines.size() == 2);
  CHECK(end.lines[1].text == "b");
  end = end_of(R"("outcome":"failed","retry":false)");
  CHECK(end.outcome == attempt_outcome::failed_for_good);
  CHECK(end.error_type == "failed");
  CHECK_FALSE(end.error_message.empty());

  end = end_of(R"("outcome":"cancelled","error":{"message":"the customer is gone"})");
  CHECK(end.outcome == attempt_outcome::cancelled);
  CHECK(end.error_type == "cancelled");
  CHECK(end.error_message == "the customer is gone");
  CHECK_FALSE(end_of(R"("outcome":"cancelled")").error_message.empty());
}

TEST_CASE("everything that is wrong with an end is told", "[lease]") {
  CHECK(end_faults(R"({"token":"x"})").at("/leases/0/outcome")
        == R"(is missing; it must be "succeeded", "failed", "cancelled" or "released")");
  CHECK(end_faults(R"({"token":"x","outcome":"done"})").contains("/leases/0/outcome"));
  CHECK(end_faults(R"({"token":"x","outcome":7})").at("/leases/0/outcome")
        == R"(is 7; it must be "succeeded", "failed", "cancelled" or "released")");
  CHECK(
      end_faults(R"({"token":"x","outcome":"released","result":1})").contains("/leases/0/result"));
  CHECK(
      end_faults(R"({"token":"x","outcome":"succeeded","error":{}})").contains("/leases/0/error"));
  CHECK(end_faults(R"({"token":"x","outcome":"succeeded","retry":true})")
            .contains("/leases/0/retry"));
  CHECK(end_faults(R"({"token":"x","outcome":"cancelled","result":1,"retry":false})").size() == 2);
  CHECK(end_faults(R"({"token":"x","outcome":"failed","retry":null})").at("/leases/0/retry")
        == "is null; it must be true or false, or left out");
  CHECK(end_faults(R"({"token":"x","outcome":"failed","retry":false,"retry_in_s":1})")
            .contains("/leases/0/retry_in_s"));
  CHECK(end_faults(R"({"token":"x","outcome":"failed","error":"no"})").contains("/leases/0/error"));
  CHECK(end_faults(R"({"token":"x","outcome":"failed","error":{"typ":"a"}})")
            .at("/leases/0/error/typ")
        == "is not a field of an error; did you mean \"type\"?");
}

TEST_CASE("leases are shown with their tasks, and null where results were too many", "[lease]") {
  lease given;
  given.token = *parse_lease_token(token);
  given.expires_at = noon;
  given.task.id = given.token.attempt.id;
  given.task.spec.kind = "noop";
  given.upstream = {{{given.task.id, "5"}, {given.task.id, std::nullopt}}};
  auto shown = json::parse(encode_leases({given})).at("leases").at(0);
  CHECK(shown.at("token") == token);
  CHECK(shown.at("expires_at").is_string());
  CHECK(shown.at("task").at("kind") == "noop");
  CHECK(shown.at("upstream").is_object());
  given.upstream.reset();
  shown = json::parse(encode_leases({given})).at("leases").at(0);
  CHECK(shown.at("upstream").is_null());
  CHECK(encode_leases({}) == R"({"leases":[]})");
}
