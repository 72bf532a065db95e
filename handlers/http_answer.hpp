// What an answer means for its task: a result, another try, or the end. Pure; any thread.
#pragma once

#include "handlers/http_args.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

struct http_answer {
  int status = 0;
  std::string url;     ///< That answered, at the end of all redirects.
  header_list headers; ///< What was kept of them; names in small letters.
  std::string body;    ///< Its beginning, if `cut`.
  bool cut = false;    ///< It was longer than what is kept.
};

enum class http_verdict : uint8_t {
  success,
  try_again, ///< The other side may answer otherwise later.
  failure,
};

/// `expected`: those that succeed; empty for 200 to 299.
http_verdict judge(int status, const std::vector<int>& expected);

/// {"status", "headers", and "json" (if it says that it is JSON, and is), "body" (if it is UTF-8)
/// or "body_base64"; "truncated": true if it was cut}. No body member for an empty one. Cookies
/// are left out: they are secrets.
nlohmann::json result_of(const http_answer& answer);

/// "https://example.com/hook answered 503: \"try later\"", without the query of the URL.
std::string told(const http_answer& answer);

/// How long an answer asks to wait: Retry-After in seconds or as a date, from 1 s to a day. Nothing
/// if it does not ask.
std::optional<std::chrono::seconds> retry_after(const header_list& headers,
                                                std::chrono::system_clock::time_point now);

} // namespace errand
