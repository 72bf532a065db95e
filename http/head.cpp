#include "http/head.hpp"

#include "task/utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace errand {

namespace {

/// What a request line has beside its target: the longest method, two spaces, version and CRLF, and
/// some to tell an unknown method from an overlong target.
constexpr size_t request_line_slack = 40;

/// RFC 9112, 2.2: some clients send CRLF after a body; a server should ignore at least one.
constexpr int max_empty_lines = 2;

constexpr std::array<std::pair<std::string_view, http_method>, 7> methods = {{
    {"GET", http_method::get},
    {"POST", http_method::post},
    {"HEAD", http_method::head},
    {"PUT", http_method::put},
    {"PATCH", http_method::patch},
    {"DELETE", http_method::delete_},
    {"OPTIONS", http_method::options},
}};

bool is_version(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == 8 && text.starts_with("HTTP/") && digit(text[5]) && text[6] == '.'
         && digit(text[7]);
}

/// Where the authority of an absolute-form target begins, or 0 if it is none.
size_t authority_of(std::string_view target) {
  for (std::string_view scheme : {"http://", "https://"})
    if (equals_ignoring_case(target.substr(0, scheme.size()), scheme))
      return scheme.size();
  return 0;
}

/// What may follow is a value, and so a secret.
std::string first_word(std::string_view line) {
  return quoted(line.substr(0, line.find_first_of(" \t")));
}

problem header_line_too_long() {
  auto why = problems::header_too_large(max_field_line);
  why.detail =
      "A header is longer than " + std::to_string(max_field_line) + " bytes. Shorten its value.";
  return why;
}

} // namespace

std::string_view to_string(http_method method) {
  for (const auto& [name, known] : methods)
    if (known == method)
      return name;
  return {};
}

std::optional<http_method> parse_http_method(std::string_view name) {
  for (const auto& [known, method] : methods)
    if (known == name)
      return method;
  return std::nullopt;
}

size_t head_parser::feed(std::string_view input) {
  size_t used = 0;
  while (!is_whole_ && !why_ && used < input.size()) {
    const auto rest = input.substr(used);
    if (text_.empty() && rest.front() != '\r' && !is_token(rest.substr(0, 1))) {
      refuse(rest.front() == '\x16'
                 ? "This port speaks HTTP, not TLS; use http:// instead of https://."
                 : "The first byte is not that of an HTTP request; it must be a method such "
                   "as GET or POST.");
      break;
    }
    const size_t line_limit =
        in_request_line() ? limits_.target_bytes + request_line_slack : max_field_line;
    const size_t room =
        std::min(line_limit - (text_.size() - line_begin_), limits_.head_bytes - text_.size());
    const auto end = rest.substr(0, room).find('\n');
    if (end == std::string_view::npos && rest.size() > room) {
      refuse_overlong();
      break;
    }
    const size_t taken = end == std::string_view::npos ? rest.size() : end + 1;
    text_.append(rest, 0, taken);
    used += taken;
    if (end != std::string_view::npos)
      read_line();
  }
  return used;
}

void head_parser::refuse_overlong() {
  const size_t line_left =
      (in_request_line() ? limits_.target_bytes + request_line_slack : max_field_line)
      - (text_.size() - line_begin_);
  if (limits_.head_bytes - text_.size() <= line_left)
    refuse(problems::header_too_large(limits_.head_bytes));
  else if (in_request_line())
    refuse(problems::uri_too_long(limits_.target_bytes));
  else
    refuse(header_line_too_long());
}

void head_parser::read_line() {
  auto line = std::string_view{text_}.substr(line_begin_);
  line.remove_suffix(1);
  if (!line.ends_with('\r'))
    return refuse("A line of the request ends in LF alone; lines end in CR LF.");
  line.remove_suffix(1);
  if (!in_request_line()) {
    const size_t next = text_.size();
    if (line.empty())
      finish();
    else
      read_field(line);
    line_begin_ = next;
  } else if (line.empty() && empty_lines_ < max_empty_lines) {
    ++empty_lines_;
    text_.clear();
  } else {
    read_request_line(line);
    line_begin_ = text_.size();
  }
}

void head_parser::read_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos || line.find(' ', second + 1) != std::string_view::npos)
    return refuse("The request line is " + quoted(line)
                  + "; it must be a method, a target and a version with one space between "
                    "them, such as \"GET /v1/tasks HTTP/1.1\".");
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, second - first - 1);
  const auto version = line.substr(second + 1);
  if (!is_token(method))
    return refuse("The method is " + quoted(method) + "; it must be a token such as GET.");
  if (!is_version(version))
    return refuse("The version is " + quoted(version) + "; it must be HTTP/1.1 or HTTP/1.0.");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return refuse(problems::version_not_supported(version));
  is_http_1_0_ = version == "HTTP/1.0";
  const auto known = parse_http_method(method);
  if (!known)
    return refuse(problems::not_implemented("The method " + quoted(method)));
  method_ = *known;
  read_target(target);
}

void head_parser::read_target(std::string_view target) {
  if (target.size() > limits_.target_bytes)
    return refuse(problems::uri_too_long(limits_.target_bytes));
  if (!is_target(target))
    return refuse("The request target is " + quoted(target)
                  + "; control characters and '#' must be percent-encoded.");
  if (target.starts_with('/') || (target == "*" && method_ == http_method::options)) {
    target_ = span_of(target);
    return;
  }
  if (const auto begin = authority_of(target); begin != 0)
    return read_absolute_target(target, begin);
  refuse("The request target is " + quoted(target) + "; it must begin with '/'.");
}

/// RFC 9112, 3.2.2: a server must accept what is meant for proxies, too, and the host in it counts.
void head_parser::read_absolute_target(std::string_view target, size_t authority_begin) {
  const auto authority_end = std::min(target.find_first_of("/?", authority_begin), target.size());
  const auto authority = target.substr(authority_begin, authority_end - authority_begin);
  if (authority.empty() || !is_host(authority))
    return refuse("The request target is " + quoted(target)
                  + "; between \"//\" and the path must stand a host and perhaps a port.");
  auto host = span_of(authority);
  target_ = span_of(target.substr(authority_end));
  if (target_.size == 0 || target[authority_end] == '?') {
    // The path is empty, which means "/". There is room for that if the host moves over the slash
    // before it.
    text_.erase(--host.begin, 1);
    text_.insert(--target_.begin, 1, '/');
    ++target_.size;
  }
  host_of_target_ = host;
}

std::optional<std::string> field_line_fault(std::string_view line) {
  if (line.starts_with(' ') || line.starts_with('\t'))
    return "A header is continued on a second line; that form is obsolete (RFC 9112, 5.2): put the "
           "value on one line.";
  const auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return "The header line that begins with " + first_word(line) + " has no colon.";
  const auto name = line.substr(0, colon);
  if (name.empty())
    return "A header line has no name before its colon.";
  if (name.ends_with(' ') || name.ends_with('\t'))
    return "The header name " + quoted(name) + " is followed by a blank; the colon must come next.";
  if (!is_token(name))
    return "The header name that begins with " + first_word(name)
           + " has a character that names can't have.";
  if (!is_field_value(line.substr(colon + 1)))
    return "The value of the header " + quoted(name) + " has a control character.";
  return std::nullopt;
}

void head_parser::read_field(std::string_view line) {
  if (auto fault = field_line_fault(line))
    return refuse(std::move(*fault));
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);
  const auto value = trimmed(line.substr(colon + 1));
  fields_.push_back({span_of(name), span_of(value)});
  note_field(name, value);
}

void head_parser::note_field(std::string_view name, std::string_view value) {
  const auto note = [&](std::string_view wanted, noted& in) {
    if (equals_ignoring_case(name, wanted))
      in = {in.count + 1, span_of(value)};
  };
  switch (name.size()) {
  case 4:
    return note("Host", host_);
  case 6:
    return note("Expect", expect_);
  case 10:
    if (equals_ignoring_case(name, "Connection"))
      for_each_element(value, [this](std::string_view option) {
        says_close_ |= equals_ignoring_case(option, "close");
        says_keep_alive_ |= equals_ignoring_case(option, "keep-alive");
      });
    return;
  case 14:
    return note("Content-Length", content_length_);
  case 16:
    return note("Content-Encoding", content_encoding_);
  case 17:
    return note("Transfer-Encoding", transfer_encoding_);
  default:
    return;
  }
}

void head_parser::finish() {
  if (check_host() && check_length() && check_expectations())
    is_whole_ = true;
}

bool head_parser::check_host() {
  if (host_.count > 1)
    refuse("The request has " + std::to_string(host_.count) + " Host headers; send one.");
  else if (host_.count == 0 && !is_http_1_0_)
    refuse("The request has no Host header; HTTP/1.1 demands one.");
  else if (!is_host(view(host_.value)))
    refuse("The Host header is " + quoted(view(host_.value))
           + "; it must be a name or an address, and perhaps a port.");
  return !why_;
}

bool head_parser::check_length() {
  const bool is_batch = method_ == http_method::post && view(target_) == batch_target;
  body_.max_bytes = is_batch ? limits_.batch_bytes : limits_.body_bytes;
  if (transfer_encoding_.count > 0) {
    const auto coding = view(transfer_encoding_.value);
    if (content_length_.count > 0)
      refuse("The request has both Content-Length and Transfer-Encoding; send one of them.");
    else if (is_http_1_0_)
      refuse("The request has Transfer-Encoding, which HTTP/1.0 does not know; send "
             "Content-Length instead.");
    else if (transfer_encoding_.count > 1 || !equals_ignoring_case(coding, "chunked"))
      refuse("The Transfer-Encoding is " + quoted(coding)
             + (transfer_encoding_.count > 1 ? " and was sent more than once" : "")
             + "; only \"chunked\", sent once, is understood.");
    body_.chunked = true;
    return !why_;
  }
  if (content_length_.count == 0)
    return true;
  const auto text = view(content_length_.value);
  const auto length = parse_decimal(text);
  if (content_length_.count > 1)
    refuse("The request has " + std::to_string(content_length_.count)
           + " Content-Length headers; send one.");
  else if (!length)
    refuse("The Content-Length is " + quoted(text) + "; it must be one whole number.");
  else if (*length > body_.max_bytes)
    refuse(problems::body_too_large(body_.max_bytes));
  else
    body_.length = *length;
  return !why_;
}

bool head_parser::check_expectations() {
  const bool has_body = body_.chunked || body_.length > 0;
  const auto encoding = view(content_encoding_.value);
  if (has_body && content_encoding_.count > 0 && !equals_ignoring_case(encoding, "identity"))
    refuse(problems::unsupported_encoding(encoding));
  else if (expect_.count > 0 && !is_http_1_0_) {
    const auto expectation = view(expect_.value);
    if (!equals_ignoring_case(expectation, "100-continue"))
      refuse(problems::expectation_failed(expectation));
    body_.expects_continue = has_body;
  }
  return !why_;
}

void head_parser::fill(http_request& request) const {
  request.method = method_;
  request.target = view(target_);
  request.is_http_1_0 = is_http_1_0_;
  request.keep_alive = !says_close_ && (!is_http_1_0_ || says_keep_alive_);
  request.headers.clear();
  for (const auto& each : fields_)
    request.headers.push_back({view(each.name), view(each.value)});
  if (!host_of_target_)
    return;
  const auto is_host_header = [](const http_header& each) {
    return equals_ignoring_case(each.name, "Host");
  };
  std::erase_if(request.headers, is_host_header);
  request.headers.push_back({"Host", view(*host_of_target_)});
}

void head_parser::reset() {
  auto text = std::move(text_);
  auto fields = std::move(fields_);
  *this = head_parser{limits_};
  text.clear();
  fields.clear();
  text_ = std::move(text);
  fields_ = std::move(fields);
}

} // namespace errand
