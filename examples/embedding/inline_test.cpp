// The test of a program that embeds the server: no threads, no HTTP, and a clock of its own.
#include <errand/errand.hpp>

#include <iostream>
#include <vector>

using namespace std::chrono_literals;

// The program's own, for a server of whatever sort: who has signed up is reminded a day later.
void add_handlers(errand::TaskServer& server, std::vector<std::string>& outbox) {
  server.handle("welcome", [&](errand::TaskContext& task) -> nlohmann::json {
    outbox.push_back("welcome");
    return server.submit({.kind = "remind", .args = task.args(), .delay = 24h});
  });
  server.handle("remind", [&](errand::TaskContext& task) -> nlohmann::json {
    if (task.args().at("left").get<bool>())
      throw errand::CancelTask("the customer is gone");
    if (task.attempt() == 1)
      throw std::runtime_error("the mail server does not answer"); // so it is tried again
    outbox.push_back("still there?");
    return nullptr;
  });
}

int failures = 0;

void check(bool holds, const char* what) {
  failures += !holds;
  std::cout << (holds ? "ok: " : "FAILED: ") << what << '\n';
}

int main() {
  std::vector<std::string> outbox;
  errand::TaskServer server{errand::Options{}};
  add_handlers(server, outbox);
  auto& clock = server.inline_mode(); // in place of start()

  const auto id = server.submit({.kind = "welcome", .args = {{"left", false}}});
  check(outbox.size() == 1, "a submit has run the task when it returns");
  const auto reminder = server.get(id).result.get<errand::TaskId>();

  check(server.drain() == 0, "what is due later has not run");
  clock.advance(25h);
  check(server.drain() == 2, "it runs when the clock was moved, and so does its retry");
  check(server.get(reminder).attempt == 2 && outbox.back() == "still there?", "which succeeds");

  const auto gone = server.submit({.kind = "remind", .args = {{"left", true}}});
  check(server.get(gone).state == errand::TaskState::cancelled, "who is gone is not reminded");
  return failures == 0 ? 0 : 1;
}
