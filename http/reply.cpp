#include "http/reply.hpp"

#include "http/field_rules.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace errand {

namespace {

/// RFC 9110, 15; those that this server sends.
std::string_view reason_phrase(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 201:
    return "Created";
  case 202:
    return "Accepted";
  case 204:
    return "No Content";
  case 304:
    return "Not Modified";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 408:
    return "Request Timeout";
  case 409:
    return "Conflict";
  case 411:
    return "Length Required";
  case 413:
    return "Content Too Large";
  case 414:
    return "URI Too Long";
  case 415:
    return "Unsupported Media Type";
  case 417:
    return "Expectation Failed";
  case 421:
    return "Misdirected Request";
  case 422:
    return "Unprocessable Content";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  case 500:
    return "Internal Server Error";
  case 501:
    return "Not Implemented";
  case 503:
    return "Service Unavailable";
  case 505:
    return "HTTP Version Not Supported";
  default:
    return {}; // A configured ingress reply may have any status; the phrase may be empty.
  }
}

void append_number(std::string& out, uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end.ptr);
}

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

} // namespace

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(byte < 0x20 || byte == 0x7f ? ' ' : c);
  }
  out.append("\r\n");
}

reply json_reply(int status, std::string body) {
  return {status, "application/json", std::move(body), {}};
}

reply problem_reply(const problem& what) {
  reply made{what.status, std::string{problem_content_type}, to_json(what), {}};
  if (const auto seconds = retry_after_s(what.status))
    made.headers.emplace_back("Retry-After", std::to_string(*seconds));
  return made;
}

void reply_writer::write(const reply& what, const reply_frame& frame, std::string& out) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<uint64_t>(what.status));
  out.append(" ").append(reason_phrase(what.status)).append("\r\nDate: ").append(date());
  out.append("\r\n");
  const bool has_body = may_have_body(what.status);
  if (has_body && !what.content_type.empty())
    append_header(out, "Content-Type", what.content_type);
  if (has_body && !what.streams) {
    out.append("Content-Length: ");
    append_number(out, what.body.size());
    out.append("\r\n");
  }
  bool may_be_stored = false;
  for (const auto& [name, value] : what.headers) {
    append_header(out, name, value);
    may_be_stored |= equals_ignoring_case(name, "Cache-Control");
  }
  append_header(out, "X-Request-Id", frame.request_id);
  if (!may_be_stored)
    out.append("Cache-Control: no-store\r\n");
  out.append("X-Content-Type-Options: nosniff\r\n");
  if (!frame.keep_alive)
    out.append("Connection: close\r\n");
  else if (frame.is_http_1_0)
    out.append("Connection: keep-alive\r\n");
  out.append("\r\n");
  if (has_body && !frame.head_only)
    out.append(what.body);
}

std::string_view reply_writer::date() {
  using namespace std::chrono;
  const auto second = floor<seconds>(now_()).time_since_epoch().count();
  if (second == date_second_)
    return date_;
  date_second_ = second;
  const auto time = static_cast<std::time_t>(second);
  std::tm parts{};
  gmtime_r(&time, &parts);
  // strftime() would write the names of days and months in the locale's language.
  constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::array<char, 64> text;
  const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                 days[static_cast<size_t>(parts.tm_wday)], parts.tm_mday,
                                 months[static_cast<size_t>(parts.tm_mon)], parts.tm_year + 1900,
                                 parts.tm_hour, parts.tm_min, parts.tm_sec);
  date_.assign(text.data(), static_cast<size_t>(size));
  return date_;
}

} // namespace errand
