// `errand health`: GET /readyz.
#include "cli/commands.hpp"
#include "server/printable.hpp"

#include <chrono>
#include <httplib.h>
#include <optional>
#include <ostream>
#include <regex>

namespace errand {

namespace {

constexpr std::chrono::seconds connect_patience{2};
constexpr std::chrono::seconds answer_patience{3};
constexpr size_t shown_max_bytes = 200;

/// A URL taken apart, as far as a client needs it.
struct target {
  std::string origin; ///< "http://127.0.0.1:8002"
  std::string host;   ///< "127.0.0.1:8002"
  std::string path;   ///< "/readyz"
};

std::optional<target> parse_url(const std::string& url) {
  static const std::regex form(R"((https?://)([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?)"
                               R"((/[!-~]*)?)");
  std::smatch parts;
  if (!std::regex_match(url, parts, form))
    return {};
  if (parts[3].matched && std::stoi(parts[3].str().substr(1)) > 65535)
    return {};
  auto base = parts[4].str();
  while (base.ends_with('/'))
    base.pop_back();
  const auto host = parts[2].str() + parts[3].str();
  return target{parts[1].str() + host, host, base + "/readyz"};
}

/// Where a client on the same machine finds a server that listens there.
std::string local_url(const HttpOptions& http) {
  auto host = http.listen;
  if (host == "0.0.0.0")
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

int health(const cli_call& call, const loaded_settings& settings, const std::string& url) {
  if (url.empty() && settings.options.http.port == 0) {
    tell(call, {"with port 0 the system chose the port: name the server by --url"});
    return exit_failed;
  }
  const auto base = url.empty() ? local_url(settings.options.http) : url;
  const auto to = parse_url(base);
  if (!to) {
    tell(call, {string_literal(base) + " is no URL of a server; it should be like "
                + local_url(HttpOptions{})});
    return exit_failed;
  }
  httplib::Client client(to->origin);
  client.set_connection_timeout(connect_patience);
  client.set_read_timeout(answer_patience);
  // The library would name an IPv6 host without its brackets.
  const auto answer = client.Get(to->path.c_str(), httplib::Headers{{"Host", to->host}});
  if (!answer) {
    tell(call, {"no answer from " + base + " (" + httplib::to_string(answer.error()) + ")"});
    return exit_failed;
  }
  if (answer->status != 200) {
    tell(call, {base + " is not ready, status " + std::to_string(answer->status)
                + shown_body(answer->body)});
    return exit_failed;
  }
  call.out << "ready\n";
  return exit_done;
}

} // namespace errand
