#include "handlers/exec.hpp"

#include "handlers/exec_arguments.hpp"
#include "handlers/exec_output.hpp"
#include "handlers/group_guard.hpp"
#include "handlers/typed_error.hpp"
#include "task/near_name.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <poll.h>
#include <sys/wait.h>
#include <sysexits.h>

namespace errand {

namespace {

using steady = std::chrono::steady_clock;

/// How soon a cancelled task or one whose time is over is noticed.
constexpr std::chrono::milliseconds look_around{50};

/// What a command has left running in its group gets so long to close its output, which something
/// like `| tee log` behind it needs, and is killed then.
constexpr std::chrono::seconds linger{1};

/// Read in one go; a pipe holds as much.
constexpr size_t chunk = 64 << 10;

/// A command that never stops writing must not keep us from looking at the clock.
constexpr int chunks_a_turn = 16;

struct request {
  std::string name;
  const exec_command& command;
  nlohmann::json args;
};

constexpr const char* shape = "exec needs args like {\"command\": \"resize\", \"args\": {…}}";

[[noreturn]] void refuse_command(const std::string& name, const exec_commands& commands) {
  if (commands.empty())
    throw PermanentError("no commands are configured, so there is none called \"" + name
                         + "\"; errand.toml names them, in tables [exec.NAME]");
  std::vector<std::string_view> known;
  for (const auto& entry : commands)
    known.push_back(entry.first);
  const auto near = near_name(name, known);
  throw PermanentError("no command is called \"" + name + "\""
                       + (near ? "; did you mean \"" + std::string(*near) + "\"?"
                               : "; errand.toml names them, in tables [exec.NAME]"));
}

request read_request(const nlohmann::json& args, const exec_commands& commands) {
  if (!args.is_object() || !args.contains("command") || !args["command"].is_string())
    throw PermanentError(std::string(shape) + "; it got no command");
  for (const auto& [key, value] : args.items())
    if (key != "command" && key != "args")
      throw PermanentError(std::string(shape) + ", and knows no \"" + key + "\"");
  auto inner = args.value("args", nlohmann::json::object());
  if (!inner.is_object())
    throw PermanentError(std::string(shape) + "; the inner args must be an object");
  const auto name = args["command"].get<std::string>();
  const auto found = commands.find(name);
  if (found == commands.end())
    refuse_command(name, commands);
  return {name, found->second, std::move(inner)};
}

process_plan make_plan(const request& wanted, const TaskContext& task) {
  process_plan plan;
  plan.argv = filled_in(wanted.command.argv, wanted.args);
  plan.program = plan.argv.front();
  plan.environment = wanted.command.environment;
  plan.environment.push_back("ERRAND_TASK_ID=" + task.id());
  plan.environment.push_back("ERRAND_ATTEMPT=" + std::to_string(task.attempt()));
  if (!task.traceparent().empty())
    plan.environment.push_back("TRACEPARENT=" + task.traceparent());
  for (const auto& [name, value] : argument_variables(wanted.args))
    plan.environment.push_back(name + '=' + value);
  plan.directory = wanted.command.directory;
  plan.owner = wanted.command.owner;
  plan.input = wanted.args.dump();
  return plan;
}

/// One run of a command, from its start to its end.
class command_run {
public:
  command_run(const request& wanted, TaskContext& task, group_guard::place place)
      : wanted_(wanted),
        task_(task),
        child_(make_plan(wanted, task), std::move(place)),
        output_(wanted.command.max_output_bytes,
                [&task](double fraction, std::string_view message) {
                  task.progress(fraction, message);
                }),
        errors_([&task](std::string_view line) { task.log(line); }) {}

  nlohmann::json to_its_end() {
    while (!is_over())
      look();
    const auto wait_status = child_.end();
    // Those who wrote are gone, and one turn takes more than a pipe holds.
    read_some(out_, output_);
    read_some(err_, errors_);
    output_.finish();
    errors_.finish();
    return outcome(wait_status);
  }

private:
  struct stream {
    int fd;
    bool is_open = true;
  };

  /// Waits until something happens, for a moment at most, and takes it in.
  void look() {
    std::array<pollfd, 3> fds{pollfd{out_.is_open ? out_.fd : -1, POLLIN, 0},
                              pollfd{err_.is_open ? err_.fd : -1, POLLIN, 0},
                              pollfd{has_ended_ ? -1 : child_.ended(), POLLIN, 0}};
    poll(fds.data(), fds.size(), patience_ms());
    if (fds[0].revents)
      read_some(out_, output_);
    if (fds[1].revents)
      read_some(err_, errors_);
    const auto now = steady::now();
    if (fds[2].revents && !has_ended_) {
      has_ended_ = true;
      if (!stopped_)
        kill_at_ = now + linger;
    }
    if (!stopped_ && !has_ended_ && (output_.too_large() || task_.cancelled())) {
      stopped_ = true;
      kill_at_ = now + wanted_.command.grace;
      child_.signal(SIGTERM);
    }
  }

  int patience_ms() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(kill_at_ - steady::now());
    return static_cast<int>(std::max<int64_t>(0, std::min(left, look_around).count()));
  }

  /// Nothing of it is left that we know of, or its time is over.
  bool is_over() const {
    return (has_ended_ && !out_.is_open && !err_.is_open) || steady::now() >= kill_at_;
  }

  template <class Reader>
  void read_some(stream& from, Reader& reader) {
    for (int turn = 0; turn < chunks_a_turn && from.is_open; ++turn) {
      const auto got = read(from.fd, buffer_->data(), buffer_->size());
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0 && errno == EAGAIN)
        return;
      if (got <= 0)
        from.is_open = false;
      else
        reader.take({buffer_->data(), static_cast<size_t>(got)});
    }
  }

  nlohmann::json outcome(std::optional<int> wait_status) const {
    if (output_.too_large())
      throw PermanentError("the command " + wanted_.name + " wrote more than "
                           + std::to_string(wanted_.command.max_output_bytes)
                           + " bytes to its standard output; let it write less, or raise exec."
                           + wanted_.name + ".max_output_bytes");
    if (stopped_)
      throw typed_error("stopped",
                        "the command " + wanted_.name + " was stopped before it was done" + said());
    if (!wait_status)
      throw typed_error("exit_status", "how the command " + wanted_.name
                                           + " ended is not known: another part of this program "
                                             "waits for all of its children");
    if (WIFSIGNALED(*wait_status))
      throw typed_error("signal", "the command " + wanted_.name + " was ended by signal "
                                      + std::to_string(WTERMSIG(*wait_status)) + said());
    const int code = WEXITSTATUS(*wait_status);
    if (code != 0)
      throw typed_error(code == EX_TEMPFAIL ? "temporary" : "exit_status",
                        "the command " + wanted_.name + " ended with exit status "
                            + std::to_string(code) + said());
    return output_.result();
  }

  /// The end of its standard error, for people.
  std::string said() const {
    const auto tail = errors_.tail();
    return tail.empty() ? "" : ": " + tail;
  }

  const request& wanted_;
  TaskContext& task_;
  child_process child_;
  result_reader output_;
  error_reader errors_;
  stream out_{child_.output()};
  stream err_{child_.errors()};
  std::unique_ptr<std::array<char, chunk>> buffer_ = std::make_unique<std::array<char, chunk>>();
  bool has_ended_ = false;
  bool stopped_ = false; ///< Told to end.
  steady::time_point kill_at_ = steady::time_point::max();
};

/// What all runs share.
struct exec_state {
  explicit exec_state(exec_commands all) : commands(std::move(all)) {}

  const exec_commands commands;
  group_guard guard;
  std::atomic<bool> has_warned = false;
};

/// A command runs without one, too: with the server's end then dies only what was started itself.
group_guard::place take_place(exec_state& state, TaskContext& task) {
  auto place = state.guard.take_place();
  if (place.error() != 0 && !state.has_warned.exchange(true))
    task.log("warning: if the server is killed, what commands have started may outlive it: no "
             "process can watch over them: "
             + std::string(std::strerror(place.error())));
  return place;
}

nlohmann::json run_command(exec_state& state, TaskContext& task) {
  const auto wanted = read_request(task.args(), state.commands);
  try {
    command_run run(wanted, task, take_place(state, task));
    return run.to_its_end();
  } catch (const start_failure& why) {
    const auto text = "the command " + wanted.name + " did not start: " + why.what();
    if (why.may_pass())
      throw typed_error("not_started", text);
    throw PermanentError(text);
  }
}

} // namespace

Handler exec_handler(exec_commands commands) {
  const auto shared = std::make_shared<exec_state>(std::move(commands));
  // Now, while the process is small: the guard keeps a copy of it.
  if (!shared->commands.empty())
    shared->guard.take_place();
  return [shared](TaskContext& task) { return run_command(*shared, task); };
}

} // namespace errand
