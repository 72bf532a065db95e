#include "task/dependency.hpp"

#include <cassert>

namespace errand {

std::string_view to_string(dependency_policy policy) {
  switch (policy) {
  case dependency_policy::cancel:
    return "cancel";
  case dependency_policy::run:
    return "run";
  }
  assert(!"a dependency_policy outside of its enum");
  return "";
}

std::optional<dependency_policy> parse_dependency_policy(std::string_view word) {
  for (const auto policy : {dependency_policy::cancel, dependency_policy::run})
    if (word == to_string(policy))
      return policy;
  return std::nullopt;
}

} // namespace errand
