// Every field is looked at, so that one attempt tells all that is wrong. Errors are shown where
// args are redacted, so of a value that is of a wrong type they tell the type alone. Names and
// values that could end a line, or say where a message ends, would let args smuggle in a second
// request.
#include "handlers/http_args.hpp"

#include "task/http_url.hpp"
#include "task/near_name.hpp"
#include "task/spec_rules.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace errand {

namespace {

using nlohmann::json;

constexpr size_t max_headers = 64;
constexpr size_t max_header_name = 128;
constexpr size_t max_header_value = 8192;
constexpr size_t max_method = 32;
constexpr size_t max_expected = 100;

constexpr std::array<std::string_view, 6> fields{"url",  "method", "headers",
                                                 "body", "json",   "expect_status"};

constexpr std::string_view method_rule =
    "1 to 32 capital letters, such as \"GET\" or \"POST\", and neither CONNECT nor TRACE";
constexpr std::string_view headers_rule = "an object of up to 64 strings";
constexpr std::string_view value_rule =
    "a string of up to 8192 bytes of UTF-8 without control characters";
constexpr std::string_view expect_rule =
    "a status from 200 to 599, or an array of 1 to 100 of them";

/// How the message is framed and where it goes is libcurl's to say.
constexpr std::array<std::string_view, 14> framing_headers{"connection",
                                                           "content-length",
                                                           "expect",
                                                           "host",
                                                           "http2-settings",
                                                           "keep-alive",
                                                           "proxy-authorization",
                                                           "proxy-connection",
                                                           "te",
                                                           "trailer",
                                                           "transfer-encoding",
                                                           "upgrade",
                                                           "via",
                                                           "forwarded"};

/// What the server says about a task, which a receiver must be able to believe.
constexpr std::array<std::string_view, 6> own_headers{"errand-task-id",    "errand-attempt",
                                                      "traceparent",       "webhook-id",
                                                      "webhook-timestamp", "webhook-signature"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_among(std::string_view name, const auto& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view other) { return same_name(name, other); });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

std::string type_of(const json& value) {
  if (value.is_string())
    return "a string";
  if (value.is_number())
    return "a number";
  if (value.is_boolean())
    return "a boolean";
  if (value.is_object())
    return "an object";
  return value.is_array() ? "an array" : "null";
}

class reader {
public:
  explicit reader(const json& args) : args_(args) {}

  status_or<http_args> read() {
    if (!args_.is_object())
      return status(std::vector<field_error>{
          {"/",
           "is " + type_of(args_) + "; args must be an object such as {\"url\": \"https://…\"}"}});
    for (const auto& [name, value] : args_.items())
      if (std::find(fields.begin(), fields.end(), name) == fields.end())
        fault(pointer_step(name), why_no_field(name));
    read_url();
    read_headers();
    read_body();
    read_method();
    read_expected();
    if (!faults_.empty())
      return status(std::move(faults_));
    return std::move(out_);
  }

private:
  void fault(std::string pointer, std::string detail) {
    if (faults_.size() < max_faults)
      faults_.push_back({std::move(pointer), std::move(detail)});
  }

  void refuse(std::string pointer, const std::string& found, std::string_view rule) {
    fault(std::move(pointer), "is " + found + "; it must be " + std::string(rule));
  }

  static std::string why_no_field(std::string_view name) {
    std::string text = "is no argument of the kind http";
    if (const auto near = near_name(name, fields))
      return text + "; did you mean \"" + std::string(*near) + "\"?";
    text += "; there are";
    for (const auto known : fields)
      text += (known == fields.front() ? " " : ", ") + std::string(known);
    return text;
  }

  const json* find(std::string_view name) const {
    const auto found = args_.find(name);
    return found == args_.end() ? nullptr : &*found;
  }

  void read_url() {
    const auto* url = find("url");
    if (!url)
      return fault("/url", "is missing; it must be " + std::string(http_url_rule));
    if (!url->is_string())
      return refuse("/url", type_of(*url), http_url_rule);
    out_.message.url = *url;
    if (auto why = http_url_fault(out_.message.url))
      fault("/url", std::move(*why));
  }

  void read_headers() {
    const auto* headers = find("headers");
    if (!headers)
      return;
    if (!headers->is_object())
      return refuse("/headers", type_of(*headers), headers_rule);
    if (headers->size() > max_headers)
      return refuse("/headers", "an object with " + std::to_string(headers->size()) + " entries",
                    headers_rule);
    for (const auto& [name, value] : headers->items()) {
      const auto place = "/headers" + pointer_step(name);
      if (!is_token(name) || name.size() > max_header_name)
        fault(place, "is no name of a header: letters, digits and !#$%&'*+-.^_`|~ make one");
      else if (is_among(name, framing_headers))
        fault(place, "can't be chosen: it follows from the URL and the body; leave it out");
      else if (is_among(name, own_headers))
        fault(place, "can't be chosen: the server sets it; leave it out");
      else if (find_header(out_.message.headers, name))
        fault(place, "is given twice, in other letters");
      else if (!value.is_string())
        refuse(place, type_of(value), value_rule);
      else
        read_value(place, name, value.get_ref<const std::string&>());
    }
  }

  /// The value may be a secret, so it is not shown.
  void read_value(const std::string& place, const std::string& name, const std::string& value) {
    if (value.size() > max_header_value || !is_utf8(value) || !has_no_control_characters(value))
      return fault(place, "is not allowed; it must be " + std::string(value_rule));
    out_.message.headers.emplace_back(name, value);
  }

  void read_body() {
    const auto *body = find("body"), *content = find("json");
    if (body && content)
      return fault("/body", "is given together with json; keep one of the two");
    if (body && !body->is_string())
      return refuse("/body", type_of(*body), "a string; put other JSON into json");
    if (!body && !content)
      return;
    out_.message.body = body ? body->get<std::string>() : content->dump();
    if (!find_header(out_.message.headers, "content-type"))
      out_.message.headers.emplace_back("Content-Type",
                                        body ? "text/plain; charset=utf-8" : "application/json");
  }

  void read_method() {
    auto& method = out_.message.method;
    method = out_.message.body ? "POST" : "GET";
    const auto* given = find("method");
    if (!given)
      return;
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (!given->is_string())
      return refuse("/method", type_of(*given), method_rule);
    method = *given;
    if (method.empty() || method.size() > max_method || method == "CONNECT" || method == "TRACE"
        || !std::all_of(method.begin(), method.end(), is_capital))
      return refuse("/method", quoted(method), method_rule);
    if (method == "HEAD" && out_.message.body)
      fault("/method", "is \"HEAD\", which has no body; leave body and json out");
  }

  void read_expected() {
    const auto* given = find("expect_status");
    if (!given)
      return;
    if (!given->is_array())
      return read_status("/expect_status", *given);
    if (given->empty() || given->size() > max_expected)
      return refuse("/expect_status", "an array of " + std::to_string(given->size()), expect_rule);
    for (size_t i = 0; i < given->size(); ++i)
      read_status("/expect_status/" + std::to_string(i), (*given)[i]);
  }

  void read_status(const std::string& place, const json& given) {
    const auto number = given.is_number_integer() ? given.get<int64_t>() : 0;
    if (number < 200 || number > 599)
      return refuse(place, given.is_number() ? given.dump() : type_of(given), expect_rule);
    out_.expect_status.push_back(static_cast<int>(number));
  }

  const json& args_;
  http_args out_;
  std::vector<field_error> faults_;
};

} // namespace

status_or<http_args> read_http_args(const nlohmann::json& args) {
  return reader(args).read();
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

const std::string* find_header(const header_list& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return same_name(header.first, name);
  });
  return found == headers.end() ? nullptr : &found->second;
}

} // namespace errand
