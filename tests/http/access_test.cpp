// Who is answered, and what the others are told.
#include "http/access.hpp"
#include "http/hosts.hpp"
#include "tests/http/recording_link.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using errand::test::header_of;

namespace {

using headers = std::vector<http_header>;

http_request request_with(headers all, http_method method = http_method::get,
                          std::string_view target = "/v1/tasks") {
  http_request request;
  request.method = method;
  request.target = target;
  request.headers = std::move(all);
  return request;
}

access_setup with_tokens() {
  access_setup setup;
  setup.tokens = {{"reader", hash_of_token("read-token"), {scope::read}},
                  {"writer", hash_of_token("submit-token"), {scope::submit}},
                  {"boss", hash_of_token("admin-token"), {scope::admin}}};
  return setup;
}

/// The status of the refusal, or 200.
int status_of(const access_control& gate, const http_request& request, scope_set needed,
              bool from_this_machine = true) {
  auto received = gate.receive(request, from_this_machine);
  if (const auto* at_once = std::get_if<reply>(&received))
    return at_once->status;
  const auto refusal = gate.refuse(std::get<caller>(received), needed);
  return refusal ? refusal->status : 200;
}

reply refusal_of(const access_control& gate, const http_request& request, scope_set needed) {
  auto received = gate.receive(request, true);
  if (const auto* at_once = std::get_if<reply>(&received))
    return *at_once;
  auto refusal = gate.refuse(std::get<caller>(received), needed);
  REQUIRE(refusal);
  return *refusal;
}

} // namespace

TEST_CASE("without a token configured only this machine is answered", "[access]") {
  const access_control gate({});
  const auto request = request_with({{"Host", "localhost:8002"}});
  CHECK(status_of(gate, request, {scope::admin}, true) == 200);
  CHECK(status_of(gate, request, {scope::read}, false) == 403);
  CHECK(status_of(gate, request, open_to_all, false) == 403);
  for (const auto* health : {"/livez", "/readyz"})
    CHECK(status_of(gate, request_with({{"Host", "any"}}, http_method::get, health), open_to_all,
                    false)
          == 200);
  const auto told = std::get<reply>(gate.receive(request, false)).body;
  CHECK(told.find("ERRAND_TOKEN") != std::string::npos);
  CHECK(told.find("--no-auth") != std::string::npos);
}

TEST_CASE("with tokens each opens what its scopes say, from anywhere", "[access]") {
  const access_control gate(with_tokens());
  struct row {
    std::string authorization;
    scope_set needed;
    int status;
  };
  const auto r = GENERATE(values<row>({
      {"Bearer read-token", {scope::read}, 200},
      {"bearer read-token", {scope::read}, 200},
      {"Bearer   read-token", {scope::read}, 200},
      {"Bearer read-token", {scope::read, scope::submit}, 200},
      {"Bearer read-token", {scope::submit}, 403},
      {"Bearer read-token", {scope::admin}, 403},
      {"Bearer submit-token", {scope::read, scope::submit}, 200},
      {"Bearer submit-token", {scope::read}, 403},
      {"Bearer admin-token", {scope::work}, 200},
      {"Bearer admin-token", any_scope, 200},
      {"Bearer wrong", {scope::read}, 401},
      {"Bearer wrong", open_to_all, 200},
      {"Bearer", {scope::read}, 401},
      {"Bearerread-token", {scope::read}, 401},
      {"Basic cmVhZC10b2tlbg==", {scope::read}, 401},
      {"read-token", {scope::read}, 401},
      {"", any_scope, 401},
  }));
  INFO(r.authorization);
  const auto request = request_with({{"Host", "any"}, {"Authorization", r.authorization}});
  CHECK(status_of(gate, request, r.needed, false) == r.status);
}

TEST_CASE("401 and 403 say what RFC 6750 wants, and never the token", "[access]") {
  const access_control gate(with_tokens());
  const auto none = refusal_of(gate, request_with({{"Host", "h"}}), {scope::read});
  CHECK(none.status == 401);
  CHECK(header_of(none, "WWW-Authenticate") == "Bearer realm=\"errand\"");

  const auto wrong = refusal_of(
      gate, request_with({{"Host", "h"}, {"Authorization", "Bearer s3cret"}}), {scope::read});
  CHECK(wrong.status == 401);
  CHECK(header_of(wrong, "WWW-Authenticate") == "Bearer realm=\"errand\", error=\"invalid_token\"");
  CHECK(wrong.body.find("s3cret") == std::string::npos);

  const auto small = refusal_of(
      gate, request_with({{"Host", "h"}, {"Authorization", "Bearer read-token"}}), {scope::submit});
  CHECK(small.status == 403);
  CHECK(header_of(small, "WWW-Authenticate")
        == "Bearer realm=\"errand\", error=\"insufficient_scope\", scope=\"submit\"");
  CHECK(small.body.find("read-token") == std::string::npos);

  const auto twice = refusal_of(gate,
                                request_with({{"Host", "h"},
                                              {"Authorization", "Bearer read-token"},
                                              {"authorization", "Bearer admin-token"}}),
                                {scope::read});
  CHECK(twice.status == 400);
  CHECK(header_of(twice, "WWW-Authenticate")
        == "Bearer realm=\"errand\", error=\"invalid_request\"");
}

TEST_CASE("with no_auth everybody may do everything", "[access]") {
  auto setup = with_tokens();
  setup.no_auth = true;
  const access_control gate(setup);
  CHECK(status_of(gate, request_with({{"Host", "any"}}), {scope::admin}, false) == 200);
}

TEST_CASE("a name that is not the server's is refused where no token protects it", "[access]") {
  // With no_auth tokens protect nothing, also where some are configured.
  const auto [no_auth, has_tokens] =
      GENERATE(table<bool, bool>({{false, false}, {true, false}, {true, true}}));
  access_setup setup = has_tokens ? with_tokens() : access_setup{};
  setup.no_auth = no_auth;
  setup.hosts = {"tasks.example.org"};
  setup.own_names = {"Errand.internal"};
  const access_control gate(setup);
  struct row {
    std::string host;
    int status;
  };
  const auto r = GENERATE(values<row>({
      {"localhost", 200},
      {"LOCALHOST:8002", 200},
      {"127.0.0.1", 200},
      {"127.0.0.1:8002", 200},
      {"192.0.2.1:80", 200},
      {"[::1]:8002", 200},
      {"tasks.example.org", 200},
      {"Tasks.Example.org:443", 200},
      {"errand.internal", 200},
      {"", 200},
      {"errand.", 421},
      {"a%2eb", 421},
      {"evil.example", 421},
      {"evil.example:8002", 421},
      {"localhost.evil.example", 421},
      {"xtasks.example.org", 421},
      {"127.1", 421},
      {"127.0.0.1.evil.example", 421},
  }));
  INFO(r.host);
  const auto origin = "http://" + r.host;
  const auto request = request_with({{"Host", r.host}, {"Origin", origin}});
  CHECK(status_of(gate, request, {scope::read}) == (r.host.empty() ? 403 : r.status));
  CHECK(status_of(gate, request_with({{"Host", r.host}}), {scope::read}) == r.status);
  if (r.status == 421)
    CHECK(refusal_of(gate, request, {scope::read}).body.find("http.hosts") != std::string::npos);
}

TEST_CASE("a name without a dot will do with no_auth only", "[access]") {
  access_setup setup;
  for (const bool no_auth : {false, true}) {
    setup.no_auth = no_auth;
    const access_control gate(setup);
    for (const auto* host : {"errand", "errand-1_a:8002", "2130706433"}) // a container's, say
      CHECK(status_of(gate, request_with({{"Host", host}}), {scope::read})
            == (no_auth ? 200 : 421));
  }
}

TEST_CASE("with a token the name does not matter, unless names are configured", "[access]") {
  auto setup = with_tokens();
  const headers sent{{"Host", "any.example"}, {"Authorization", "Bearer read-token"}};
  CHECK(status_of(access_control{setup}, request_with(sent), {scope::read}) == 200);
  setup.hosts = {"tasks.example.org"};
  CHECK(status_of(access_control{setup}, request_with(sent), {scope::read}) == 421);
  // Not even one without a dot.
  const headers short_name{{"Host", "any"}, {"Authorization", "Bearer read-token"}};
  CHECK(status_of(access_control{setup}, request_with(short_name), {scope::read}) == 421);
  CHECK(
      status_of(access_control{setup}, request_with(sent, http_method::get, "/readyz"), open_to_all)
      == 200);
}

TEST_CASE("a web page of another origin is refused, unless its origin is configured", "[access]") {
  access_setup setup;
  setup.origins = {"https://app.example.org"};
  const access_control gate(setup);
  struct row {
    headers sent;
    scope_set needed;
    int status;
  };
  const auto r = GENERATE(values<row>({
      {{}, {scope::submit}, 200},
      {{{"Origin", "http://localhost:8002"}}, {scope::submit}, 200},
      {{{"Origin", "https://localhost:8002"}}, {scope::submit}, 200},
      {{{"Origin", "http://localhost:3000"}}, {scope::read}, 403},
      {{{"Origin", "http://localhost"}}, {scope::read}, 403},
      {{{"Origin", "https://app.example.org"}}, {scope::submit}, 200},
      {{{"Origin", "https://app.example.org:444"}}, {scope::submit}, 403},
      {{{"Origin", "http://app.example.org"}}, {scope::submit}, 403},
      {{{"Origin", "https://evil.example"}}, {scope::submit}, 403},
      {{{"Origin", "https://evil.example"}}, open_to_all, 403},
      {{{"Origin", "null"}}, {scope::submit}, 403},
      {{{"Origin", ""}}, {scope::submit}, 403},
      // What a browser sends for pictures, forms and links.
      {{{"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Mode", "navigate"}}, {scope::submit}, 200},
      {{{"Sec-Fetch-Site", "same-origin"}}, {scope::submit}, 200},
      {{{"Sec-Fetch-Site", "same-site"}}, {scope::submit}, 403},
      {{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "no-cors"}}, {scope::submit}, 403},
      {{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "no-cors"}}, {scope::read}, 403},
      {{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}}, {scope::read}, 200},
      {{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}}, {scope::submit}, 403},
      {{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}}, {scope::admin}, 403},
  }));
  auto sent = r.sent;
  INFO((sent.empty() ? "" : std::string(sent[0].value)));
  sent.push_back({"Host", "localhost:8002"});
  CHECK(status_of(gate, request_with(sent), r.needed) == r.status);
}

TEST_CASE("a route that is public where tokens are in use is so for web pages, too", "[access]") {
  const access_control gate(with_tokens());
  const auto request = request_with({{"Host", "h"}, {"Origin", "https://evil.example"}});
  CHECK(status_of(gate, request, open_to_all) == 200);
  CHECK(status_of(gate, request, {scope::submit}) == 403);
}

TEST_CASE("a browser that asks first is told what a configured page may send", "[access]") {
  access_setup setup = with_tokens();
  setup.origins = {"https://app.example.org"};
  const access_control gate(setup);
  const headers sent{{"Host", "h"},
                     {"Origin", "https://app.example.org"},
                     {"Access-Control-Request-Method", "POST"},
                     {"Access-Control-Request-Headers", "authorization,x-github-event"}};
  const auto received = gate.receive(request_with(sent, http_method::options), false);
  REQUIRE(std::holds_alternative<reply>(received));
  const auto& answer = std::get<reply>(received);
  CHECK(answer.status == 204);
  CHECK(header_of(answer, "Access-Control-Allow-Origin") == "https://app.example.org");
  CHECK(header_of(answer, "Vary") == "Origin");
  CHECK(header_of(answer, "Access-Control-Allow-Methods").find("POST") != std::string::npos);
  // Also one that only a route of the configuration or the program reads.
  CHECK(header_of(answer, "Access-Control-Allow-Headers") == "authorization,x-github-event");
  CHECK(header_of(answer, "Access-Control-Allow-Private-Network").empty());

  auto foreign = sent;
  foreign[1].value = "https://evil.example";
  const auto refused = refusal_of(gate, request_with(foreign, http_method::options), any_scope);
  CHECK(refused.status == 403);
  CHECK(header_of(refused, "Access-Control-Allow-Origin").empty());
}

TEST_CASE("addresses are told from names, and loopback from others", "[access]") {
  for (const auto* address : {"127.0.0.1", "127.255.0.1", "::1", "[::1]", "::ffff:127.0.0.1"})
    CHECK(is_loopback(address));
  for (const auto* other : {"126.0.0.1", "0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1",
                            "localhost", "", "127.1", "[", "fe80::1%lo"})
    CHECK_FALSE(is_loopback(other));
  CHECK(is_ip_address("fe80::1%eth0"));
  CHECK_FALSE(is_ip_address("2130706433"));
  CHECK(is_single_label("errand"));
  for (const auto* other : {"", "a.b", "a.", "[::1]", "a%2eb", "\xc3\xa4"})
    CHECK_FALSE(is_single_label(other));
  CHECK(without_port("[::1]:80") == "[::1]");
  CHECK(without_port("[::1]") == "[::1]");
  CHECK(without_port("a:80") == "a");
  CHECK(without_port("a") == "a");
}
