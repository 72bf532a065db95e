// How many commands a server runs in a second: tasks of the kind exec that run /bin/true, submitted
// in one batch over HTTP and run by the default number of workers.
// Usage: exec_bench PATH-OF-A-NEW-STORE [TASKS]
#include <errand/errand.hpp>

#include <httplib.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

namespace {

using steady = std::chrono::steady_clock;
using nlohmann::json;

constexpr int usual_tasks = 5000;

int64_t succeeded(httplib::Client& client) {
  const auto answer = client.Get("/v1/stats");
  if (!answer || answer->status != 200)
    throw std::runtime_error("no statistics");
  return json::parse(answer->body).at("counts").at("succeeded");
}

int run(const std::string& path, int tasks) {
  errand::Options options;
  options.store = "sqlite:" + path;
  options.http.port = 0;
  options.log_level = errand::LogLevel::warn;
  options.exec["true"].argv = {"/bin/true"};
  errand::TaskServer server{options};
  server.start();

  httplib::Client client{"127.0.0.1", server.port()};
  client.set_keep_alive(true);
  client.set_tcp_nodelay(true);
  client.set_read_timeout(60);
  json batch{{"tasks", json::array()}};
  for (int i = 0; i < tasks; ++i)
    batch["tasks"].push_back({{"kind", "exec"}, {"args", {{"command", "true"}}}});
  const auto begun = steady::now();
  const auto answer = client.Post("/v1/tasks/batch", batch.dump(), "application/json");
  if (!answer || answer->status != 202)
    throw std::runtime_error("the batch was not accepted");
  while (succeeded(client) < tasks)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const std::chrono::duration<double> took = steady::now() - begun;
  std::cout << tasks << " commands in " << took.count() << " s: " << tasks / took.count()
            << " a second\n";
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "Usage: exec_bench PATH-OF-A-NEW-STORE [TASKS]\n";
    return 2;
  }
  try {
    return run(argv[1], argc > 2 ? std::atoi(argv[2]) : usual_tasks);
  } catch (const std::exception& error) {
    std::cerr << "exec_bench: " << error.what() << '\n';
    return 1;
  }
}
