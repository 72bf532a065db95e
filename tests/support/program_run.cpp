#include "tests/support/program_run.hpp"

#include "tests/support/eventually.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <pty.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace errand::test {

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

void put_on_file(int fd, const std::string& path) {
  const int file = open(path.c_str(), fd == STDIN_FILENO ? O_RDONLY : O_CREAT | O_WRONLY, 0600);
  if (file < 0 || dup2(file, fd) < 0)
    _exit(126);
}

} // namespace

program_run::program_run(const program_setup& setup) {
  auto arguments = setup.arguments;
  arguments.insert(arguments.begin(), setup.program);
  auto environment = setup.environment;
  environment.push_back(std::string("PATH=") + std::getenv("PATH"));
  const auto argv = pointers(arguments);
  const auto envp = pointers(environment);
  const auto in = folder_.file("in"), out = folder_.file("out"), err = folder_.file("err");
  std::ofstream(in) << setup.input;
  if (setup.has_terminal) {
    winsize size{};
    size.ws_col = 100;
    size.ws_row = 30;
    pid_ = forkpty(&terminal_, nullptr, nullptr, &size);
  } else {
    pid_ = fork();
  }
  if (pid_ < 0)
    throw std::runtime_error("fork failed");
  if (pid_ > 0) {
    if (terminal_ >= 0)
      fcntl(terminal_, F_SETFL, O_NONBLOCK);
    return;
  }
  if (!setup.has_terminal) {
    put_on_file(STDIN_FILENO, in);
    put_on_file(STDOUT_FILENO, out);
    put_on_file(STDERR_FILENO, err);
  }
  execve(argv[0], argv.data(), envp.data());
  _exit(127);
}

program_run::~program_run() {
  signal(SIGKILL);
  wait_for_end();
  if (terminal_ >= 0)
    close(terminal_);
}

std::string program_run::out() {
  if (terminal_ < 0)
    return content_of(folder_.file("out"));
  char buffer[4096];
  for (ssize_t size = 0; (size = read(terminal_, buffer, sizeof buffer)) > 0;)
    from_terminal_.append(buffer, static_cast<size_t>(size));
  return from_terminal_;
}

std::string program_run::err() const {
  return content_of(folder_.file("err"));
}

bool program_run::says(std::string_view text) {
  return eventually([&] { return out().find(text) != std::string::npos; });
}

void program_run::type(std::string_view keys) {
  [[maybe_unused]] const auto written = write(terminal_, keys.data(), keys.size());
}

void program_run::signal(int number) {
  if (!has_ended())
    kill(pid_, number);
}

bool program_run::has_ended() {
  if (terminal_ >= 0)
    out(); // A full terminal would hold it up.
  int wait_status = 0;
  if (!status_ && waitpid(pid_, &wait_status, WNOHANG) == pid_)
    status_ = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
  return status_.has_value();
}

std::optional<int> program_run::wait_for_end() {
  eventually([this] { return has_ended(); });
  return status_;
}

program_outcome run_to_end(const program_setup& setup) {
  program_run run(setup);
  const auto status = run.wait_for_end();
  return {status.value_or(-1), run.out(), run.err()};
}

} // namespace errand::test
