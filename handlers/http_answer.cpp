#include "handlers/http_answer.hpp"

#include "handlers/base64.hpp"
#include "task/http_url.hpp"
#include "task/spec_rules.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <curl/curl.h>

namespace errand {

namespace {

using namespace std::chrono_literals;

constexpr size_t told_body_max = 200;
constexpr std::chrono::seconds wait_min = 1s; ///< An answer of 0 must not make a loop of it.
constexpr std::chrono::seconds wait_max = 24h;

bool says_json(const header_list& headers) {
  const auto* type = find_header(headers, "content-type");
  if (!type)
    return false;
  auto essence = std::string_view(*type).substr(0, type->find(';'));
  while (essence.ends_with(' '))
    essence.remove_suffix(1);
  constexpr std::string_view suffix = "+json";
  return same_name(essence, "application/json")
         || (essence.size() > suffix.size()
             && same_name(essence.substr(essence.size() - suffix.size()), suffix));
}

/// Whoever walks the value needs stack for each level.
bool is_deep(std::string_view text) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\')
      ++i;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == '{' || c == '['))
      ++depth;
    else if (!in_string && (c == '}' || c == ']') && depth > 0)
      --depth;
    if (depth >= max_json_depth) // the result puts one level around it
      return true;
  }
  return false;
}

/// Less of it if it was cut in the middle of a character.
std::string_view whole_characters(std::string_view body, bool cut) {
  for (size_t dropped = 0; cut && dropped < 4 && dropped < body.size(); ++dropped)
    if (is_utf8(body.substr(0, body.size() - dropped)))
      return body.substr(0, body.size() - dropped);
  return body;
}

void put_body(nlohmann::json& result, const http_answer& answer) {
  if (answer.cut)
    result["truncated"] = true;
  else if (answer.body.empty())
    return;
  else if (says_json(answer.headers) && !is_deep(answer.body)) {
    auto content = nlohmann::json::parse(answer.body, nullptr, false);
    if (!content.is_discarded()) {
      result["json"] = std::move(content);
      return;
    }
  }
  const auto text = whole_characters(answer.body, answer.cut);
  if (is_utf8(text))
    result["body"] = text;
  else
    result["body_base64"] = base64(answer.body);
}

} // namespace

http_verdict judge(int status, const std::vector<int>& expected) {
  const bool is_expected =
      expected.empty() ? status >= 200 && status <= 299
                       : std::find(expected.begin(), expected.end(), status) != expected.end();
  if (is_expected)
    return http_verdict::success;
  if (status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599))
    return http_verdict::try_again;
  return http_verdict::failure;
}

nlohmann::json result_of(const http_answer& answer) {
  nlohmann::json result{{"status", answer.status}};
  auto& headers = result["headers"] = nlohmann::json::object();
  for (const auto& [name, value] : answer.headers) {
    if (name == "set-cookie")
      continue;
    const auto shown = mended(value, 3 * value.size()); // long enough for what is no UTF-8
    auto& entry = headers[mended(name, 3 * name.size())];
    entry = entry.is_null() ? shown : entry.get<std::string>() + ", " + shown;
  }
  put_body(result, answer);
  return result;
}

std::string told(const http_answer& answer) {
  auto text = without_query(answer.url) + " answered " + std::to_string(answer.status);
  if (!answer.body.empty())
    text += ": " + quoted(answer.body, told_body_max);
  return text;
}

std::optional<std::chrono::seconds> retry_after(const header_list& headers,
                                                std::chrono::system_clock::time_point now) {
  const auto* value = find_header(headers, "retry-after");
  if (!value || value->empty())
    return std::nullopt;
  int64_t wait_s = 0;
  if (value->find_first_not_of("0123456789") == value->npos) {
    const auto end = value->data() + value->size();
    if (std::from_chars(value->data(), end, wait_s).ec != std::errc{})
      return wait_max;
  } else {
    const auto date = curl_getdate(value->c_str(), nullptr);
    if (date < 0)
      return std::nullopt;
    wait_s = int64_t{date} - std::chrono::system_clock::to_time_t(now);
  }
  return std::clamp(std::chrono::seconds{wait_s}, wait_min, wait_max);
}

} // namespace errand
