// Bodies of specs, taken or refused.
#pragma once

#include "http/json_codec.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace errand::test {

inline task_spec good(const std::string& body) {
  auto decoded = decode_spec(body);
  if (auto* why = std::get_if<problem>(&decoded))
    FAIL(body << " was refused: " << to_json(*why));
  return std::get<task_spec>(std::move(decoded));
}

inline problem refused(const std::string& body) {
  auto decoded = decode_spec(body);
  if (std::holds_alternative<task_spec>(decoded))
    FAIL(body.substr(0, 1000) << " was taken");
  auto why = std::get<problem>(std::move(decoded));
  REQUIRE(nlohmann::json::accept(to_json(why)));
  return why;
}

/// The one fault of a body, as "pointer detail".
inline std::string fault(const std::string& body) {
  const auto why = refused(body);
  CHECK(why.status == 422);
  REQUIRE(why.errors.size() == 1);
  return why.errors[0].pointer + ' ' + why.errors[0].detail;
}

inline bool begins_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

inline std::string with_args(const std::string& args) {
  return R"({"kind":"k","args":)" + args + "}";
}

inline std::string nested(size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

} // namespace errand::test
