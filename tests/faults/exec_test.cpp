// Commands of a real server: they have nothing of it, and they die with it.

#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <csignal>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace errand::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

struct exec_server {
  exec_server() {
    std::ofstream config{folder.file("errand.toml")};
    // exec takes the shell's place: so the pid is the command's.
    config << "[exec.sleep]\nargv = [\"/bin/sh\", \"-c\", \"echo $$ > " << pid_file
           << "; exec sleep 1000\"]\n"
           << "[exec.stubborn]\nargv = [\"/bin/sh\", \"-c\", \"trap '' TERM; echo $$ > " << pid_file
           << "; while :; do sleep 1; done\"]\ngrace_s = 0.3\n"
           << "[exec.family]\nargv = [\"/bin/sh\", \"-c\", \"trap '' TERM; echo $$ > " << pid_file
           << "; sleep 987 & echo $! > " << child_file
           << "; sh -c 'sleep 987 >/dev/null 2>&1 & echo $! > " << grandchild_file
           << "; wait' & wait\"]\n"
           << "[exec.files]\nargv = [\"/bin/sh\", \"-c\", \"n=0; while [ $n -lt 300 ]; do [ -e"
              " /proc/$$/fd/$n ] && printf '%s ' $n; n=$((n+1)); done\"]\n";
  }

  server_process start() const {
    return {ERRAND_PROGRAM,
            {"serve", "--config", folder.file("errand.toml"), "--store",
             "sqlite:" + folder.file("tasks.db"), "--workers", "2"},
            folder.file("log")};
  }

  static std::string run(const server_process& server, const std::string& command,
                         json spec = json::object()) {
    auto client = server.client();
    spec["kind"] = "exec";
    spec["args"] = {{"command", command}};
    const auto task = submit(client, spec);
    REQUIRE(task);
    return task->at("id");
  }

  static json wait_until(const server_process& server, const std::string& id,
                         const std::string& state) {
    auto client = server.client();
    json task;
    CHECK(eventually([&] { return (task = get_task(client, id))["state"] == state; }));
    return task;
  }

  /// Of the command, once it runs.
  pid_t pid() const { return pid_in(pid_file); }

  /// Once it stands in that file.
  static pid_t pid_in(const std::string& file) {
    pid_t pid = 0;
    CHECK(eventually([&] { return std::ifstream{file} >> pid && pid > 0; }));
    return pid;
  }

  temp_folder folder;
  const std::string pid_file = folder.file("pid");
  const std::string child_file = folder.file("child");
  const std::string grandchild_file = folder.file("grandchild");
};

/// Whoever was orphaned is reaped by the system's first process.
bool dies(pid_t pid) {
  return eventually([pid] { return ::kill(pid, 0) != 0; }, 5s);
}

} // namespace

TEST_CASE_METHOD(exec_server, "a command dies with a server that is killed, and its task runs"
                              " again") {
  std::string id;
  {
    auto server = start();
    id = run(server, "sleep");
    const auto child = pid();
    REQUIRE(::kill(child, 0) == 0);
    server.kill();
    CHECK(dies(child));
  }
  std::ofstream{pid_file};
  auto server = start();
  const auto child = pid();
  CHECK(wait_until(server, id, "running")["attempt"] == 2);
  server.kill();
  CHECK(dies(child));
}

TEST_CASE_METHOD(exec_server, "what a command has started dies with a server that is killed, also"
                              " if it ignores SIGTERM") {
  auto server = start();
  run(server, "family");
  const auto child = pid_in(child_file), grandchild = pid_in(grandchild_file);
  REQUIRE(::getpgid(child) == pid());
  REQUIRE(::getpgid(grandchild) == pid());
  server.kill();
  CHECK(dies(pid()));
  CHECK(dies(child));
  CHECK(dies(grandchild));
}

TEST_CASE_METHOD(exec_server,
                 "a command has no file of the server: no socket, no store, no epoll") {
  auto server = start();
  CHECK(wait_until(server, run(server, "files"), "succeeded")["result"] == "0 1 2 ");
}

TEST_CASE_METHOD(exec_server, "a cancelled command ends, and its task is cancelled") {
  auto server = start();
  const auto id = run(server, "stubborn");
  const auto child = pid();
  auto client = server.client();
  REQUIRE(client.Post("/v1/tasks/" + id + "/cancel"));
  CHECK(wait_until(server, id, "cancelled")["attempts"][0]["error"]["type"] == "stopped");
  CHECK(dies(child));
}

TEST_CASE_METHOD(exec_server, "a command whose time is over ends, and its task failed by timeout") {
  auto server = start();
  const auto id = run(server, "stubborn", {{"timeout_s", 0.2}, {"max_attempts", 1}});
  const auto child = pid();
  CHECK(wait_until(server, id, "failed")["error"]["type"] == "timeout");
  CHECK(dies(child));
}

TEST_CASE_METHOD(exec_server, "a server that stops ends its commands and puts their tasks back") {
  std::string id;
  pid_t child = 0;
  {
    server_process server{ERRAND_PROGRAM,
                          {"serve", "--config", folder.file("errand.toml"), "--store",
                           "sqlite:" + folder.file("tasks.db"), "--drain-timeout", "0.1"},
                          folder.file("log")};
    id = run(server, "stubborn");
    child = pid();
    server.signal(SIGTERM);
    const auto end = server.wait_for_end();
    REQUIRE(end);
    CHECK(*end == 0);
  }
  CHECK(dies(child));
  auto server = start();
  CHECK(wait_until(server, id, "running")["attempts"].size() == 1);
}
