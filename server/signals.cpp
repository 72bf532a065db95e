#include "server/signals.hpp"

#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

namespace errand {

namespace {

int checked(int fd, const char* what) {
  if (fd < 0)
    throw std::system_error{errno, std::generic_category(), what};
  return fd;
}

} // namespace

void ignore_failed_writes() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

stop_signals::stop_signals() {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stops, &old_mask_);
  fd_ = checked(signalfd(-1, &stops, SFD_CLOEXEC), "signalfd");
}

stop_signals::~stop_signals() {
  close(fd_);
  pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
}

std::optional<int> stop_signals::wait(int other_fd) {
  pollfd fds[] = {{fd_, POLLIN, 0}, {other_fd, POLLIN, 0}};
  while (poll(fds, 2, -1) < 0 && errno == EINTR)
    continue;
  if (fds[0].revents == 0)
    return std::nullopt;
  signalfd_siginfo info{};
  if (read(fd_, &info, sizeof info) != sizeof info)
    return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

wake_event::wake_event() : fd_(checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {}

wake_event::~wake_event() {
  close(fd_);
}

void wake_event::set() {
  eventfd_write(fd_, 1);
}

} // namespace errand
