#include "cli/client/last_words.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <unistd.h>

namespace errand::client {

namespace {

constexpr std::array<int, 3> ending_signals{SIGINT, SIGTERM, SIGHUP};

std::array<char, 1024> text;
volatile sig_atomic_t text_length = 0;
volatile sig_atomic_t text_fd = STDERR_FILENO;
volatile sig_atomic_t has_input = 0;
termios input_state;
std::array<struct sigaction, ending_signals.size()> before;

/// Only calls that are allowed in a signal's handler.
void say_and_end(int number) {
  [[maybe_unused]] const auto written =
      write(text_fd, text.data(), static_cast<size_t>(text_length));
  if (has_input)
    tcsetattr(STDIN_FILENO, TCSANOW, &input_state);
  signal(number, SIG_DFL);
  raise(number); // Comes when this handler has returned.
}

} // namespace

last_words::last_words(std::string_view words, int fd, const termios* input) {
  const auto length = std::min(words.size(), text.size());
  std::memcpy(text.data(), words.data(), length);
  text_length = static_cast<sig_atomic_t>(length);
  text_fd = fd;
  has_input = input ? 1 : 0;
  if (input)
    input_state = *input;
  struct sigaction action {};
  action.sa_handler = say_and_end;
  sigfillset(&action.sa_mask);
  for (size_t i = 0; i < ending_signals.size(); ++i)
    sigaction(ending_signals[i], &action, &before[i]);
}

last_words::~last_words() {
  for (size_t i = 0; i < ending_signals.size(); ++i)
    sigaction(ending_signals[i], &before[i], nullptr);
}

} // namespace errand::client
