#include "cli/client/screen.hpp"

#include <array>
#include <csignal>
#include <poll.h>
#include <sstream>
#include <string_view>
#include <unistd.h>

namespace errand::client {

namespace {

/// The other screen, its cursor hidden; and back.
constexpr std::string_view taken = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view given_back = "\x1b[?25h\x1b[?1049l";

volatile sig_atomic_t stop_has_keys = 0;
termios stop_before, stop_keys;
struct sigaction before_stop;

void put(std::string_view text) {
  [[maybe_unused]] const auto written = write(STDOUT_FILENO, text.data(), text.size());
}

/// For Ctrl-Z. Only calls that are allowed in a signal's handler.
void stop_and_return(int) {
  put(given_back);
  if (stop_has_keys)
    tcsetattr(STDIN_FILENO, TCSANOW, &stop_before);
  raise(SIGSTOP); // Stands still here until it is told to go on.
  if (stop_has_keys)
    tcsetattr(STDIN_FILENO, TCSANOW, &stop_keys);
  put(taken);
}

} // namespace

screen::screen(const session& s) : session_(s) {
  has_keys_ = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &before_) == 0;
  auto keys = before_;
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  stop_before = before_;
  stop_keys = keys;
  stop_has_keys = has_keys_ ? 1 : 0;
  words_.emplace(given_back, STDOUT_FILENO, has_keys_ ? &before_ : nullptr);
  struct sigaction stop {};
  stop.sa_handler = stop_and_return;
  sigaction(SIGTSTP, &stop, &before_stop);
  if (has_keys_)
    tcsetattr(STDIN_FILENO, TCSANOW, &keys);
  session_.print(std::string(taken));
}

screen::~screen() {
  sigaction(SIGTSTP, &before_stop, nullptr);
  if (has_keys_)
    tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  put(given_back);
}

void screen::show(const std::string& lines) {
  const auto rows = size_of(session_.out_terminal()).rows;
  std::istringstream in(lines);
  std::string text = "\x1b[H";
  size_t count = 0;
  for (std::string line; count < rows && std::getline(in, line); ++count)
    text += (count == 0 ? "" : "\n") + line + "\x1b[K";
  session_.print(text + "\x1b[J");
}

std::optional<char> screen::wait_for_key(std::chrono::milliseconds longest) {
  std::optional<char> result;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  const int ready = poll(&input, has_keys_ ? 1 : 0, static_cast<int>(longest.count()));
  char key = 0;
  if (ready == 1) {
    if (read(STDIN_FILENO, &key, 1) == 1)
      result = key;
    else
      has_keys_ = false; // The terminal is gone; without this we would not wait any more.
  }
  return result;
}

} // namespace errand::client
