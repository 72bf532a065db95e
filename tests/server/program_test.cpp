// The program `errand` as a shell sees it: exit statuses, standard output and error, signals.

#include "tests/support/catch.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace errand::test;

namespace {

struct outcome {
  int exit_status;
  std::string out, err;
};

std::string content_of(const std::string& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

/// Runs the program in `folder` with nothing but `environment`, until it ends.
outcome run(const temp_folder& folder, std::vector<std::string> arguments,
            std::vector<std::string> environment = {}) {
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts)
      result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  };
  const auto out = folder.file("stdout"), err = folder.file("stderr");
  const auto place = std::filesystem::path(out).parent_path().string();
  arguments.insert(arguments.begin(), ERRAND_PROGRAM);
  const auto argv = pointers(arguments);
  const auto envp = pointers(environment);
  const pid_t child = fork();
  if (child == 0) {
    if (chdir(place.c_str()) != 0 || !freopen(out.c_str(), "w", stdout)
        || !freopen(err.c_str(), "w", stderr))
      _exit(126);
    execve(ERRAND_PROGRAM, argv.data(), envp.data());
    _exit(127);
  }
  int wait_status = 0;
  REQUIRE(waitpid(child, &wait_status, 0) == child);
  REQUIRE(WIFEXITED(wait_status));
  return {WEXITSTATUS(wait_status), content_of(out), content_of(err)};
}

} // namespace

TEST_CASE("the program tells help and version on standard output") {
  const temp_folder folder;
  const auto help = run(folder, {});
  CHECK(help.exit_status == 0);
  CHECK(help.out.find("serve") != std::string::npos);
  CHECK(help.err.empty());
  const auto version = run(folder, {"--version"});
  CHECK(version.exit_status == 0);
  CHECK(version.out == "errand " ERRAND_VERSION "\n");
}

TEST_CASE("with wrong settings nothing starts: status 2, all of them on standard error") {
  const temp_folder folder;
  std::ofstream(folder.file("errand.toml")) << "workers.count = \"4\"\n";
  const auto [status, out, err] =
      run(folder, {"serve", "--port", "x"}, {"ERRAND_LOG_LEVEL=loud", "ERRAND_STORE=sqlite:a.db"});
  CHECK(status == 2);
  CHECK(out.empty());
  CHECK(err
        == "errand: errand.toml:1:17: workers.count is \"4\" (a string), but must be a whole "
           "number from 0"
           " to 1024\n"
           "errand: ERRAND_LOG_LEVEL is \"loud\", but must be trace, debug, info, warn, error or"
           " off\n"
           "errand: --port is \"x\", but must be a whole number from 0 to 65535\n");
  CHECK_FALSE(std::filesystem::exists(folder.file("a.db")));
}

TEST_CASE("the program reads environment, file and flags") {
  const temp_folder folder;
  std::ofstream(folder.file("errand.toml")) << "workers.count = 4\nclaim_ahead = 5\n";
  const auto [status, out, err] = run(folder, {"check-config"}, {"ERRAND_WORKERS=7", "OTHER=1"});
  CHECK(status == 0);
  CHECK(err.empty());
  CHECK(out.find("count = 7 ") != std::string::npos);
  CHECK(out.find("claim_ahead = 5 ") != std::string::npos);
}

TEST_CASE("a server that can't start says why and exits with 1") {
  const temp_folder folder;
  const auto [status, out, err] =
      run(folder, {"serve", "--port", "0", "--store", "sqlite:no/such/folder/errand.db"});
  CHECK(status == 1);
  CHECK(err.find("no/such/folder") != std::string::npos);
}

TEST_CASE("a server is healthy until it is told to stop, and then exits with 0") {
  const temp_folder folder;
  std::ofstream(folder.file("some.toml")) << "workers.count = 2\n";
  server_process server(ERRAND_PROGRAM,
                        {"serve", "--store", "sqlite::memory:", "--log-level", "debug", "--config",
                         folder.file("some.toml")},
                        folder.file("log"));
  CHECK(server.log().find(folder.file("some.toml")) != std::string::npos);

  const auto port = "ERRAND_PORT=" + std::to_string(server.port());
  const auto healthy = run(folder, {"health"}, {port});
  CHECK(healthy.exit_status == 0);
  CHECK(healthy.out == "ready\n");

  server.signal(SIGTERM);
  const auto ended = server.wait_for_end();
  REQUIRE(ended);
  CHECK(WIFEXITED(*ended));
  CHECK(WEXITSTATUS(*ended) == 0);
  CHECK(run(folder, {"health"}, {port}).exit_status == 1);
}

TEST_CASE("a second server on the same port says why it can't start and exits with 1") {
  const temp_folder folder;
  server_process server(ERRAND_PROGRAM, {"serve", "--store", "sqlite::memory:"},
                        folder.file("log"));
  const auto port = std::to_string(server.port());
  const auto [status, out, err] =
      run(folder, {"serve", "--store", "sqlite::memory:", "--port", port});
  CHECK(status == 1);
  CHECK(err.find(port) != std::string::npos);
}
