// GET /five is answered at once; the task behind it results in 5, or in `n` of /five?n=7.
#include <errand/errand.hpp>

#include <iostream>

int main() try {
  errand::TaskServer server{errand::load_options()};
  server.handle("five", [](errand::TaskContext& task) -> nlohmann::json {
    return std::stoi(task.args().value("n", "5"));
  });
  server.route("GET", "/five", [](const errand::RouteRequest& request) -> errand::RouteReply {
    const std::string n{request.query("n").value_or("5")};
    return {.body = "soon\n", .task = errand::TaskSpec{.kind = "five", .args = {{"n", n}}}};
  });
  return server.run() ? 0 : 1; // until SIGINT or SIGTERM
} catch (const errand::StartError& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
