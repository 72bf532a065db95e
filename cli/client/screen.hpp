// A terminal taken over as a whole, and given back as it was.
#pragma once

#include "cli/client/last_words.hpp"
#include "cli/client/session.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <termios.h>

namespace errand::client {

/// Switches standard output to the terminal's other screen, and standard input to single keys.
/// Gives both back at its end, when a signal ends the program, and while Ctrl-Z stops it. One at a
/// time.
class screen {
public:
  explicit screen(const session& s);
  ~screen();
  screen(const screen&) = delete;
  screen& operator=(const screen&) = delete;

  /// The lines from the top on, over what was there; those that do not fit are left out.
  void show(const std::string& lines);

  /// Waits so long, or until somebody presses a key; gives the key.
  std::optional<char> wait_for_key(std::chrono::milliseconds longest);

private:
  const session& session_;
  bool has_keys_ = false;
  termios before_{};
  std::optional<last_words> words_;
};

} // namespace errand::client
