#include "http/query.hpp"

#include <algorithm>
#include <optional>

namespace errand {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0)
      return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

} // namespace

status_or<query_parameters> parse_query(std::string_view text) {
  query_parameters parameters;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const auto equals = std::min(part.find('='), part.size());
    if (equals == 0)
      continue;
    auto name = decoded(part.substr(0, equals));
    auto value = decoded(part.substr(std::min(equals + 1, part.size())));
    if (!name || !value)
      return status{ec::invalid, "In the query a '%' is not followed by two hexadecimal digits. "
                                 "Write a '%' as %25."};
    if (parameters.size() == max_query_parameters)
      return status{ec::invalid, "The query has more than " + std::to_string(max_query_parameters)
                                     + " parameters. No path takes so many."};
    parameters.push_back({std::move(*name), std::move(*value)});
  }
  return parameters;
}

} // namespace errand
