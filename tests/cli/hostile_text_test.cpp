// Nothing that a server, or whoever filled its tasks, says can move a terminal's cursor.

#include "tests/cli/client_fixture.hpp"
#include "tests/support/answering_server.hpp"

#include <algorithm>

using namespace errand::test;
using nlohmann::json;

namespace {

/// Clears a screen in both of its forms, rings, hides text, turns it round.
const std::string hostile = "a\x1b[2J\x07\x7f\xc2\x9b"
                            "2J\xe2\x80\xae\rb\nc";

bool is_harmless(const std::string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7f)
      return false;
  }
  return !contains(text, "\xc2\x9b") && !contains(text, "\xe2\x80\xae");
}

/// Answers every request with things that are named so.
std::string answer_of(const seen_request& request) {
  const json evil = hostile;
  const json task{{"id", evil},
                  {"kind", evil},
                  {"state", "failed"},
                  {"queue", evil},
                  {"args", {{hostile, evil}}},
                  {hostile, evil},
                  {"created_at", evil},
                  {"warnings", {evil}},
                  {"error", {{"type", evil}, {"message", evil}}},
                  {"progress", {{"fraction", 0.5}, {"message", evil}}},
                  {"attempts", {{{"number", 1}, {"outcome", evil}, {"worker", evil}}}}};
  const auto& target = request.target;
  if (target.ends_with("/explain"))
    return json{{"state", evil}, {"reasons", {{{"code", evil}, {"detail", evil}}}}}.dump();
  if (target.ends_with("/log"))
    return "2026-11-22T21:00:00.123Z #1 " + hostile + "\n" + hostile;
  if (target.starts_with("/v1/queues"))
    return json{{"queues", {{{"name", evil}, {"rate", {{"limit", evil}}}}}}}.dump();
  if (target.starts_with("/v1/schedules"))
    return json{
        {"schedules", {{{"name", evil}, {"cron", evil}, {"last_outcome", {{"outcome", evil}}}}}}}
        .dump();
  if (target.starts_with("/v1/workers"))
    return json{{"workers", {{{"name", evil}, {"state", evil}, {"task", evil}}}},
                {"lease_workers", {{{"name", evil}, {"queues", {evil}}}}}}
        .dump();
  if (target.starts_with("/v1/stats"))
    return json{{"counts", {{"queued", evil}}}, {"connections", evil}}.dump();
  if (target.starts_with("/v1/tasks?"))
    return json{{"tasks", {task}}, {"next_cursor", nullptr}}.dump();
  return task.dump();
}

} // namespace

TEST_CASE("what a server answers can't send a terminal anything but text") {
  const answering_server server([](const seen_request& request, answering_server::connection& c) {
    c.send(response(200, answer_of(request)));
  });
  const auto arguments = GENERATE(values<std::vector<std::string>>({
      {"get", "a"},
      {"list"},
      {"log", "a"},
      {"explain", "a"},
      {"queues"},
      {"queues", "pause", "a"},
      {"schedules"},
      {"schedules", "run", "a"},
      {"workers"},
      {"top"},
      {"cancel", "a"},
      {"submit", "echo"},
      {"submit", "echo", "--wait"},
  }));
  for (const bool as_json : {false, true}) {
    auto all = arguments;
    if (as_json)
      all.push_back("--json");
    const auto [status, out, err] = run_to_end(command_for(server.url(""), all));
    INFO(all[0] << ' ' << out << err);
    const bool waits = std::count(all.begin(), all.end(), "--wait") > 0;
    CHECK(status == (waits ? 1 : 0)); // which ends as failed
    CHECK_FALSE((out + err).empty());
    CHECK(is_harmless(out));
    CHECK(is_harmless(err));
  }
}

TEST_CASE("a refusal can't, either") {
  const answering_server server([](const seen_request&, answering_server::connection& c) {
    c.send(response(422, json{{"title", hostile},
                              {"detail", hostile},
                              {"errors", {{{"pointer", hostile}, {"detail", "x" + hostile}}}}}
                             .dump()));
  });
  const auto [status, out, err] = run_to_end(command_for(server.url(""), {"workers"}));
  CHECK(status == 3);
  CHECK(is_harmless(err));
}

TEST_CASE("JSON keeps what it says: escapes stand for what would move the cursor") {
  const client_fixture f;
  const auto args = json(hostile).dump();
  const auto [status, out, err] = f.run({"submit", "echo", "--wait", "--args", args});
  CHECK(status == 0);
  CHECK(is_harmless(out));
  CHECK(json::parse(out) == json(hostile));
  CHECK(f.json_of({"submit", "echo", "--wait", "--args", args, "--json"})["result"]
        == json(hostile));
}
