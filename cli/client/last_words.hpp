// What is still done when a signal ends the program: a terminal gets back its state, and a word is
// said. The signals' handlers belong to the process, so there is one of these at a time.
#pragma once

#include <string_view>
#include <termios.h>

namespace errand::client {

/// While one exists, SIGINT, SIGTERM and SIGHUP first write `text` to `fd` and give standard input
/// its state back if there is one, and then do to the process what they do by default. Texts beyond
/// 1 KiB are cut.
class last_words {
public:
  explicit last_words(std::string_view text, int fd = 2, const termios* input = nullptr);
  ~last_words();
  last_words(const last_words&) = delete;
  last_words& operator=(const last_words&) = delete;
};

} // namespace errand::client
