// Aligned columns that fit a terminal. Pure. What goes in may come from anywhere: control
// characters are taken out here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace errand::client {

enum class ink { plain, bold, dim, red, green, yellow, cyan };

/// With the terminal's colour codes around it, or not.
std::string inked(ink colour, const std::string& text, bool has_colours);

/// In which colour a state of a task, a worker or a queue is shown.
ink ink_of_state(const std::string& state);

struct column {
  std::string title;
  bool is_number = false; ///< Stands to the right.
  bool may_shrink = false;
};

struct cell {
  std::string text;
  ink colour = ink::plain;

  cell(std::string t, ink c = ink::plain) : text(std::move(t)), colour(c) {}
  cell(const char* t) : text(t) {}
};

class table {
public:
  explicit table(std::vector<column> columns);

  /// As many cells as there are columns.
  void add(std::vector<cell> cells);

  size_t rows() const { return rows_.size(); }

  /// Title and rows, a line each. Columns that may shrink do so until a line has no more than
  /// `width` columns; if that is not enough, the last ones are left out.
  std::string text(std::optional<size_t> width, bool has_colours) const;

private:
  std::vector<size_t> widths(std::optional<size_t> limit) const;

  std::vector<column> columns_;
  std::vector<std::vector<cell>> rows_;
};

} // namespace errand::client
