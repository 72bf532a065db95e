#include "server/nearest_name.hpp"

#include "task/near_name.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace errand {

namespace {

bool is_separator(char c) {
  return c == '.' || c == '_' || c == '-';
}

/// "port" in "http.port", "store" in "store_url".
bool is_part_of(std::string_view part, std::string_view whole) {
  if (part.empty() || part.size() >= whole.size())
    return false;
  const auto rest = whole.size() - part.size();
  return (whole.ends_with(part) && is_separator(whole[rest - 1]))
         || (whole.starts_with(part) && is_separator(whole[part.size()]));
}

std::string_view after_last_dot(std::string_view key) {
  return key.substr(key.rfind('.') + 1);
}

/// "port" rather than "smtp-port" for "http-port": what stands before it is another word, and no
/// mistake in typing it.
bool is_rather(std::string_view name, std::string_view word, std::string_view near) {
  if (!word.ends_with(name) || !is_part_of(name, word) || !near.ends_with(name)
      || !is_part_of(name, near))
    return false;
  const std::array heads{near.substr(0, near.size() - name.size() - 1)};
  return !near_name(word.substr(0, word.size() - name.size() - 1), heads);
}

/// The position of the nearest, or the size.
size_t find_nearest(std::string_view word, std::span<const std::string_view> names) {
  const auto near = near_name(word, names);
  if (const auto part =
          std::find_if(names.begin(), names.end(),
                       [&](std::string_view name) { return near && is_rather(name, word, *near); });
      part != names.end())
    return static_cast<size_t>(part - names.begin());
  if (near)
    return static_cast<size_t>(std::find(names.begin(), names.end(), *near) - names.begin());
  const auto shares_a_part = [word](std::string_view name) {
    return is_part_of(word, name) || is_part_of(name, word)
           || after_last_dot(word) == after_last_dot(name);
  };
  return static_cast<size_t>(std::find_if(names.begin(), names.end(), shares_a_part)
                             - names.begin());
}

} // namespace

std::string_view nearest_name(std::string_view word, std::span<const std::string> names,
                              size_t shared) {
  std::vector<std::string_view> own_parts;
  for (const auto& name : names)
    own_parts.push_back(std::string_view(name).substr(shared));
  const auto index = find_nearest(word.substr(std::min(shared, word.size())), own_parts);
  return index < names.size() ? std::string_view(names[index]) : std::string_view();
}

std::string did_you_mean(std::string_view word, std::span<const std::string> names, size_t shared) {
  const auto name = nearest_name(word, names, shared);
  return name.empty() ? "" : "; did you mean " + std::string(name) + "?";
}

} // namespace errand
