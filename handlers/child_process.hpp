// A program run as a child: how it is started so that it has nothing of the server but what it is
// given, and how it is ended with all that it has started. Linux 5.9 or newer.
#pragma once

#include "handlers/group_guard.hpp"
#include "handlers/unique_fd.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace errand {

/// Whom a process is to run as, if not as the server. Only root can do that.
struct process_owner {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;
};

struct process_plan {
  std::string program;                  ///< A path.
  std::vector<std::string> argv;        ///< With argv[0].
  std::vector<std::string> environment; ///< All of it: "NAME=value".
  std::string directory;
  std::optional<process_owner> owner;
  std::string input; ///< What it finds on its standard input.
};

/// The program could not be started. What() says why.
class start_failure : public std::runtime_error {
public:
  start_failure(const std::string& what, int error);

  /// Whether it could be otherwise at another time, as when there is no memory.
  bool may_pass() const { return may_pass_; }

private:
  bool may_pass_;
};

/// Belongs to the thread that made it, which must not end before it: the system kills the program
/// when that thread ends. A WORKER's thread runs its handler to the end, and when the server dies,
/// however it does, all threads end. What the program has started the system does not kill: that is
/// for a guard to do.
class child_process {
public:
  /// Starts the program as the leader of a session and process group of its own, with no file
  /// descriptors but 0, 1 and 2, signals at their defaults, and at most 1024 open files until it
  /// raises that. Its group stands in `place` from before it runs until it has ended. Returns once
  /// it runs (it was executed). Throws start_failure.
  explicit child_process(const process_plan& plan, group_guard::place place = {});

  /// end(), if that was not called.
  ~child_process();

  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  // To be polled: the ends of the program's standard output and error that are read here, and what
  // becomes readable when the program, though perhaps not all of its group, has ended.
  int output() const { return output_.get(); }
  int errors() const { return errors_.get(); }
  int ended() const { return ended_.get(); }

  /// To the whole process group.
  void signal(int number) const;

  /// Kills what is left of the process group, and blocks until the program is gone. Its wait
  /// status; nothing if somebody else in this process has taken that.
  std::optional<int> end();

private:
  pid_t pid_ = -1; ///< Of the leader, which is not reaped before end(): so nobody else gets it.
  unique_fd output_;
  unique_fd errors_;
  unique_fd ended_;
  group_guard::place place_;
};

} // namespace errand
