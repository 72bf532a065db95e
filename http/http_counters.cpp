#include "http/http_counters.hpp"

#include "task/label_names.hpp"

#include <algorithm>

namespace errand {

namespace {

/// By the first digit, but for 501 and 505: who sends an unknown method or version makes them come,
/// and so a scanner would, while the server is well.
request_end end_of(int status) {
  if (status == 501 || status == 505)
    return request_end::client_error;
  if (status < 300)
    return request_end::success;
  if (status < 400)
    return request_end::redirection;
  return status < 500 ? request_end::client_error : request_end::server_error;
}

/// What the group of a pattern stands for, by the path before it.
std::string_view placeholder_after(std::string_view path) {
  if (path.ends_with("/tasks/"))
    return "{id}";
  return path.ends_with("/queues/") ? "{queue}" : "{name}";
}

} // namespace

std::string_view to_string(request_end how) {
  switch (how) {
  case request_end::success:
    return "2xx";
  case request_end::redirection:
    return "3xx";
  case request_end::client_error:
    return "4xx";
  case request_end::server_error:
    return "5xx";
  case request_end::gone:
    return "gone";
  }
  return {};
}

http_counters::http_counters() {
  const std::string other(other_label);
  sorts_.push_back({"none", other, {}});
  for (size_t method = 0; method + 1 < no_route_places; ++method)
    sorts_.push_back({to_string(static_cast<http_method>(method)), other, {}});
}

void http_counters::add_route(http_method method, std::string path) {
  sorts_.push_back({to_string(method), std::move(path), {}});
}

void http_counters::answered(place where, int status, duration took) {
  auto& counted = sorts_[where];
  ++counted.n[static_cast<size_t>(end_of(status))];
  counted.took.add(took);
}

void http_counters::gone(place where) {
  ++sorts_[where].n[static_cast<size_t>(request_end::gone)];
}

std::string readable_path(std::string_view pattern) {
  std::string path;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      path += pattern[++i];
    } else if (pattern[i] == '(') {
      path += placeholder_after(path);
      i = std::min(pattern.find(')', i), pattern.size());
    } else {
      path += pattern[i];
    }
  }
  return path;
}

} // namespace errand
