#include "cli/client/connection.hpp"

#include "cli/cli.hpp"
#include "cli/client/refusal.hpp"
#include "cli/server_url.hpp"
#include "http/tokens.hpp"
#include "server/printable.hpp"
#include "server/version.hpp"

#include <exception>
#include <httplib.h>

namespace errand::client {

namespace {

constexpr std::chrono::seconds connect_patience{5};
constexpr std::chrono::seconds write_patience{30};

bool is_success(int status) {
  return status >= 200 && status < 300;
}

server_url checked_url(const std::string& url) {
  const auto parts = parse_server_url(url);
  if (!parts)
    throw failure{
        exit_usage,
        {string_literal(url) + " is no URL of a server; it should be like http://127.0.0.1:8002"}};
#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
  if (url.starts_with("https:"))
    throw failure{exit_usage, {url + ": this build has no TLS, so no https"}};
#endif
  return *parts;
}

} // namespace

struct connection::impl {
  server_url parts;
  httplib::Client http;
  httplib::Headers headers;

  explicit impl(const std::string& url) : parts(checked_url(url)), http(parts.origin) {
    http.set_keep_alive(true);
    http.set_tcp_nodelay(true);
    http.set_connection_timeout(connect_patience);
    http.set_write_timeout(write_patience);
    // The library would name an IPv6 host without its brackets.
    headers.emplace("Host", parts.host);
    headers.emplace("User-Agent", std::string("errand/") + version_text);
  }

  httplib::Request request_of(const order& o) {
    httplib::Request request;
    request.method = o.method;
    request.path = parts.base + o.path;
    request.headers = headers;
    for (const auto& [name, value] : o.headers)
      request.headers.emplace(name, value);
    if (!o.body.empty())
      request.headers.emplace("Content-Type", "application/json");
    request.body = o.body;
    http.set_read_timeout(o.patience);
    return request;
  }
};

connection::connection(const std::string& url, std::string token)
    : url_(url), has_token_(!token.empty()), impl_(std::make_unique<impl>(url)) {
  if (!has_token_)
    return;
  if (!is_token_text(token))
    throw failure{exit_usage, {"the token can't be one: 1 to 1024 visible ASCII characters"}};
  impl_->headers.emplace("Authorization", "Bearer " + token);
}

connection::~connection() = default;

reply connection::send(const order& o) {
  const auto answer = impl_->http.send(impl_->request_of(o));
  if (!answer)
    throw no_answer(httplib::to_string(answer.error()));
  return {answer->status, answer->body};
}

document connection::ask(const order& o) {
  auto answer = send(o);
  if (!is_success(answer.status))
    refuse(answer);
  while (answer.body.ends_with('\n'))
    answer.body.pop_back();
  if (answer.body.empty())
    return {};
  auto value = json::parse(answer.body, nullptr, false);
  if (value.is_discarded())
    throw failure{exit_unreachable, {"what answers at " + url_ + " is no Errand: not JSON"}};
  return {std::move(answer.body), std::move(value)};
}

document connection::get(const std::string& path) {
  return ask({.path = path});
}

std::string connection::get_text(const std::string& path) {
  auto answer = send({.path = path});
  if (!is_success(answer.status))
    refuse(answer);
  return std::move(answer.body);
}

void connection::stream(const order& o, const std::function<bool(std::string_view)>& on_bytes) {
  reply head;
  auto request = impl_->request_of(o);
  request.response_handler = [&head](const httplib::Response& response) {
    head.status = response.status;
    return true;
  };
  std::exception_ptr thrown; // The library is not to see any.
  request.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
    if (!is_success(head.status)) {
      head.body.append(data, size);
      return true;
    }
    try {
      return on_bytes({data, size});
    } catch (...) {
      thrown = std::current_exception();
      return false;
    }
  };
  const auto answer = impl_->http.send(request);
  if (thrown)
    std::rethrow_exception(thrown);
  if (head.status == 0)
    throw no_answer(httplib::to_string(answer.error()));
  if (!is_success(head.status))
    refuse(head);
}

failure connection::no_answer(const std::string& why) const {
  return {exit_unreachable, {"no answer from " + url_ + " (" + why + ")"}};
}

void connection::refuse(const reply& r) const {
  auto told = lines_of_refusal(r.status, r.body);
  if (r.status == 401 && !has_token_)
    told.emplace_back("set ERRAND_TOKEN, or name a file that has the token by --token-file");
  throw failure{exit_refused, std::move(told), r.status};
}

std::string percent_encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
                          || (byte >= '0' && byte <= '9') || byte == '-' || byte == '.'
                          || byte == '_' || byte == '~';
    if (is_plain)
      result += c;
    else
      result.append(1, '%').append(1, digits[byte >> 4]).append(1, digits[byte & 0xf]);
  }
  return result;
}

void add_parameter(std::string& path, std::string_view name, std::string_view value) {
  if (!value.empty())
    path += (path.find('?') == path.npos ? '?' : '&') + percent_encoded(name) + '='
            + percent_encoded(value);
}

} // namespace errand::client
