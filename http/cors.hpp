// CORS: which web pages of other origins may use the server, and what they are told. Pure; the
// front's thread.
#pragma once

#include "http/reply.hpp"
#include "http/request.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

class cors {
public:
  /// Origins as browsers send them: "https://app.example.org".
  explicit cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  bool allows(std::string_view origin) const;

  /// The answer to a browser that asks whether a page of a configured origin may send what it wants
  /// to; nothing if the request does not ask that, or not for such a page.
  std::optional<reply> preflight(const http_request& request) const;

  /// Lets the pages of that origin, which is allowed or empty, see the reply.
  void show_to(std::string_view origin, reply& what) const;

private:
  std::vector<std::string> origins_;
};

} // namespace errand
