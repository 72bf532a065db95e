// The kind exec, with real programs: what they get, what becomes of their end, and that nothing of
// them stays.
#include "handlers/exec.hpp"
#include "tests/handlers/attempt_fixture.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temp_folder.hpp"

#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

using steady = std::chrono::steady_clock;

ExecCommand shell(const std::string& script) {
  ExecCommand command;
  command.argv = {"/bin/sh", "-c", script};
  command.grace = Seconds(0.3);
  return command;
}

/// The handler of that one command, which is called "it".
Handler handler_of(const ExecCommand& command) {
  auto prepared = prepare_commands({{"it", command}});
  for (const auto& fault : prepared.faults)
    FAIL(fault.key << ' ' << fault.text);
  return exec_handler(std::move(prepared.commands));
}

struct exec_fixture : attempt_fixture {
  attempt_report run_it(const ExecCommand& command, const json& args = json::object()) {
    return run(handler_of(command), {{"command", "it"}, {"args", args}});
  }

  /// Runs it in a thread of its own until it is `ready`, cancels it, and waits for its end. How
  /// long that took.
  template <class Ready>
  std::chrono::duration<double> cancel_when(Ready ready, const ExecCommand& command) {
    std::thread worker{[&] { report = run_it(command); }};
    CHECK(eventually(ready));
    const auto told = steady::now();
    cancel();
    worker.join();
    return steady::now() - told;
  }

  attempt_report report;
  temp_folder folder;
};

bool is_alive(pid_t pid) {
  std::ifstream status{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text;
  std::getline(status, text);
  // A zombie whose parent has not looked yet is dead enough.
  return !text.empty() && text.find(") Z ") == text.npos;
}

/// The process whose number stands in that file; 0 as long as there is none.
pid_t pid_in(const std::string& file) {
  pid_t pid = 0;
  std::ifstream{file} >> pid;
  return pid;
}

} // namespace

TEST_CASE_METHOD(exec_fixture, "a command gets its args as JSON, as variables and in its argv") {
  traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  auto command = shell("cat; printf '|%s|%s|%s|%s|%s' \"$ERRAND_ARG_WIDTH\" \"$ERRAND_TASK_ID\" "
                       "\"$ERRAND_ATTEMPT\" \"$TRACEPARENT\" \"$1\"");
  command.argv.insert(command.argv.end(), {"sh", "{width}px"});
  const json args{{"width", 100}, {"list", {1, 2}}};
  CHECK(result_of(run_it(command, args))
        == args.dump() + "|100|" + ref.id.to_string() + "|3|" + traceparent + "|100px");
}

TEST_CASE_METHOD(exec_fixture, "what a shell would take for its own stays text") {
  const auto file = folder.file("made");
  const auto text =
      "'; touch " + file + "; $(touch " + file + ") `touch " + file + "` > " + file + " & | \"\n*";
  ExecCommand command;
  command.argv = {"/usr/bin/printf", "%s", "{text}"};
  CHECK(result_of(run_it(command, {{"text", text}})) == text);
  // Also where a shell is the program: what it gets as an argument is no script.
  auto as_argument = shell("printf %s \"$1$ERRAND_ARG_TEXT\"");
  as_argument.argv.insert(as_argument.argv.end(), {"sh", "{text}"});
  CHECK(result_of(run_it(as_argument, {{"text", text}})) == text + text);
  CHECK(!std::ifstream{file});
}

TEST_CASE_METHOD(exec_fixture, "a command is given the environment of its table and no other") {
  setenv("ERRAND_TEST_SECRET", "x", 1);
  ExecCommand command;
  command.argv = {"/usr/bin/env", "-0"};
  command.environment = {{"TZ", "Europe/Berlin"}, {"LANG", "de_DE.UTF-8"}};
  auto all = result_of(run_it(command, {{"n", 1}})).get<std::string>();
  unsetenv("ERRAND_TEST_SECRET");
  strings names;
  for (size_t end = 0; (end = all.find('\0')) != all.npos; all.erase(0, end + 1))
    names.push_back(all.substr(0, all.find('=')));
  std::sort(names.begin(), names.end());
  CHECK(
      names
      == strings{"ERRAND_ARG_N", "ERRAND_ATTEMPT", "ERRAND_TASK_ID", "HOME", "LANG", "PATH", "TZ"});
}

TEST_CASE_METHOD(exec_fixture, "a command has no open files but its own three, and few to come") {
  // As a careless library leaves them: inherited by every program that is executed.
  const int careless = open("/dev/null", O_RDONLY);
  REQUIRE(careless > 2);
  const auto numbers = "n=0; while [ $n -lt 300 ]; do [ -e /proc/$$/fd/$n ] && echo $n; "
                       "n=$((n+1)); done; ulimit -n";
  const auto result = result_of(run_it(shell(numbers)));
  close(careless);
  std::istringstream in{result.get<std::string>()};
  std::vector<int> found{std::istream_iterator<int>{in}, {}};
  REQUIRE(found.size() == 4);
  CHECK(found.back() <= 1024);
  found.pop_back();
  CHECK(found == std::vector<int>{0, 1, 2});
}

TEST_CASE_METHOD(exec_fixture, "a command leads a session of its own, with signals as usual") {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t some, before;
  sigemptyset(&some);
  sigaddset(&some, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &some, &before);
  // Without a child: while it waits for one, a shell blocks signals itself.
  auto command = shell("read -r all </proc/$$/stat; set -- $all; echo $1 $5 $6;"
                       "while read -r name value; do case $name in Sig[BI]*) echo $name $value;;"
                       " esac; done </proc/$$/status; pwd");
  command.directory = "/usr";
  const auto text = result_of(run_it(command)).get<std::string>();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::istringstream in{text};
  pid_t pid = 0, group = 0, session = 0;
  std::string blocked_name, blocked, ignored_name, ignored, directory;
  in >> pid >> group >> session >> blocked_name >> blocked >> ignored_name >> ignored >> directory;
  INFO(text);
  CHECK(group == pid);
  CHECK(session == pid);
  CHECK(pid != getpid());
  CHECK(blocked == "0000000000000000");
  CHECK(ignored == "0000000000000000");
  CHECK(directory == "/usr");
}

TEST_CASE_METHOD(exec_fixture, "how a command ends is how its attempt ends") {
  struct row {
    std::string script;
    attempt_outcome outcome;
    std::string type, message;
  };
  using what = attempt_outcome;
  const auto r = GENERATE(values<row>({
      {"exit 0", what::succeeded, "", ""},
      {"exit 75", what::failed, "temporary", "the command it ended with exit status 75"},
      {"exit 1", what::failed, "exit_status", "the command it ended with exit status 1"},
      {"echo first >&2; echo no such picture >&2; exit 3", what::failed, "exit_status",
       "the command it ended with exit status 3: first\nno such picture"},
      {"kill -9 $$", what::failed, "signal", "the command it was ended by signal 9"},
      {"printf '\\377'", what::failed_for_good, "permanent",
       "the command's standard output is neither JSON nor UTF-8 text, so it can't be a result; let"
       " the command write it to a file and print its name"},
  }));
  INFO(r.script);
  const auto ended = run_it(shell(r.script));
  CHECK(ended.outcome == r.outcome);
  CHECK(ended.error_type == r.type);
  CHECK(ended.error_message == r.message);
}

TEST_CASE_METHOD(exec_fixture, "standard error is the task's log, and progress is its progress") {
  const auto ended =
      run_it(shell("echo one >&2; echo '::progress 0.5 half'; echo two >&2; echo 7"));
  CHECK(result_of(ended) == 7);
  CHECK(lines() == strings{"one", "two"});
  REQUIRE(progress().size() == 1);
  CHECK(progress()[0] == task_progress{0.5, "half"});
}

TEST_CASE_METHOD(exec_fixture, "lines and progress come while the command still runs") {
  cancel_when([this] { return !lines().empty() && !progress().empty(); },
              shell("echo here >&2; echo '::progress 0.1'; sleep 1000"));
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.error_type == "stopped");
}

TEST_CASE_METHOD(exec_fixture, "args larger than any pipe reach a command, also one that reads"
                               " none") {
  const json args{{"text", std::string(1'000'000, 'x')}};
  CHECK(result_of(run_it(shell("wc -c"), args)) == args.dump().size());
  CHECK(result_of(run_it(shell("echo ok"), args)) == "ok");
}

TEST_CASE_METHOD(exec_fixture, "args that are wrong fail for good and say what is") {
  const auto handler = handler_of(shell("exit 0"));
  const auto [args, part] = GENERATE(table<json, std::string>({
      {nullptr, "it got no command"},
      {{{"command", 7}}, "it got no command"},
      {{{"command", "it"}, {"arg", 1}}, "knows no \"arg\""},
      {{{"command", "it"}, {"args", {1}}}, "the inner args must be an object"},
      {{{"command", "itt"}}, "no command is called \"itt\"; did you mean \"it\"?"},
      {{{"command", "rm"}}, "no command is called \"rm\"; errand.toml names them"},
  }));
  const auto ended = run(handler, args);
  CHECK(ended.outcome == attempt_outcome::failed_for_good);
  INFO(ended.error_message);
  CHECK(ended.error_message.find(part) != std::string::npos);
  const auto none = run(exec_handler({}), {{"command", "it"}});
  CHECK(none.outcome == attempt_outcome::failed_for_good);
  CHECK(none.error_message.starts_with("no commands are configured"));
}

TEST_CASE_METHOD(exec_fixture, "a program that is gone or never was is told") {
  const auto program = folder.file("program");
  std::ofstream{program} << "#!/bin/sh\n";
  ExecCommand command;
  command.argv = {program};
  CHECK(prepare_commands({{"it", command}}).faults.size() == 1); // not executable
  REQUIRE(chmod(program.c_str(), 0755) == 0);
  const auto handler = handler_of(command);
  CHECK(run(handler, {{"command", "it"}}).outcome == attempt_outcome::succeeded);
  REQUIRE(unlink(program.c_str()) == 0);
  const auto ended = run(handler, {{"command", "it"}});
  CHECK(ended.outcome == attempt_outcome::failed_for_good);
  CHECK(ended.error_message
        == "the command it did not start: cannot run " + program + ": No such file or directory");
}

TEST_CASE("what of a command this machine does not have is told before anything runs") {
  ExecCommand command;
  command.argv = {"/no/such/program"};
  command.directory = "/etc/passwd";
  command.user = "nobody-is-called-so";
  const auto faults = prepare_commands({{"it", command}}).faults;
  REQUIRE(faults.size() == 3);
  CHECK(faults[0].key == "user");
  CHECK(faults[1].key == "argv");
  CHECK(faults[1].text
        == "names the program /no/such/program, which can't be run: No such file or directory");
  CHECK(faults[2].key == "directory");
}

TEST_CASE_METHOD(exec_fixture, "a server that runs as root runs a command as another user, and no"
                               " other server does") {
  auto command = shell("id -un; id -u; echo seen > /dev/stderr; echo $HOME");
  command.user = "nobody";
  if (geteuid() != 0) {
    const auto faults = prepare_commands({{"it", command}}).faults;
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].text.find("only a server that runs as root") != std::string::npos);
    return;
  }
  std::istringstream in{result_of(run_it(command)).get<std::string>()};
  std::string name, home;
  uid_t user = 0;
  in >> name >> user >> home;
  CHECK(name == "nobody");
  CHECK(user != 0);
  CHECK(home == "/nonexistent");
  CHECK(lines() == strings{"seen"});
  CHECK(getuid() == 0);
}

TEST_CASE_METHOD(exec_fixture, "output beyond the limit fails for good and does not fill memory") {
  const auto resident = [] {
    size_t pages = 0, resident_pages = 0;
    std::ifstream{"/proc/self/statm"} >> pages >> resident_pages;
    return resident_pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  };
  const auto before = resident();
  std::atomic<size_t> most = 0;
  std::atomic<bool> done = false;
  std::thread watcher{[&] {
    while (!done) {
      most = std::max(most.load(), resident());
      poll(nullptr, 0, 2);
    }
  }};
  SECTION("the command heeds SIGTERM") {
    report = run_it(shell("head -c 1G /dev/zero"));
  }
  SECTION("it does not, and writes all of it") {
    auto stubborn = shell("trap '' TERM; head -c 1G /dev/zero; echo done >&2");
    stubborn.grace = Seconds(60);
    report = run_it(stubborn);
    CHECK(lines() == strings{"done"});
  }
  SECTION("to standard error, where there is no such limit") {
    report = run_it(shell("yes 'all work and no play' | head -c 1G >&2; head -c 2M /dev/zero"));
  }
  done = true;
  watcher.join();
  CHECK(report.outcome == attempt_outcome::failed_for_good);
  CHECK(report.error_message.find("wrote more than 1048576 bytes") != std::string::npos);
  CHECK(most < before + (64 << 20));
}

TEST_CASE_METHOD(exec_fixture, "a cancelled command gets SIGTERM at once and may clean up") {
  const auto ready = folder.file("ready"), cleaned = folder.file("cleaned");
  const auto took =
      cancel_when([&] { return std::ifstream{ready}.good(); },
                  shell("trap 'echo bye >&2; touch " + cleaned + "; exit 0' TERM; touch " + ready
                        + "; while :; do sleep 0.01; done"));
  CHECK(took < 250ms);
  CHECK(std::ifstream{cleaned}.good());
  CHECK(lines().back() == "bye");
  // It was not done, whatever its exit status says.
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.error_type == "stopped");
}

TEST_CASE_METHOD(exec_fixture,
                 "children of a command that ignore SIGTERM are gone after the grace") {
  const auto pids = folder.file("pids");
  // The command goes at SIGTERM; what it has started ignores it, one with its output closed.
  auto command = shell("(trap '' TERM; sleep 1000 & echo $! > " + pids
                       + "1; wait) & "
                         "(trap '' TERM; exec sleep 1000 >/dev/null 2>&1) & echo $! > "
                       + pids + "2; wait");
  const auto took = cancel_when([&] { return pid_in(pids + "1") && pid_in(pids + "2"); }, command);
  CHECK(took > 250ms);
  CHECK(took < 2s);
  CHECK(eventually([&] { return !is_alive(pid_in(pids + "1")); }, 2s));
  CHECK(eventually([&] { return !is_alive(pid_in(pids + "2")); }, 2s));
}

TEST_CASE_METHOD(exec_fixture, "a command whose time is over is stopped, and that is a timeout") {
  timeout = 100ms;
  const auto begun = steady::now();
  report = run_it(shell("trap '' TERM; echo still here >&2; sleep 1000"));
  CHECK(steady::now() - begun < 2s);
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.error_type == "timeout");
  CHECK(report.error_message.find("still here") != std::string::npos);
}

TEST_CASE_METHOD(exec_fixture, "what a command leaves behind in its group does not outlive it") {
  const auto file = folder.file("pid");
  CHECK(result_of(run_it(shell("sleep 1000 & echo $! > " + file + "; echo 5"))) == 5);
  REQUIRE(pid_in(file) > 0);
  CHECK(eventually([&] { return !is_alive(pid_in(file)); }, 2s));
}

TEST_CASE_METHOD(exec_fixture, "what is written behind a command's end, but soon, still counts") {
  CHECK(result_of(run_it(shell("(sleep 0.1; echo late) & exit 0"))) == "late");
}

TEST_CASE_METHOD(exec_fixture, "another part of the program that waits for all children is told of,"
                               " and hangs nothing") {
  std::signal(SIGCHLD, SIG_IGN);
  report = run_it(shell("exit 0"));
  std::signal(SIGCHLD, SIG_DFL);
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.error_message.find("not known") != std::string::npos);
}
