// libcurl follows no redirect by itself: what goes to another origin must be looked through first.
#include "handlers/http_sender.hpp"

#include "handlers/http_redirect.hpp"
#include "task/http_url.hpp"

#include <errand/handler.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <type_traits>

namespace errand {

namespace {

/// Of headers, names and values together: beyond, only those are kept that somebody looks for.
constexpr size_t headers_max = 16 * 1024;

/// Beyond, the answer is no answer.
constexpr size_t headers_limit = 256 * 1024;

/// An answer that is longer than what is kept by no more than that is read to its end, since its
/// connection can then be used again.
constexpr size_t overlength_max = 256 * 1024;

constexpr std::array<std::string_view, 3> needed_headers{"location", "retry-after", "content-type"};

/// What libcurl's callbacks write to. They are called from within C, so nothing may be thrown.
struct exchange {
  exchange(const address_policy& policy, size_t kept) : addresses(policy), body_max(kept) {}

  const address_policy& addresses;
  const size_t body_max;
  http_answer answer;
  size_t header_bytes = 0;
  bool head_ended = false; ///< Else libcurl takes a head that was cut for a whole one.
  size_t body_bytes = 0;
  bool stopped_reading = false; ///< The rest of the answer is of no interest.
  bool out_of_memory = false;
  bool opened = false; ///< A connection was tried.
  std::string refused; ///< Why the last address was not.
  std::array<char, CURL_ERROR_SIZE> error{};
};

template <class Body>
auto guarded(exchange& e, std::invoke_result_t<Body> otherwise, Body body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    e.out_of_memory = true;
    return otherwise;
  }
}

ip_address address_of(const curl_sockaddr& socket) {
  ip_address address;
  address.is_v6 = socket.family == AF_INET6;
  if (address.is_v6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &socket.addr, sizeof v6);
    std::memcpy(address.bytes.data(), &v6.sin6_addr, 16);
  } else {
    sockaddr_in v4{};
    std::memcpy(&v4, &socket.addr, sizeof v4);
    std::memcpy(address.bytes.data(), &v4.sin_addr, 4);
  }
  return address;
}

/// Called with each address that libcurl is about to connect to, whatever named it.
curl_socket_t open_if_allowed(void* data, curlsocktype, curl_sockaddr* to) {
  auto& e = *static_cast<exchange*>(data);
  return guarded(e, curl_socket_t{CURL_SOCKET_BAD}, [&]() -> curl_socket_t {
    if (to->family != AF_INET && to->family != AF_INET6)
      return CURL_SOCKET_BAD;
    if (auto why = e.addresses.why_not(address_of(*to))) {
      e.refused = std::move(*why);
      return CURL_SOCKET_BAD;
    }
    e.opened = true;
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = std::min(text.find_first_not_of(blank), text.size());
  text.remove_prefix(first);
  return text.substr(0, text.find_last_not_of(blank) + 1);
}

size_t take_header(char* data, size_t, size_t size, void* to) {
  auto& e = *static_cast<exchange*>(to);
  return guarded(e, size_t{0}, [&] {
    const std::string_view line(data, size);
    if (line.starts_with("HTTP/")) { // of another answer, if the last one was only "go on"
      e.answer.headers.clear();
      e.header_bytes = 0;
      e.head_ended = false;
      return size;
    }
    e.head_ended = e.head_ended || trimmed(line).empty();
    e.header_bytes += size;
    if (e.header_bytes > headers_limit)
      return size_t{0};
    const auto colon = line.find(':');
    if (colon == line.npos)
      return size;
    std::string name(trimmed(line.substr(0, colon)));
    for (char& c : name)
      if (c >= 'A' && c <= 'Z')
        c = static_cast<char>(c + ('a' - 'A'));
    const bool is_needed =
        std::find(needed_headers.begin(), needed_headers.end(), name) != needed_headers.end()
        && !find_header(e.answer.headers, name);
    if (is_needed || e.header_bytes <= headers_max)
      e.answer.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
    return size;
  });
}

size_t take_body(char* data, size_t, size_t size, void* to) {
  auto& e = *static_cast<exchange*>(to);
  return guarded(e, size_t{0}, [&] {
    e.body_bytes += size;
    auto& body = e.answer.body;
    body.append(data, std::min(size, e.body_max - body.size()));
    e.answer.cut = e.body_bytes > e.body_max;
    e.stopped_reading = e.body_bytes > e.body_max + overlength_max;
    return e.stopped_reading ? 0 : size;
  });
}

curl_texts header_lines(const header_list& own, const header_list& others) {
  curl_texts lines;
  for (const auto* list : {&own, &others})
    for (const auto& [name, value] : *list)
      lines.add(value.empty() ? name + ';' : name + ": " + value);
  if (!find_header(others, "content-type"))
    lines.add("Content-Type:"); // else libcurl calls it a form
  lines.add("Expect:");         // a server that does not answer to it would cost a second
  return lines;
}

void put_method(curl_client& client, const http_message& message) {
  const auto& [url, method, headers, body] = message;
  const bool usually_has_body = method == "POST" || method == "PUT" || method == "PATCH";
  if (method == "HEAD") {
    client.set(CURLOPT_NOBODY, 1L);
  } else if (body || usually_has_body) {
    client.set(CURLOPT_POST, 1L);
    client.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body ? body->size() : 0));
    client.set(CURLOPT_POSTFIELDS, body ? body->data() : "");
  }
  if (method != "HEAD")
    client.set(CURLOPT_CUSTOMREQUEST, method.c_str());
}

[[noreturn]] void tell_failure(const http_message& message, const exchange& e, CURLcode code) {
  if (e.out_of_memory)
    throw std::bad_alloc{};
  if (!e.refused.empty() && !e.opened)
    throw PermanentError(without_query(message.url) + " is not called: " + e.refused);
  auto why = without_query(message.url)
             + " did not answer: " + (e.error[0] ? e.error.data() : curl_easy_strerror(code));
  if (!e.refused.empty())
    why += " (" + e.refused + ")";
  if (code == CURLE_URL_MALFORMAT)
    throw PermanentError(why);
  throw std::runtime_error(why);
}

int64_t now_s() {
  return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
}

} // namespace

http_answer http_sender::send_once(curl_client& client, const http_message& message,
                                   const header_list& own_headers,
                                   const std::function<bool()>& should_stop) {
  exchange e{options_.addresses, options_.body_max};
  curl_texts pinned;
  if (options_.pinned_names)
    for (const auto& name : options_.pinned_names())
      pinned.add(name);
  const auto lines = header_lines(own_headers, message.headers);

  client.reset();
  client.set(CURLOPT_URL, message.url.c_str());
  client.set(CURLOPT_PROTOCOLS_STR, "http,https");
  client.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  client.set(CURLOPT_NOPROXY, "*");
  client.set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  client.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  client.set(CURLOPT_OPENSOCKETFUNCTION, open_if_allowed);
  client.set(CURLOPT_OPENSOCKETDATA, &e);
  client.set(CURLOPT_HEADERFUNCTION, take_header);
  client.set(CURLOPT_HEADERDATA, &e);
  client.set(CURLOPT_WRITEFUNCTION, take_body);
  client.set(CURLOPT_WRITEDATA, &e);
  client.set(CURLOPT_ERRORBUFFER, e.error.data());
  client.set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  client.set(CURLOPT_HTTPHEADER, lines.get());
  if (pinned.get())
    client.set(CURLOPT_RESOLVE, pinned.get());
  if (!options_.ca_file.empty())
    client.set(CURLOPT_CAINFO, options_.ca_file.c_str());
  put_method(client, message);

  const auto code = client.run(should_stop);
  if (!code)
    throw std::runtime_error(without_query(message.url)
                             + " had not answered when the attempt was told to end");
  if ((*code != CURLE_OK && !e.stopped_reading) || !e.head_ended)
    tell_failure(message, e, *code != CURLE_OK ? *code : CURLE_PARTIAL_FILE);
  long status = 0;
  curl_easy_getinfo(client.easy(), CURLINFO_RESPONSE_CODE, &status);
  e.answer.status = static_cast<int>(status);
  e.answer.url = message.url;
  return std::move(e.answer);
}

http_answer http_sender::send(http_message message, const http_cause& cause,
                              const std::vector<int>& expected,
                              const std::function<bool()>& should_stop) {
  const auto client = clients_.take();
  bool at_home = true; // Nobody else has sent the request on.
  for (size_t followed = 0;; ++followed) {
    auto own = cause.headers;
    if (at_home)
      for (auto& header : webhook_headers(options_.keys, cause.id, now_s(),
                                          message.body ? *message.body : std::string_view()))
        own.push_back(std::move(header));
    auto answer = send_once(*client, message, own, should_stop);
    const auto* location = find_header(answer.headers, "location");
    const bool is_expected =
        std::find(expected.begin(), expected.end(), answer.status) != expected.end();
    if (!is_redirect(answer.status) || !location || is_expected)
      return answer;
    if (followed == options_.redirects_max)
      throw PermanentError(told(answer) + ", the redirect number " + std::to_string(followed + 1)
                           + "; the setting http_task.max_redirects allows "
                           + std::to_string(options_.redirects_max));
    auto next = redirected(message, answer.status, *location);
    if (!next.ok())
      throw PermanentError(next.why().message());
    at_home = at_home && same_origin(message.url, next->url);
    message = std::move(*next);
  }
}

} // namespace errand
