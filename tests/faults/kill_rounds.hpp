// Lives of one server program on one store, each ended by SIGKILL at a random moment under load.
#pragma once

#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"

#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace errand::test {

/// How the server is started.
struct server_command {
  std::string program;
  std::vector<std::string> arguments;
  std::string log_file;
};

/// Each client does work(server), in a thread of its own, until the server is gone. `round` counts
/// from 0.
template <class Client>
void live_and_kill_once(const server_command& command, int round, std::vector<Client>& clients,
                        std::mt19937& random) {
  server_process server{command.program, command.arguments, command.log_file};
  std::vector<std::thread> threads;
  for (auto& client : clients)
    threads.emplace_back([&] { client.work(server); });
  // Lives grow longer, so that on a slow machine, too, some see work done.
  const auto longest = 150U * (1 + static_cast<unsigned>(round) / 4);
  const auto moment =
      std::chrono::steady_clock::now() + std::chrono::milliseconds{random() % longest};
  eventually([&] { return std::chrono::steady_clock::now() >= moment; });
  server.kill();
  for (auto& thread : threads)
    thread.join();
}

/// `after_each` finds what the killed server left.
template <class Client>
void live_and_kill(
    const server_command& command, int rounds, std::vector<Client>& clients, std::mt19937& random,
    const std::function<void()>& after_each = [] {}) {
  for (int round = 0; round < rounds; ++round) {
    live_and_kill_once(command, round, clients, random);
    after_each();
  }
}

} // namespace errand::test
