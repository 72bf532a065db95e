#include "handlers/group_guard.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace errand {

namespace {

/// 16 pools of workers of the largest size, in 64 KiB.
constexpr size_t places_max = 16 << 10;

constexpr pid_t taken = -1;

static_assert(std::atomic_ref<pid_t>::is_always_lock_free); // else it could not be shared

// -- In the guard, a copy of a process with many threads: another thread may have held any lock of
// the C library, or of a sanitizer, so there is nothing in here but bare system calls.

bool close_from(unsigned first, unsigned last) {
  return syscall(SYS_close_range, first, last, 0U) == 0;
}

bool close_all_but(int one, int other) {
  const auto low = static_cast<unsigned>(one < other ? one : other);
  const auto high = static_cast<unsigned>(one < other ? other : one);
  return (low == 0 || close_from(0, low - 1)) && (high == low + 1 || close_from(low + 1, high - 1))
         && close_from(high + 1, ~0U);
}

void kill_groups(pid_t* list) {
  for (size_t i = 0; i < places_max; ++i) {
    const pid_t group = std::atomic_ref(list[i]).load(std::memory_order_relaxed);
    if (group > 1)
      syscall(SYS_kill, -group, SIGKILL);
  }
}

/// Until the server's end. All signals are blocked. What is told of the end: `lifeline`, also if
/// the server becomes another program by exec; `server`, a pidfd, also if a process that it has
/// forked still holds the lifeline. Bytes in the lifeline mean nothing.
[[noreturn]] void stand_guard(int lifeline, int server, pid_t* list) {
  syscall(SYS_setsid); // no signal from the terminal, none to the server's group
  syscall(SYS_prctl, PR_SET_NAME, "errand-guard", 0L, 0L, 0L);
  syscall(SYS_chdir, "/");
  // Without the call (Linux before 5.9) no command runs, so nobody misses the guard.
  if (!close_all_but(lifeline, server))
    syscall(SYS_exit_group, 1);
  pollfd ends[] = {{lifeline, 0, 0}, {server, POLLIN, 0}};
  while (!ends[0].revents && !ends[1].revents)
    syscall(SYS_ppoll, ends, 2UL, nullptr, nullptr, 0UL);
  kill_groups(list);
  for (;;)
    syscall(SYS_exit_group, 0);
}

// -- In the server

/// A child that tells nobody of its end, so that those in this process who wait for just any child
/// neither wait for this one nor reap it. By the bare call: that of the C library has no such form.
pid_t fork_silently() {
  return static_cast<pid_t>(syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L));
}

pid_t wait_for(pid_t guard, int options) {
  pid_t waited = 0;
  while ((waited = waitpid(guard, nullptr, options | __WALL)) < 0 && errno == EINTR)
    continue;
  return waited;
}

} // namespace

// -- A place

group_guard::place& group_guard::place::operator=(place&& other) noexcept {
  if (this != &other) {
    clear();
    slot_ = std::exchange(other.slot_, nullptr);
    error_ = other.error_;
  }
  return *this;
}

void group_guard::place::enter(pid_t group) const {
  if (slot_)
    std::atomic_ref(*slot_).store(group, std::memory_order_relaxed);
}

void group_guard::place::clear() {
  if (slot_)
    std::atomic_ref(*slot_).store(0, std::memory_order_release);
  slot_ = nullptr;
}

// -- The guard

group_guard::~group_guard() {
  // Its pipe would end it, too, but not soon if it is stopped, or another process holds the pipe.
  if (runs()) {
    kill(guard_, SIGKILL);
    wait_for(guard_, 0);
  }
  if (list_)
    munmap(list_, places_max * sizeof *list_);
}

group_guard::place group_guard::take_place() {
  const std::lock_guard lock{mutex_};
  place made;
  if (!runs())
    made.error_ = start();
  if (made.error_ != 0)
    return made;
  for (size_t tried = 0; tried < places_max; ++tried) {
    auto& slot = list_[next_];
    next_ = (next_ + 1) % places_max;
    if (const std::atomic_ref state(slot); state.load(std::memory_order_acquire) == 0) {
      state.store(taken, std::memory_order_relaxed);
      return place(&slot);
    }
  }
  made.error_ = ENOSPC;
  return made;
}

/// Reaps it if it does not.
bool group_guard::runs() const {
  return guard_ > 0 && wait_for(guard_, WNOHANG) == 0;
}

int group_guard::start() {
  guard_ = -1;
  lifeline_.reset();
  if (!list_) {
    void* memory = mmap(nullptr, places_max * sizeof *list_, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      return errno;
    list_ = static_cast<pid_t*>(memory);
  }
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0)
    return errno;
  const unique_fd reads(ends[0]);
  unique_fd writes(ends[1]);
  const unique_fd self(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0U)));
  if (self.get() < 0)
    return errno;
  // For its whole life: it is to end with the server and not before.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  guard_ = fork_silently();
  if (guard_ == 0)
    stand_guard(reads.get(), self.get(), list_);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (guard_ < 0)
    return error;
  lifeline_ = std::move(writes);
  return 0;
}

} // namespace errand
