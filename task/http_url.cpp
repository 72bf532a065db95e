#include "task/http_url.hpp"

#include "task/utf8.hpp"

#include <algorithm>

namespace errand {

namespace {

/// Behind "http://", in whatever letters; npos if there is no such scheme.
size_t authority_at(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    const auto start = url.substr(0, scheme.size());
    const auto same = [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b;
    };
    if (std::equal(start.begin(), start.end(), scheme.begin(), scheme.end(), same))
      return scheme.size();
  }
  return std::string_view::npos;
}

std::string must_be(std::string_view found) {
  return std::string(found) + "; it must be " + std::string(http_url_rule);
}

} // namespace

std::optional<std::string> http_url_fault(std::string_view url) {
  if (url.size() > max_url_size)
    return must_be("has " + std::to_string(url.size()) + " bytes");
  if (!std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f && c != '\\'; }))
    return must_be("has characters that belong percent-encoded (such as %20 for a space)");
  const auto at = authority_at(url);
  if (at == url.npos)
    return must_be("is " + quoted(without_query(url)));
  const auto authority = url.substr(at, url.find_first_of("/?#", at) - at);
  if (authority.find('@') != authority.npos)
    return must_be("has a user name or password in it (send a header Authorization instead)");
  if (authority.empty() || authority.front() == ':')
    return must_be("is " + quoted(without_query(url)) + ", which names no host");
  return std::nullopt;
}

std::string without_query(std::string_view url) {
  return std::string(url.substr(0, url.find_first_of("?#")));
}

} // namespace errand
