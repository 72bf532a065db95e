#include "cli/standard_streams.hpp"

#include <cerrno>
#include <fcntl.h>
#include <initializer_list>
#include <unistd.h>

namespace errand {

void hold_closed_streams() {
  for (const int place : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(place, F_GETFD) >= 0 || errno != EBADF)
      continue;
    // The lowest place that is free is this one. Who wants output is to hear that there is none.
    [[maybe_unused]] const int held =
        open("/dev/null", place == STDERR_FILENO ? O_WRONLY : O_RDONLY);
  }
}

} // namespace errand
