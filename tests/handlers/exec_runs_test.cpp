// Many runs of commands leave nothing behind. ERRAND_EXEC_RUNS says how many; 10,000 is the claim,
// and fewer keep the everyday tests quick.
#include "handlers/exec.hpp"
#include "tests/handlers/attempt_fixture.hpp"

#include <cstdlib>
#include <filesystem>
#include <sys/wait.h>
#include <thread>

using namespace errand;
using namespace errand::test;
using nlohmann::json;

namespace {

size_t count_in(const char* folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator{folder}, {}));
}

ExecCommand command_of(std::vector<std::string> argv) {
  ExecCommand command;
  command.argv = std::move(argv);
  return command;
}

} // namespace

TEST_CASE("any number of runs, of whatever end, leaves no descriptor, no child and no thread") {
  const char* chosen = std::getenv("ERRAND_EXEC_RUNS");
  const int runs = chosen ? std::atoi(chosen) : 400;
  constexpr int workers = 4;
  auto gone = command_of({"/bin/sh", "-c", "exit 0"});
  auto prepared = prepare_commands({{"true", command_of({"/bin/true"})},
                                    {"false", command_of({"/bin/false"})},
                                    {"talk", command_of({"/bin/echo", "x"})},
                                    {"killed", command_of({"/bin/sh", "-c", "kill -9 $$"})},
                                    {"child", command_of({"/bin/sh", "-c", "true & wait"})},
                                    {"gone", gone}});
  REQUIRE(prepared.faults.empty());
  prepared.commands.at("gone").argv[0] = "/no/such/program"; // fails between fork and exec
  const auto handler = exec_handler(prepared.commands);
  const std::vector<std::string> names{"true", "false", "talk", "killed", "child", "gone"};

  // The process that guards them all comes with the first, and stays; it is no child to wait for.
  REQUIRE(attempt_fixture{}.run(handler, {{"command", "true"}}).outcome
          == attempt_outcome::succeeded);
  const auto files = count_in("/proc/self/fd");
  const auto threads = count_in("/proc/self/task");
  std::atomic<int> succeeded = 0;
  std::vector<std::thread> all;
  for (int worker = 0; worker < workers; ++worker)
    all.emplace_back([&, worker] {
      attempt_fixture attempts;
      for (int i = worker; i < runs; i += workers) {
        const auto& name = names[static_cast<size_t>(i) % names.size()];
        const auto report = attempts.run(handler, {{"command", name}});
        succeeded += report.outcome == attempt_outcome::succeeded;
      }
    });
  for (auto& each : all)
    each.join();
  CHECK(succeeded >= runs / 2 - 2);
  CHECK(succeeded <= runs / 2 + 3);
  CHECK(count_in("/proc/self/fd") == files);
  CHECK(count_in("/proc/self/task") == threads);
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}
