// A server, and the program's commands that ask it.
#pragma once

#include "tests/support/catch.hpp"
#include "tests/support/program_run.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace errand::test {

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Of loopback, where nothing listens: only root could, and nobody does.
inline const std::string deserted_url = "http://127.0.0.1:1";

/// A command for the server at `url`, in UTC.
inline program_setup command_for(const std::string& url, std::vector<std::string> arguments,
                                 bool has_terminal = false) {
  program_setup setup{ERRAND_PROGRAM, std::move(arguments)};
  setup.environment = {"ERRAND_URL=" + url, "TZ=UTC", "TERM=xterm"};
  setup.has_terminal = has_terminal;
  return setup;
}

struct client_fixture {
  temp_folder folder;
  server_process server{ERRAND_PROGRAM,
                        {"serve", "--store", "sqlite::memory:", "--workers", "2"},
                        folder.file("log")};
  std::string url = "http://127.0.0.1:" + std::to_string(server.port());

  program_outcome run(std::vector<std::string> arguments, std::string input = "") const {
    auto setup = command_for(url, std::move(arguments));
    setup.input = std::move(input);
    return run_to_end(setup);
  }

  /// Its output, which must be JSON, of a command that must be done.
  nlohmann::json json_of(std::vector<std::string> arguments) const {
    const auto [status, out, err] = run(std::move(arguments));
    INFO(out << err);
    REQUIRE(status == 0);
    return nlohmann::json::parse(out);
  }

  /// The id of a new task.
  std::string submitted(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "submit");
    const auto [status, out, err] = run(std::move(arguments));
    INFO(err);
    REQUIRE(status == 0);
    REQUIRE(out.size() == 37);
    return out.substr(0, 36);
  }
};

} // namespace errand::test
