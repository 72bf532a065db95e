// GET /sleep is answered at once, and a worker does the sleeping: once for each answer, also if the
// program is killed meanwhile.
#include <errand/errand.hpp>

#include <iostream>

int main() try {
  errand::TaskServer server{errand::load_options()}; // errand.toml, ERRAND_PORT, ...
  server.handle("sleep", [](errand::TaskContext& task) -> nlohmann::json {
    if (!task.sleep_for(std::chrono::seconds(5)))
      throw std::runtime_error("told to end"); // so it is done again
    task.log("yes");
    return 5;
  });
  server.route("GET", "/sleep", [](const errand::RouteRequest&) -> errand::RouteReply {
    return {.body = "when i sleep", .task = errand::TaskSpec{.kind = "sleep"}};
  });
  return server.run() ? 0 : 1; // until SIGINT or SIGTERM
} catch (const errand::StartError& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
