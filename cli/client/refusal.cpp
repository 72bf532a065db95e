#include "cli/client/refusal.hpp"

#include "server/printable.hpp"

#include <nlohmann/json.hpp>

namespace errand::client {

namespace {

constexpr size_t shown_max_bytes = 200;

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? without_controls(found->get<std::string>())
                                                     : std::string();
}

} // namespace

std::vector<std::string> lines_of_refusal(int status, const std::string& body) {
  const auto problem = nlohmann::json::parse(body, nullptr, false);
  if (!problem.is_object() || text_of(problem, "title").empty())
    return {"refused with status " + std::to_string(status)
            + (body.empty() ? "" : ": " + string_literal(body.substr(0, shown_max_bytes)))};
  const auto detail = text_of(problem, "detail");
  std::vector<std::string> lines{text_of(problem, "title") + " (" + std::to_string(status) + ")"
                                 + (detail.empty() ? "" : ": " + detail)};
  const auto errors = problem.find("errors");
  if (errors == problem.end() || !errors->is_array())
    return lines;
  for (const auto& error : *errors) {
    if (!error.is_object())
      continue;
    const auto place = text_of(error, "pointer");
    const auto line = (place.empty() ? "" : place + ' ') + text_of(error, "detail");
    if (detail.find(line) == detail.npos)
      lines.push_back(line);
  }
  return lines;
}

} // namespace errand::client
