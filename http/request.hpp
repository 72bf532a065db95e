// One whole HTTP request, as the framing gives it to the front and its routes.
#pragma once

#include "http/field_rules.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace errand {

enum class http_method : uint8_t { get, head, post, put, patch, delete_, options };

/// As it stands in a request line and in Allow.
std::string_view to_string(http_method method);
std::optional<http_method> parse_http_method(std::string_view name);

struct http_header {
  std::string_view name;  ///< As sent.
  std::string_view value; ///< As sent, without the blanks around it; nothing is decoded.
};

/// All views live as long as the parser that gave it keeps it.
struct http_request {
  http_method method = http_method::get;
  std::string_view target; ///< Begins with '/' (absolute-form is reduced to its path), or is "*".
  bool is_http_1_0 = false;
  bool keep_alive = true; ///< What the client allows.
  std::vector<http_header> headers;
  std::string_view body; ///< Transfer coding removed.

  /// The first header of that name, its case ignored.
  std::optional<std::string_view> header(std::string_view name) const {
    for (const auto& each : headers)
      if (equals_ignoring_case(each.name, name))
        return each.value;
    return std::nullopt;
  }
};

} // namespace errand
