// `errand events` and `errand log --follow`: streams that go on.

#include "tests/cli/client_fixture.hpp"
#include "tests/support/answering_server.hpp"
#include "tests/support/eventually.hpp"

#include <csignal>
#include <sstream>

using namespace errand::test;
using nlohmann::json;

TEST_CASE("events prints what happens, a line each, of what it was told to") {
  const client_fixture f;
  program_run people(command_for(f.url, {"events", "--kind", "echo"}));
  program_run programs(
      command_for(f.url, {"events", "--types", "task.queued,task.succeeded", "--json"}));
  // Streams begin when they are there; what happened before is not told.
  REQUIRE(eventually([&] {
    f.submitted({"echo"});
    return contains(people.out(), "task.succeeded")
           && contains(programs.out(), "\"event\":\"task.succeeded\"");
  }));
  const auto other = f.submitted({"noop"}), id = f.submitted({"echo"});
  CHECK(people.says("  task.succeeded  " + id + " echo default attempt=1\n"));
  CHECK_FALSE(contains(people.out(), "noop"));
  for (const auto& each : {id, other})
    REQUIRE(programs.says("\"task.succeeded\",\"data\":{\"task\":\"" + each));
  const auto text = programs.out();
  std::istringstream lines(text.substr(0, text.rfind('\n')));
  for (std::string line; std::getline(lines, line);) {
    const auto event = json::parse(line);
    CHECK((event["event"] == "task.queued" || event["event"] == "task.succeeded"));
    CHECK_FALSE(event["id"].get<std::string>().empty());
  }

  people.signal(SIGTERM);
  CHECK(people.wait_for_end() == 128 + SIGTERM);
}

TEST_CASE("a stream that breaks goes on behind its last event") {
  const answering_server server([](const seen_request& request, answering_server::connection& c) {
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                             "Connection: close\r\n\r\n";
    const auto last = request.header("Last-Event-ID");
    if (last.empty())
      c.send(head + "id: 1\n\n: comment\nid: 2\nevent: task.queued\ndata: {\"n\":1}\n\nid: 3\nda");
    else
      c.send(head + "id: 4\nevent: gap\ndata: {\"after\":" + last + "}\n\n");
    c.close();
  });
  program_run run(command_for(server.url(""), {"events", "--json", "--queue", "a&b"}));
  CHECK(run.says("{\"id\":\"2\",\"event\":\"task.queued\",\"data\":{\"n\":1}}\n"
                 "{\"id\":\"4\",\"event\":\"gap\",\"data\":{\"after\":3}}\n"
                 "{\"id\":\"4\",\"event\":\"gap\",\"data\":{\"after\":4}}\n"));
  CHECK(server.seen().front().target == "/v1/events?queue=a%26b");
}

TEST_CASE("events ends when nobody reads it any more") {
  const client_fixture f;
  auto setup = command_for(f.url, {});
  setup.program = "/bin/sh";
  setup.arguments = {"-c", std::string(ERRAND_PROGRAM) + " events | head -n 1"};
  program_run run(setup);
  REQUIRE(eventually([&] {
    f.submitted({"noop"});
    return contains(run.out(), "task.");
  }));
  const auto ended = [&] {
    f.submitted({"noop"});
    return f.json_of({"top", "--json"})["stats"]["connections"] <= 1;
  };
  CHECK(eventually(ended));
  CHECK(run.wait_for_end() == 0);
}

TEST_CASE("log --follow goes on until the task has ended") {
  const client_fixture f;
  const auto id = f.submitted({"sleep", "--args", "{\"seconds\":1}"});
  program_run people(command_for(f.url, {"log", id, "--follow"}));
  program_run programs(command_for(f.url, {"log", id, "-f", "--json"}));
  CHECK(people.wait_for_end() == 0);
  CHECK(people.out().ends_with(" #1 yes\n"));
  CHECK(programs.wait_for_end() == 0);
  CHECK(programs.out().ends_with("\"line\":\"yes\"}\n{\"state\":\"succeeded\"}\n"));
}
