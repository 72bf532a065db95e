// A program as a child process, with its output: on files, or on a terminal of its own.
#pragma once

#include "tests/support/temp_folder.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace errand::test {

struct program_setup {
  std::string program;
  std::vector<std::string> arguments;
  std::vector<std::string> environment{}; ///< All that it gets but PATH.
  std::string input{};                    ///< Its standard input, unless it has a terminal.
  bool has_terminal = false;              ///< For all three, of 100 columns and 30 rows.
};

class program_run {
public:
  explicit program_run(const program_setup& setup);

  /// SIGKILL, if it still runs.
  ~program_run();
  program_run(const program_run&) = delete;
  program_run& operator=(const program_run&) = delete;

  /// What it has written so far. On a terminal out() has both.
  std::string out();
  std::string err() const;

  /// Waits for that text in out().
  bool says(std::string_view text);

  /// Types that on its terminal.
  void type(std::string_view keys);
  void signal(int number);

  /// The exit status, or 128 and the signal that ended it; nothing if it still runs after a while.
  std::optional<int> wait_for_end();

private:
  bool has_ended();

  temp_folder folder_;
  pid_t pid_ = -1;
  int terminal_ = -1;
  std::string from_terminal_;
  std::optional<int> status_;
};

struct program_outcome {
  int exit_status;
  std::string out, err;
};

/// Runs it to its end; exit_status is -1 if that does not come.
program_outcome run_to_end(const program_setup& setup);

} // namespace errand::test
