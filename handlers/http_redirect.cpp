// libcurl takes the URLs apart, since it is libcurl that will connect to them.
#include "handlers/http_redirect.hpp"

#include "task/http_url.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <array>
#include <curl/curl.h>
#include <memory>
#include <optional>

namespace errand {

namespace {

/// Of those that a client has chosen, what says nothing about whom it trusts.
constexpr std::array<std::string_view, 6> plain_headers{"accept",           "accept-language",
                                                        "content-encoding", "content-language",
                                                        "content-type",     "user-agent"};

struct url_freer {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using url_handle = std::unique_ptr<CURLU, url_freer>;

url_handle parse(const std::string& text) {
  url_handle url{curl_url()};
  if (url && curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
    url.reset();
  return url;
}

std::optional<std::string> part(const url_handle& url, CURLUPart which) {
  char* text = nullptr;
  const unsigned flags = which == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0;
  if (!url || curl_url_get(url.get(), which, &text, flags) != CURLUE_OK)
    return std::nullopt;
  const std::unique_ptr<char, decltype(&curl_free)> owned{text, curl_free};
  return std::string(text);
}

bool is_secure(const url_handle& url) {
  return part(url, CURLUPART_SCHEME) == "https";
}

bool same_origin(const url_handle& a, const url_handle& b) {
  if (!a || !b)
    return false;
  const auto host_a = part(a, CURLUPART_HOST), host_b = part(b, CURLUPART_HOST);
  return part(a, CURLUPART_SCHEME) == part(b, CURLUPART_SCHEME)
         && part(a, CURLUPART_PORT) == part(b, CURLUPART_PORT) && host_a && host_b
         && same_name(*host_a, *host_b);
}

/// With neither the query nor a password.
std::string shown(const std::string& location) {
  const auto plain = without_query(location);
  return plain.find('@') == plain.npos ? quoted(plain) : "another place";
}

status refused(const http_message& from, const std::string& location, const std::string& why) {
  return {ec::invalid,
          without_query(from.url) + " redirects to " + shown(location) + ", which " + why};
}

void drop_body(http_message& message) {
  message.body.reset();
  std::erase_if(message.headers, [](const auto& header) {
    return same_name(header.first, "content-type") || same_name(header.first, "content-encoding")
           || same_name(header.first, "content-language");
  });
}

} // namespace

bool is_redirect(int status) {
  return (status >= 301 && status <= 303) || status == 307 || status == 308;
}

bool same_origin(const std::string& a, const std::string& b) {
  return same_origin(parse(a), parse(b));
}

status_or<http_message> redirected(const http_message& message, int status,
                                   const std::string& location) {
  const auto from = parse(message.url), to = parse(message.url);
  if (!to || curl_url_set(to.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK)
    return refused(message, location, "is no URL that can be followed");
  auto next = message;
  next.url = part(to, CURLUPART_URL).value_or("");
  if (auto fault = http_url_fault(next.url))
    return refused(message, location, "can't be followed: it " + *fault);
  if (is_secure(from) && !is_secure(to))
    return refused(message, location, "is not followed: it would leave https for http");
  if (status == 303 ? message.method != "GET" && message.method != "HEAD"
                    : status < 303 && message.method == "POST") {
    next.method = "GET";
    drop_body(next);
  }
  if (!same_origin(from, to))
    std::erase_if(next.headers, [](const auto& header) {
      return std::none_of(plain_headers.begin(), plain_headers.end(),
                          [&](std::string_view plain) { return same_name(header.first, plain); });
    });
  return next;
}

} // namespace errand
