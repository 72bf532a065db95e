#include "http/prefer.hpp"

#include <algorithm>

namespace errand {

std::optional<std::chrono::seconds> preferred_wait(const http_request& request) {
  std::optional<std::chrono::seconds> wait;
  for (const auto& header : request.headers) {
    if (!equals_ignoring_case(header.name, "Prefer"))
      continue;
    for_each_element(header.value, [&](std::string_view preference) {
      preference = preference.substr(0, preference.find(';'));
      const auto equals = std::min(preference.find('='), preference.size());
      if (wait || !equals_ignoring_case(trimmed(preference.substr(0, equals)), "wait"))
        return;
      auto value = trimmed(preference.substr(std::min(equals + 1, preference.size())));
      if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
        value = value.substr(1, value.size() - 2);
      if (const auto seconds = parse_decimal(value))
        wait = std::chrono::seconds{std::min(*seconds, static_cast<uint64_t>(max_wait.count()))};
    });
  }
  return wait;
}

} // namespace errand
