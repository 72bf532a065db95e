#include "task/near_name.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace errand {

namespace {

/// Longer words are nobody's typing mistake, and the table below stays on the stack.
constexpr size_t max_word_size = 32;

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Damerau's distance, each pair of letters swapped once at most. Both are at most max_word_size.
size_t mistakes_between(std::string_view a, std::string_view b) {
  std::array<std::array<size_t, max_word_size + 1>, max_word_size + 1> cost;
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const size_t changed = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + changed});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2])
          && lower(a[i - 2]) == lower(b[j - 1]))
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

} // namespace

std::optional<std::string_view> near_name(std::string_view word,
                                          std::span<const std::string_view> known) {
  if (word.size() > max_word_size)
    return std::nullopt;
  std::optional<std::string_view> nearest;
  size_t fewest = 3;
  for (const auto name : known) {
    if (name.size() > max_word_size)
      continue;
    const size_t mistakes = mistakes_between(word, name);
    const size_t forgiven = name.size() <= 4 ? 1 : 2;
    if (mistakes <= forgiven && mistakes < fewest) {
      fewest = mistakes;
      nearest = name;
    }
  }
  return nearest;
}

} // namespace errand
