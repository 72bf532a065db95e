#include "handlers/child_process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace errand {

namespace {

/// Programs that use select(), or close every descriptor that they might have, expect no more. The
/// server has raised its own limit to the hardest.
constexpr rlim_t usual_open_files = 1024;

/// What the child needs, in the form in which the system wants it.
struct raw_plan {
  const char* program;
  char* const* argv;
  char* const* environment;
  const char* directory;
  const process_owner* owner;
  int input, output, errors;
  pid_t server;
  const group_guard::place& place;
  // Written by the child, which shares our memory until it is executed.
  const char* failed_step = nullptr;
  int error = 0;
};

// Between vfork() and execve() the child runs in our memory, with our thread's stack and errno,
// while this thread stands still and all others go on. So it allocates nothing, takes no lock, and
// sets the user by bare system calls: those of the C library would tell our other threads.

[[noreturn]] void give_up(raw_plan& plan, const char* step) {
  plan.error = errno;
  plan.failed_step = step;
  _exit(127);
}

void reset_signals() {
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number)
    sigaction(number, &usual, nullptr); // fails for SIGKILL and the like, as it should
}

bool become(const process_owner& owner) {
#ifdef SYS_setgroups32
  constexpr long set_groups = SYS_setgroups32, set_group = SYS_setresgid32,
                 set_user = SYS_setresuid32;
#else
  constexpr long set_groups = SYS_setgroups, set_group = SYS_setresgid, set_user = SYS_setresuid;
#endif
  return syscall(set_groups, owner.groups.size(), owner.groups.data()) == 0
         && syscall(set_group, owner.group, owner.group, owner.group) == 0
         && syscall(set_user, owner.user, owner.user, owner.user) == 0;
}

[[noreturn]] void run_child(raw_plan& plan) {
  reset_signals();
  if (setsid() < 0)
    give_up(plan, "make a session");
  // Before the look at getppid(): whoever passes that is in the list.
  plan.place.enter(getpid());
  // All three are above 2, so none overwrites another.
  if (dup2(plan.input, 0) < 0 || dup2(plan.output, 1) < 0 || dup2(plan.errors, 2) < 0)
    give_up(plan, "set up its standard input and output");
  // All of ours are closed by execve; this is for those that a library opened otherwise.
  if (syscall(SYS_close_range, 3U, ~0U, 0U) != 0)
    give_up(plan, "close the server's files (that takes Linux 5.9 or newer)");
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > usual_open_files) {
    files.rlim_cur = usual_open_files;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  if (plan.owner && !become(*plan.owner))
    give_up(plan, "become its user");
  // After that, for a change of user undoes it. If the server died just before, it came too late.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
    give_up(plan, "tie it to the server's life");
  if (getppid() != plan.server)
    _exit(127);
  if (chdir(plan.directory) != 0)
    give_up(plan, "enter its directory");
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(plan.program, plan.argv, plan.environment);
  give_up(plan, "run");
}

/// A function of its own, without variables: the child returns into it first.
[[gnu::noinline]] pid_t fork_and_run(raw_plan& plan) {
  const pid_t pid = vfork();
  if (pid == 0)
    run_child(plan);
  return pid;
}

/// No signal handler of ours may run in the child.
pid_t fork_with_signals_blocked(raw_plan& plan) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork_and_run(plan);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

unique_fd checked(int fd, const char* what) {
  if (fd < 0)
    throw start_failure(std::string("cannot make ") + what, errno);
  return unique_fd(fd);
}

/// Another number for it if the server was started without some of its standard descriptors.
unique_fd above_standard(unique_fd fd, const char* what) {
  if (fd.get() > STDERR_FILENO)
    return fd;
  return checked(fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1), what);
}

struct one_way_pipe {
  unique_fd reads, writes;
};

/// Only our end does not block: the program's is like any other pipe.
one_way_pipe make_pipe(const std::optional<process_owner>& writer) {
  constexpr auto what = "a pipe";
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw start_failure(std::string("cannot make ") + what, errno);
  one_way_pipe made{unique_fd(ends[0]), unique_fd(ends[1])};
  made.reads = above_standard(std::move(made.reads), what);
  made.writes = above_standard(std::move(made.writes), what);
  fcntl(made.reads.get(), F_SETFL, O_NONBLOCK);
  // So that it may open /dev/stdout and /dev/stderr.
  if (writer && fchown(made.writes.get(), writer->user, writer->group) != 0)
    throw start_failure("cannot give a pipe to the command's user", errno);
  return made;
}

/// A file in memory: unlike a pipe it takes all at once, whether the program reads it or not.
unique_fd file_with(std::string_view text) {
  constexpr auto what = "a file for standard input";
  auto file = above_standard(checked(memfd_create("errand-stdin", MFD_CLOEXEC), what), what);
  while (!text.empty()) {
    const auto written = write(file.get(), text.data(), text.size());
    if (written < 0 && errno != EINTR)
      throw start_failure("cannot write the standard input", errno);
    text.remove_prefix(written > 0 ? static_cast<size_t>(written) : 0);
  }
  if (lseek(file.get(), 0, SEEK_SET) != 0)
    throw start_failure("cannot rewind the standard input", errno);
  return file;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts)
    pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// Waits for that very process and never for just any: others may have children, too.
std::optional<int> wait_for(pid_t pid) {
  int wait_status = 0;
  pid_t waited = 0;
  while ((waited = waitpid(pid, &wait_status, 0)) < 0 && errno == EINTR)
    continue;
  return waited == pid ? std::optional<int>(wait_status) : std::nullopt;
}

} // namespace

start_failure::start_failure(const std::string& what, int error)
    : std::runtime_error(what + ": " + std::strerror(error)) {
  constexpr int passing[] = {EAGAIN, ENOMEM, EMFILE, ENFILE, ETXTBSY, EINTR, EIO, ENOSPC};
  may_pass_ = std::find(std::begin(passing), std::end(passing), error) != std::end(passing);
}

child_process::child_process(const process_plan& plan, group_guard::place place)
    : place_(std::move(place)) {
  const auto input = file_with(plan.input);
  auto output = make_pipe(plan.owner);
  auto errors = make_pipe(plan.owner);
  const auto argv = pointers_to(plan.argv);
  const auto environment = pointers_to(plan.environment);
  raw_plan raw{plan.program.c_str(),
               argv.data(),
               environment.data(),
               plan.directory.c_str(),
               plan.owner ? &*plan.owner : nullptr,
               input.get(),
               output.writes.get(),
               errors.writes.get(),
               getpid(),
               place_};
  pid_ = fork_with_signals_blocked(raw);
  if (pid_ < 0)
    throw start_failure("cannot make a process", errno);
  if (raw.failed_step) {
    place_.clear();
    wait_for(pid_);
    const bool is_program = std::strcmp(raw.failed_step, "run") == 0;
    throw start_failure("cannot " + std::string(raw.failed_step)
                            + (is_program ? " " + plan.program : ""),
                        raw.error);
  }
  output_ = std::move(output.reads);
  errors_ = std::move(errors.reads);
  ended_ = unique_fd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0U)));
  // It has ended, and another part of this process has taken that: what is readable now tells so.
  if (ended_.get() < 0 && errno == ESRCH)
    ended_ = unique_fd(eventfd(1, EFD_CLOEXEC));
  if (ended_.get() < 0) {
    const int error = errno;
    end();
    throw start_failure("cannot watch the process", error);
  }
}

child_process::~child_process() {
  end();
}

void child_process::signal(int number) const {
  if (pid_ > 0)
    kill(-pid_, number);
}

std::optional<int> child_process::end() {
  if (pid_ < 0)
    return std::nullopt;
  signal(SIGKILL);
  place_.clear(); // killed, but not reaped yet: the group's number can't be another's
  const auto wait_status = wait_for(pid_);
  pid_ = -1;
  return wait_status;
}

} // namespace errand
