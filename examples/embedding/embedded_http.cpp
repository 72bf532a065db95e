// A program's own routes beside the server's: a page that is answered at once, and three ways to
// have work done behind it.
#include <errand/errand.hpp>

#include <atomic>
#include <iostream>

using errand::RouteReply;
using errand::RouteRequest;

int main() try {
  std::atomic<int> visits = 0; // before the server, whose threads use it to the end
  errand::TaskServer server{errand::load_options()};

  server.handle("greet", [](errand::TaskContext& task) -> nlohmann::json {
    return "Hello, " + task.args().value("name", "you");
  });

  server.route("GET", "/hello", [&](const RouteRequest& request) -> RouteReply {
    // In memory: gone with the process, and gone when it is done.
    server.defer([&visits] { ++visits; });
    return {.body = "Hello, " + std::string(request.query("name").value_or("you")) + "\n"};
  });

  server.route("POST", "/greetings", [](const RouteRequest& request) -> RouteReply {
    // Durable: the answer is sent once the task is on the disk, with its id in Errand-Task-Id.
    return {.status = 202,
            .body = "You will be greeted.\n",
            .task = errand::TaskSpec{.kind = "greet", .args = {{"name", request.body()}}}};
  });

  server.route("GET", "/visits", [&](const RouteRequest&) -> RouteReply {
    return {.body = nlohmann::json{{"visits", visits.load()}}.dump(),
            .content_type = "application/json"};
  });

  return server.run() ? 0 : 1;
} catch (const errand::StartError& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
