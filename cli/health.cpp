// `errand health`: GET /readyz.
#include "cli/commands.hpp"
#include "cli/server_url.hpp"
#include "server/printable.hpp"

#include <chrono>
#include <httplib.h>
#include <nlohmann/json.hpp>
#include <ostream>

namespace errand {

namespace {

constexpr std::chrono::seconds connect_patience{2};
constexpr std::chrono::seconds answer_patience{3};
constexpr size_t shown_max_bytes = 200;

/// Where a client on the same machine finds a server that listens there.
std::string local_url(const HttpOptions& http) {
  auto host = http.listen;
  if (host == "0.0.0.0" || host == "*")
    host = "127.0.0.1";
  if (host == "::")
    host = "::1";
  if (host.find(':') != host.npos)
    host = "[" + host + "]";
  return "http://" + host + ":" + std::to_string(http.port);
}

std::string shown_body(const std::string& body) {
  return body.empty() ? "" : ": " + string_literal(body.substr(0, shown_max_bytes));
}

} // namespace

int health(const cli_call& call, const loaded_settings& settings, const std::string& url,
           bool as_json) {
  const auto fail = [&](const std::string& why) {
    if (as_json)
      call.out << nlohmann::ordered_json{{"ready", false}, {"detail", why}}.dump() << '\n';
    tell(call, {why});
    return exit_failed;
  };
  if (url.empty() && settings.options.http.port == 0)
    return fail("with port 0 the system chose the port: name the server by --url");
  const auto base = url.empty() ? local_url(settings.options.http) : url;
  const auto to = parse_server_url(base);
  if (!to)
    return fail(string_literal(base) + " is no URL of a server; it should be like "
                + local_url(HttpOptions{}));
  httplib::Client client(to->origin);
  client.set_connection_timeout(connect_patience);
  client.set_read_timeout(answer_patience);
  // The library would name an IPv6 host without its brackets.
  const auto answer =
      client.Get((to->base + "/readyz").c_str(), httplib::Headers{{"Host", to->host}});
  if (!answer)
    return fail("no answer from " + base + " (" + httplib::to_string(answer.error()) + ")");
  if (answer->status != 200)
    return fail(base + " is not ready, status " + std::to_string(answer->status)
                + shown_body(answer->body));
  call.out << (as_json ? "{\"ready\":true}\n" : "ready\n");
  return exit_done;
}

} // namespace errand
