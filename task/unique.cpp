#include "task/unique.hpp"

#include <cassert>
#include <initializer_list>

namespace errand {

namespace {

template <class Enum>
std::optional<Enum> parse_word(std::string_view word, std::initializer_list<Enum> all) {
  for (const auto value : all)
    if (to_string(value) == word)
      return value;
  return std::nullopt;
}

} // namespace

std::string_view to_string(unique_until until) {
  switch (until) {
  case unique_until::started:
    return "started";
  case unique_until::final:
    return "final";
  case unique_until::window:
    return "window";
  }
  assert(!"a unique_until outside of its enum");
  return "";
}

std::string_view to_string(unique_conflict on_conflict) {
  switch (on_conflict) {
  case unique_conflict::keep:
    return "return";
  case unique_conflict::replace:
    return "replace";
  case unique_conflict::reject:
    return "reject";
  }
  assert(!"a unique_conflict outside of its enum");
  return "";
}

std::optional<unique_until> parse_unique_until(std::string_view word) {
  return parse_word<unique_until>(
      word, {unique_until::started, unique_until::final, unique_until::window});
}

std::optional<unique_conflict> parse_unique_conflict(std::string_view word) {
  return parse_word<unique_conflict>(
      word, {unique_conflict::keep, unique_conflict::replace, unique_conflict::reject});
}

} // namespace errand
