#include "cli/client/table.hpp"

#include "cli/client/display_width.hpp"
#include "server/printable.hpp"

#include <algorithm>
#include <cassert>

namespace errand::client {

namespace {

constexpr size_t gap = 2;
constexpr size_t least_width = 6; ///< To which a column may shrink.

const char* code_of(ink colour) {
  switch (colour) {
  case ink::plain:
    return "";
  case ink::bold:
    return "\x1b[1m";
  case ink::dim:
    return "\x1b[2m";
  case ink::red:
    return "\x1b[31m";
  case ink::green:
    return "\x1b[32m";
  case ink::yellow:
    return "\x1b[33m";
  case ink::cyan:
    return "\x1b[36m";
  }
  return "";
}

size_t total(const std::vector<size_t>& widths) {
  size_t sum = 0;
  for (const auto width : widths)
    sum += width + gap;
  return sum == 0 ? 0 : sum - gap;
}

} // namespace

std::string inked(ink colour, const std::string& text, bool has_colours) {
  if (!has_colours || colour == ink::plain || text.empty())
    return text;
  return code_of(colour) + text + "\x1b[0m";
}

ink ink_of_state(const std::string& state) {
  if (state == "succeeded")
    return ink::green;
  if (state == "failed" || state == "stuck" || state == "lost")
    return ink::red;
  if (state == "retrying" || state == "paused" || state == "cancelled" || state == "postponed")
    return ink::yellow;
  if (state == "running")
    return ink::cyan;
  return state == "idle" ? ink::dim : ink::plain;
}

table::table(std::vector<column> columns) : columns_(std::move(columns)) {}

void table::add(std::vector<cell> cells) {
  assert(cells.size() == columns_.size());
  for (auto& each : cells)
    each.text = without_controls(each.text);
  rows_.push_back(std::move(cells));
}

std::vector<size_t> table::widths(std::optional<size_t> limit) const {
  std::vector<size_t> result;
  for (const auto& each : columns_)
    result.push_back(display_width(each.title));
  for (const auto& row : rows_)
    for (size_t i = 0; i < row.size(); ++i)
      result[i] = std::max(result[i], display_width(row[i].text));
  if (!limit)
    return result;
  while (total(result) > *limit) {
    size_t widest = result.size();
    for (size_t i = 0; i < result.size(); ++i)
      if (columns_[i].may_shrink && result[i] > least_width
          && (widest == result.size() || result[i] > result[widest]))
        widest = i;
    if (widest == result.size())
      break;
    --result[widest];
  }
  while (total(result) > *limit && result.size() > 1)
    result.pop_back();
  return result;
}

std::string table::text(std::optional<size_t> width, bool has_colours) const {
  const auto sizes = widths(width);
  std::string result;
  const auto add_line = [&](auto text_at, auto ink_at) {
    std::string line;
    size_t blanks = 0; // Owed, so that no line ends with any.
    for (size_t i = 0; i < sizes.size(); ++i) {
      const auto shown = fitted(text_at(i), sizes[i]);
      const auto padding = sizes[i] - std::min(sizes[i], display_width(shown));
      if (columns_[i].is_number)
        blanks += padding;
      if (!shown.empty()) {
        line.append(blanks, ' ').append(inked(ink_at(i), shown, has_colours));
        blanks = 0;
      }
      blanks += gap + (columns_[i].is_number ? 0 : padding);
    }
    result += line + '\n';
  };
  add_line([&](size_t i) { return columns_[i].title; }, [](size_t) { return ink::bold; });
  for (const auto& row : rows_)
    add_line([&](size_t i) { return row[i].text; }, [&](size_t i) { return row[i].colour; });
  return result;
}

} // namespace errand::client
