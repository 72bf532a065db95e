#include "http/scope.hpp"

namespace errand {

std::string_view to_string(scope which) {
  switch (which) {
  case scope::read:
    return "read";
  case scope::submit:
    return "submit";
  case scope::work:
    return "work";
  case scope::admin:
    return "admin";
  }
  return {};
}

std::optional<scope> parse_scope(std::string_view name) {
  for (const auto each : all_scopes)
    if (to_string(each) == name)
      return each;
  return std::nullopt;
}

std::string to_string(scope_set scopes) {
  std::string text;
  for (const auto each : all_scopes)
    if (scopes.contains(each))
      text.append(text.empty() ? "" : " ").append(to_string(each));
  return text;
}

} // namespace errand
