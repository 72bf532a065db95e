// Access as clients meet it: every route with no token, a wrong one, and a token of each scope.
#include "tests/protocol/front_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/silent_logger.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstdlib>
#include <ifaddrs.h>
#include <iostream>
#include <net/if.h>
#include <netinet/in.h>
#include <regex>

using namespace errand;
using namespace errand::test;

namespace {

constexpr auto get_ = http_method::get;
constexpr auto post_ = http_method::post;
constexpr auto put_ = http_method::put;
constexpr auto delete_ = http_method::delete_;

constexpr const char* one = "/v1/tasks/01a205ce-37dc-7000-8b74-d84829a7be48";

/// Which scopes open what. A route that is missing here fails the test below.
struct access_row {
  http_method method;
  std::string path; ///< One that the route has.
  scope_set needed;
};

const std::vector<access_row>& table() {
  const std::string task = one;
  static const std::vector<access_row> rows{
      {post_, "/v1/tasks", {scope::submit}},
      {get_, task, {scope::read, scope::submit}},
      {get_, "/v1/tasks", {scope::read}},
      {delete_, task, {scope::submit}},
      {post_, task + "/cancel", {scope::submit}},
      {post_, task + "/retry", {scope::submit}},
      {post_, "/v1/leases", {scope::work}},
      {post_, "/v1/leases/heartbeat", {scope::work}},
      {post_, "/v1/leases/finish", {scope::work}},
      {delete_, "/v1/workers/a", {scope::work}},
      {post_, "/v1/tasks/batch", {scope::submit}},
      {get_, task + "/log", {scope::read, scope::submit}},
      {get_, "/v1/events", {scope::read}},
      {post_, "/v1/tasks/cancel", {scope::admin}},
      {post_, "/v1/tasks/retry", {scope::admin}},
      {post_, "/v1/tasks/delete", {scope::admin}},
      {get_, "/v1/schedules", {scope::read}},
      {get_, "/v1/schedules/a", {scope::read}},
      {put_, "/v1/schedules/a", {scope::admin}},
      {delete_, "/v1/schedules/a", {scope::admin}},
      {post_, "/v1/schedules/a/run", {scope::admin}},
      {post_, "/v1/schedules/a/pause", {scope::admin}},
      {post_, "/v1/schedules/a/resume", {scope::admin}},
      {get_, "/v1/queues", {scope::read}},
      {get_, "/v1/queues/a", {scope::read}},
      {put_, "/v1/queues/a", {scope::admin}},
      {post_, "/v1/queues/a/pause", {scope::admin}},
      {post_, "/v1/queues/a/resume", {scope::admin}},
      {post_, "/v1/queues/a/purge", {scope::admin}},
      {get_, "/v1/stats", {scope::read}},
      {get_, task + "/explain", {scope::read, scope::submit}},
      {get_, "/v1/workers", {scope::read}},
      {get_, "/v1/actors", {scope::read}},
      {get_, "/metrics", {scope::read}},
      {get_, "/livez", open_to_all},
      {get_, "/readyz", open_to_all},
      {get_, "/version", {scope::read}},
      {get_, "/", {scope::read}},
      {get_, "/openapi.json", {scope::read}},
      {get_, "/sleep", {scope::submit}},
      {post_, "/hook", {scope::submit}},
      {post_, "/open", open_to_all},
  };
  return rows;
}

/// "NAME-token", with the one scope that it is named after.
void need_tokens(front_setup& setup) {
  for (const auto each : all_scopes) {
    const std::string name{to_string(each)};
    setup.access.tokens.push_back({name, hash_of_token(name + "-token"), {each}});
  }
}

void need_tokens_but_for_one(front_setup& setup) {
  need_tokens(setup);
  auto open = ingress(post_, "/open", "noop", "{}", 200, "ok");
  open.is_public = true;
  setup.ingress.push_back(open);
}

struct server_with : front_fixture {
  explicit server_with(const std::function<void(front_setup&)>& adjust)
      : front_fixture({}, "127.0.0.1", heartbeat_interval, adjust) {}
};

/// GET goes as HEAD, so that what streams ends.
std::string request(const access_row& to, const std::string& token, const std::string& more = {}) {
  const auto method = to.method == get_ ? "HEAD" : to_string(to.method);
  return std::string(method) + ' ' + to.path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
         + (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") + more
         + (to.method == get_ ? "\r\n" : "Content-Length: 1\r\n\r\n{");
}

raw_response ask(const front_fixture& server, const access_row& to, const std::string& token,
                 const std::string& more = {}) {
  auto client = server.connect();
  REQUIRE(client.send(request(to, token, more)));
  auto answer = client.read(to.method == get_);
  REQUIRE(answer);
  return *answer;
}

std::string post_with(const std::string& target, const std::string& token, const std::string& key,
                      const std::string& body) {
  return "POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
         + "Authorization: Bearer " + token + "\r\nIdempotency-Key: " + key
         + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// An address of this machine that is not loopback; empty if it has none.
std::string outer_address() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0)
    return {};
  std::string found;
  for (const auto* each = list; each != nullptr && found.empty(); each = each->ifa_next) {
    if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET
        || (each->ifa_flags & IFF_UP) == 0 || (each->ifa_flags & IFF_LOOPBACK) != 0)
      continue;
    std::array<char, INET_ADDRSTRLEN> text{};
    const auto& address = reinterpret_cast<const sockaddr_in&>(*each->ifa_addr).sin_addr;
    if (inet_ntop(AF_INET, &address, text.data(), text.size()) != nullptr)
      found = text.data();
  }
  freeifaddrs(list);
  return found;
}

} // namespace

TEST_CASE("no route is without its line in the table of scopes", "[access]") {
  front_setup setup;
  setup.now = system_now;
  setup.ingress = {ingress(get_, "/sleep", "sleep", "{}", 200, ""),
                   ingress(post_, "/hook", "noop", "{}", 200, ""),
                   ingress(post_, "/open", "noop", "{}", 200, "")};
  setup.ingress.back().is_public = true;
  router all{std::make_shared<silent_logger>()};
  add_all_routes(all, setup);
  REQUIRE(all.table().size() == table().size());
  for (size_t i = 0; i < table().size(); ++i) {
    INFO(all.table()[i].pattern);
    CHECK(all.table()[i].method == table()[i].method);
    CHECK(std::regex_match(table()[i].path, std::regex(all.table()[i].pattern)));
    CHECK(all.table()[i].needed == table()[i].needed);
  }
}

TEST_CASE("every route is closed to strangers, and open to the scopes that it names", "[access]") {
  server_with server(need_tokens_but_for_one);
  for (const auto& row : table()) {
    INFO(to_string(row.method) << ' ' << row.path);
    const bool is_open = row.needed.empty();
    for (const auto* token : {"", "wrong"}) {
      const auto before = server.peers.accepted();
      const auto answer = ask(server, row, token);
      CHECK((server.peers.accepted() == before || is_open));
      CHECK((answer.status == 401) == !is_open);
      CHECK(answer.header("www-authenticate").starts_with("Bearer ") == !is_open);
    }
    for (const auto held : all_scopes) {
      INFO(to_string(held));
      const auto answer = ask(server, row, std::string(to_string(held)) + "-token");
      const bool is_refused = answer.status == 401 || answer.status == 403;
      CHECK(is_refused == !scope_set{held}.suffices_for(row.needed));
      if (is_refused)
        CHECK(answer.header("www-authenticate").find("insufficient_scope") != std::string::npos);
    }
  }
}

TEST_CASE("a stranger learns neither which paths there are nor what a key stands for", "[access]") {
  server_with server(need_tokens);
  CHECK(ask(server, {get_, "/v1/nothing", {}}, "").status == 401);
  CHECK(ask(server, {delete_, "/v1/tasks", {}}, "").status == 401);
  CHECK(ask(server, {get_, "/v1/nothing", {}}, "work-token").status == 404);
  auto client = server.connect();
  CHECK(client.ask(post_with("/v1/tasks", "submit-token", "k", R"({"kind":"noop"})"))->status
        == 202);
  CHECK(client.ask(post_with("/v1/tasks", "wrong", "k", R"({"kind":"noop"})"))->status == 401);
  CHECK(client.ask(post_with("/v1/tasks", "read-token", "k", R"({"kind":"noop"})"))->status == 403);
  CHECK(client.ask(post_with("/v1/tasks", "read-token", "no key", "{"))->status == 403);
}

TEST_CASE("each token has idempotency keys of its own", "[access]") {
  server_with server(need_tokens);
  auto client = server.connect();
  const std::string noop = R"({"kind":"noop"})";
  const auto first = client.ask(post_with("/v1/tasks", "submit-token", "k", noop));
  CHECK(first->status == 202);
  const auto other = client.ask(post_with("/v1/tasks", "admin-token", "k", noop));
  CHECK(other->status == 202);
  CHECK(other->header("idempotent-replayed").empty());
  CHECK(other->header("location") != first->header("location"));
  const auto again = client.ask(post_with("/v1/tasks", "submit-token", "k", noop));
  CHECK(again->header("idempotent-replayed") == "true");
  CHECK(again->header("location") == first->header("location"));
  CHECK(server.peers.accepted() == 2);
}

TEST_CASE("without a token, who did not come over loopback is told how to get in", "[access]") {
  const auto address = outer_address();
  if (address.empty()) {
    std::cout << "skipped: this machine has no address but loopback\n";
    std::exit(77);
  }
  front_fixture closed({}, "0.0.0.0");
  raw_client stranger(closed.port(), address.c_str());
  const auto refused = stranger.ask(get("/v1/tasks"));
  CHECK(refused->status == 403);
  CHECK(refused->body.find("--no-auth") != std::string::npos);
  CHECK(stranger.ask(get("/readyz"))->status == 200);
  CHECK(closed.connect().ask(get("/v1/tasks"))->status == 200);

  front_fixture open({}, "0.0.0.0", heartbeat_interval,
                     [](front_setup& setup) { setup.access.no_auth = true; });
  CHECK(raw_client(open.port(), address.c_str()).ask(get("/v1/tasks"))->status == 200);

  front_fixture with_tokens({}, "0.0.0.0", heartbeat_interval, need_tokens);
  raw_client known(with_tokens.port(), address.c_str());
  CHECK(known.ask("GET /v1/tasks HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer read-token\r\n\r\n")
            ->status
        == 200);
}

TEST_CASE("a page that rebinds its own name to this machine is refused", "[access]") {
  front_fixture server;
  auto client = server.connect();
  const auto answer = client.ask("GET /v1/tasks HTTP/1.1\r\nHost: evil.example:8002\r\n\r\n");
  CHECK(answer->status == 421);
  CHECK(answer->header("content-type") == "application/problem+json");
  CHECK(answer->body.find("/problems/misdirected") != std::string::npos);
  CHECK(client.ask("GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n")->status == 200);
  CHECK(client.ask("GET /v1/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n")->status == 200);
}

TEST_CASE("with no_auth a page that rebinds its own name is refused, too", "[access]") {
  server_with server([](front_setup& setup) { setup.access.no_auth = true; });
  auto client = server.connect();
  const auto order = [&](const std::string& host) {
    return *client.ask("POST /v1/tasks HTTP/1.1\r\nHost: " + host + "\r\nOrigin: http://" + host
                       + "\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n"
                       + R"({"kind":"noop"})");
  };
  const auto refused = order("evil.example:8002");
  CHECK(refused.status == 421);
  CHECK(refused.body.find("http.hosts") != std::string::npos);
  CHECK(server.peers.accepted() == 0);
  for (const auto* host : {"127.0.0.1:8002", "localhost:8002", "errand:8002"})
    CHECK(order(host).status == 202);
  CHECK(server.peers.accepted() == 3);
}

TEST_CASE("who may use a route may ask by OPTIONS what there is, without a token if it is public",
          "[access]") {
  server_with server(need_tokens_but_for_one);
  auto client = server.connect();
  const auto options = [&](const std::string& path, const std::string& more) {
    return *client.ask("OPTIONS " + path + " HTTP/1.1\r\nHost: h\r\n" + more + "\r\n");
  };
  const auto open = options("/open", "");
  CHECK(open.status == 204);
  CHECK(open.header("allow") == "POST, OPTIONS");
  CHECK(options("/hook", "").status == 401);
  CHECK(options("/v1/tasks", "").status == 401);
  CHECK(options("/v1/nothing", "").status == 401);
  CHECK(options("/hook", "Authorization: Bearer read-token\r\n").header("allow")
        == "POST, OPTIONS");
}

TEST_CASE("a host in the request's target counts more than the one in Host", "[access]") {
  struct row {
    std::string line;
    std::string host;
    int status;
  };
  const auto r = GENERATE(values<row>({
      {"GET http://evil.example/v1/tasks HTTP/1.1", "localhost", 421},
      {"GET http://evil.example?a HTTP/1.1", "localhost", 421},
      {"GET http://localhost:1/v1/tasks HTTP/1.1", "evil.example", 200},
      {"GET http://localhost?a HTTP/1.1", "evil.example", 200},
      {"GET http://localhost HTTP/1.1", "evil.example", 200},
  }));
  front_fixture server;
  CHECK(server.connect().ask(r.line + "\r\nHost: " + r.host + "\r\n\r\n")->status == r.status);
  // HTTP/1.0 needs no Host.
  CHECK(server.connect().ask("GET http://evil.example/v1/tasks HTTP/1.0\r\n\r\n")->status == 421);
}

TEST_CASE("a foreign page can order nothing, by script, form or picture", "[access]") {
  front_fixture server;
  auto client = server.connect();
  CHECK(client
            .ask("GET /sleep HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n"
                 "Sec-Fetch-Mode: no-cors\r\n\r\n")
            ->status
        == 403);
  CHECK(client
            .ask("POST /hook HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n"
                 "Content-Length: 0\r\n\r\n")
            ->status
        == 403);
  CHECK(server.peers.accepted() == 0);
  CHECK(client
            .ask("POST /hook HTTP/1.1\r\nHost: localhost:1\r\nOrigin: http://localhost:1\r\n"
                 "Content-Length: 0\r\n\r\n")
            ->status
        == 418);
}

TEST_CASE("a configured page may read each answer, also parked, kept and streamed", "[access]") {
  server_with server(
      [](front_setup& setup) { setup.access.origins = {"https://app.example.org"}; });
  const std::string from_page = "Origin: https://app.example.org\r\n";
  const auto may_read = [](const raw_response& answer) {
    return answer.header("access-control-allow-origin") == "https://app.example.org"
           && answer.header("vary") == "Origin"
           && answer.header("access-control-expose-headers").find("Location") != std::string::npos;
  };
  CHECK(may_read(ask(server, {get_, "/version", {}}, "", from_page)));
  CHECK(may_read(ask(server, {get_, "/v1/nothing", {}}, "", from_page)));
  CHECK(may_read(ask(server, {get_, "/v1/tasks", {}}, "", from_page)));
  CHECK(may_read(ask(server, {post_, "/hook", {}}, "", from_page + "Idempotency-Key: k\r\n")));
  const auto again = ask(server, {post_, "/hook", {}}, "", from_page + "Idempotency-Key: k\r\n");
  CHECK(again.header("idempotent-replayed") == "true");
  CHECK(may_read(again));
  // The same kept answer, not for a page: what is kept has no origin in it.
  const auto plain = ask(server, {post_, "/hook", {}}, "", "Idempotency-Key: k\r\n");
  CHECK(plain.header("idempotent-replayed") == "true");
  CHECK(plain.header("access-control-allow-origin").empty());
  CHECK(plain.header("vary") == "Origin");

  auto client = server.connect();
  REQUIRE(client.send("GET /v1/events HTTP/1.1\r\nHost: h\r\n" + from_page + "\r\n"));
  CHECK(client.read_until("\r\n\r\n")
            .find("\r\nAccess-Control-Allow-Origin: https://app.example.org\r\n")
        != std::string::npos);
}

TEST_CASE("args are redacted in every answer, kept ones included, and whole for handlers",
          "[access]") {
  server_with server([](front_setup& setup) {
    setup.redact = std::make_shared<const redaction>(std::vector<std::string>{"password"});
  });
  auto client = server.connect();
  const std::string body = R"({"kind":"echo","args":{"to":"a","login":{"password":"s3cret"}}})";
  const auto sent = client.ask(post_with("/v1/tasks", "-", "k", body));
  CHECK(sent->status == 202);
  CHECK(sent->body.find("[redacted]") != std::string::npos);
  const auto again = client.ask(post_with("/v1/tasks", "-", "k", body));
  CHECK(again->header("idempotent-replayed") == "true");
  const auto path = sent->header("location");
  for (const auto& answer : {*sent, *again, *client.ask(get(path)), *client.ask(get("/v1/tasks")),
                             *client.ask(post_with(path + "/cancel", "-", "c", ""))}) {
    CHECK(answer.body.find(R"("to":"a")") != std::string::npos);
    CHECK(answer.body.find("s3cret") == std::string::npos);
  }
  CHECK(server.peers.tasks().at(0).spec.args_json.find("s3cret") != std::string::npos);
}

TEST_CASE("a route makes its task of the request, with the fields of any task", "[access]") {
  server_with server([](front_setup& setup) {
    auto hook = ingress(
        post_, "/in", "echo",
        R"({"b":{"$body":true},"q":{"$query":"n"},"h":{"$header":"X-A","default":1}})", 202, "ok");
    hook.spec.queue = "hooks";
    hook.spec.priority = 7;
    setup.ingress = {hook};
  });
  auto client = server.connect();
  const auto answer = client.ask(post("/in?n=5", R"({"a":[1]})"));
  CHECK(answer->status == 202);
  CHECK(answer->body == "ok");
  const auto lacking = client.ask(post("/in", "{}"));
  CHECK(lacking->status == 422);
  CHECK(lacking->body.find(R"("errors":[{"pointer":"?n","detail":"is missing)")
        != std::string::npos);
  CHECK(client.ask(post("/in?n=1", "{"))->status == 400);
  const auto tasks = server.peers.tasks();
  REQUIRE(tasks.size() == 1);
  CHECK(tasks[0].spec.queue == "hooks");
  CHECK(tasks[0].spec.priority == 7);
  CHECK(tasks[0].spec.args_json == R"({"b":{"a":[1]},"h":1,"q":"5"})");
}
