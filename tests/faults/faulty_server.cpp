// A server whose handlers do what handlers should not, for the fault tests.
// faulty_server --store URL --workers N --drain-timeout SECONDS --timeout-grace SECONDS --port N
//   --log-format json

#include <errand/errand.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <pthread.h>
#include <semaphore>

namespace {

errand::Options read_options(int argc, char** argv) {
  errand::Options options;
  options.log_format = errand::LogFormat::json;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!std::strcmp(argv[i], "--store"))
      options.store = argv[i + 1];
    if (!std::strcmp(argv[i], "--workers"))
      options.workers = std::strtoul(argv[i + 1], nullptr, 10);
    if (!std::strcmp(argv[i], "--drain-timeout"))
      options.drain_timeout = errand::Seconds{std::strtod(argv[i + 1], nullptr)};
    if (!std::strcmp(argv[i], "--timeout-grace"))
      options.timeout_grace = errand::Seconds{std::strtod(argv[i + 1], nullptr)};
    if (!std::strcmp(argv[i], "--port"))
      options.http.port = static_cast<uint16_t>(std::strtoul(argv[i + 1], nullptr, 10));
  }
  return options;
}

} // namespace

int main(int argc, char** argv) {
  errand::TaskServer server{read_options(argc, argv)};
  server.handle("throw", [](errand::TaskContext&) -> nlohmann::json {
    throw std::runtime_error("the partner hung up");
  });
  server.handle("throw_int", [](errand::TaskContext&) -> nlohmann::json { throw 42; });
  server.handle("not_utf8", [](errand::TaskContext&) -> nlohmann::json { return "\xff\xfe"; });
  server.handle("permanent", [](errand::TaskContext&) -> nlohmann::json {
    throw errand::PermanentError("no such customer");
  });
  server.handle("third_time", [](errand::TaskContext& task) -> nlohmann::json {
    if (task.attempt() < 3)
      throw std::runtime_error("not yet");
    return task.attempt();
  });
  server.handle("later", [](errand::TaskContext& task) -> nlohmann::json {
    if (task.attempt() < 3)
      throw errand::RetryLater(std::chrono::milliseconds{50}, "the partner is closed");
    return nullptr;
  });
  server.handle("abort", [](errand::TaskContext&) -> nlohmann::json { std::abort(); });
  server.handle("exit_thread",
                [](errand::TaskContext&) -> nlohmann::json { pthread_exit(nullptr); });
  // Never ends, whatever it is told.
  server.handle("stubborn", [](errand::TaskContext&) -> nlohmann::json {
    std::binary_semaphore never{0};
    never.acquire();
    return nullptr;
  });
  server.handle("heedful", [](errand::TaskContext& task) -> nlohmann::json {
    while (task.sleep_for(std::chrono::hours{1}))
      continue;
    throw std::runtime_error("I stop");
  });
  // Says how far it is, three times.
  server.handle("talkative", [](errand::TaskContext& task) -> nlohmann::json {
    for (int step = 1; step <= 3; ++step) {
      task.log("step " + std::to_string(step));
      task.progress(step / 3.0, "step " + std::to_string(step) + " of 3");
      task.sleep_for(std::chrono::milliseconds{20});
    }
    return nullptr;
  });
  // Notes when it began and ended, by the clock that all processes of a machine share.
  server.handle("clocked", [](errand::TaskContext& task) -> nlohmann::json {
    const auto now = [] { return std::chrono::steady_clock::now().time_since_epoch().count(); };
    const auto from = now();
    task.sleep_for(std::chrono::milliseconds{10});
    return {{"from", from}, {"until", now()}};
  });
  // Ends when it is told to.
  server.handle("obedient", [](errand::TaskContext& task) -> nlohmann::json {
    while (task.sleep_for(std::chrono::hours{1}))
      continue;
    return nullptr;
  });
  try {
    if (!server.run())
      std::_Exit(0);
    return 0;
  } catch (const errand::StartError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
