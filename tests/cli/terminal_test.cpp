// What the client does with a terminal: a progress bar, colours, `errand top`. The terminal has 100
// columns and 30 rows.

#include "tests/cli/client_fixture.hpp"

#include "cli/client/display_width.hpp"
#include "tests/support/answering_server.hpp"

#include <atomic>
#include <csignal>
#include <sstream>

using namespace errand::test;

namespace {

const std::string taken = "\x1b[?1049h\x1b[?25l";
const std::string given_back = "\x1b[?25h\x1b[?1049l";

} // namespace

TEST_CASE("submit --wait draws a progress bar on a terminal, and wipes it") {
  std::atomic<int> asked{0};
  const answering_server server([&](const seen_request&, answering_server::connection& c) {
    switch (++asked) {
    case 1:
      return void(c.send(response(202, R"({"id":"a","kind":"resize","state":"queued"})")));
    case 2:
      return void(c.send(response(200, R"({"id":"a","kind":"resize","state":"running","attempt":2,)"
                                       R"("progress":{"fraction":0.5,"message":"page 3"}})")));
    default:
      return void(c.send(response(200, R"({"id":"a","state":"succeeded","result":{"n":1}})")));
    }
  });
  program_run run(command_for(server.url(""), {"submit", "resize", "--wait"}, true));
  CHECK(run.wait_for_end() == 0);
  const auto out = run.out();
  INFO(out);
  CHECK(contains(out, "\r\x1b[Kresize queued  "));
  CHECK(contains(out, "\r\x1b[Kresize running, attempt 2  [" + std::string(17, '#')
                          + std::string(16, ' ') + "]  50 % page 3  "));
  CHECK(out.ends_with("\r\x1b[K{\"n\":1}\r\n"));
  CHECK(server.seen().at(1).target == "/v1/tasks/a?wait_s=1.0");
}

TEST_CASE("Ctrl-C on the terminal wipes the bar and says how the task is found") {
  const client_fixture f;
  program_run run(command_for(f.url, {"submit", "noop", "--delay", "100", "--wait"}, true));
  REQUIRE(run.says("noop scheduled"));
  run.type("\x03");
  CHECK(run.wait_for_end() == 128 + SIGINT);
  CHECK(contains(run.out(), "\r\x1b[Kerrand: task "));
}

TEST_CASE("states are coloured on a terminal unless NO_COLOR is set or it is dumb") {
  const client_fixture f;
  f.submitted({"noop", "--delay", "100"});
  f.run({"submit", "noop", "--wait"});
  auto setup = command_for(f.url, {"list"}, true);
  CHECK(contains(run_to_end(setup).out, "\x1b[32msucceeded\x1b[0m"));
  setup.environment.push_back("NO_COLOR=1");
  const auto plain = run_to_end(setup).out;
  CHECK(contains(plain, "succeeded"));
  CHECK_FALSE(contains(plain, "\x1b"));
  setup.environment = {"ERRAND_URL=" + f.url, "TERM=dumb"};
  CHECK_FALSE(contains(run_to_end(setup).out, "\x1b"));
}

TEST_CASE("a line of a list is no longer than the terminal is wide") {
  const client_fixture f;
  f.submitted({"noop", "--delay", "100", "--queue", std::string(120, 'q')});
  auto setup = command_for(f.url, {"list"}, true);
  setup.environment.push_back("NO_COLOR=1");
  std::istringstream lines(run_to_end(setup).out);
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r'))
      line.pop_back();
    CHECK(errand::client::display_width(line) <= 100);
  }
  CHECK(contains(run_to_end(setup).out, "qqq…"));
  CHECK(contains(f.run({"list"}).out, std::string(120, 'q')));
}

TEST_CASE("top takes the terminal over, redraws, and gives it back at q") {
  const client_fixture f;
  program_run run(command_for(f.url, {"top"}, true));
  REQUIRE(run.says("scheduled 0"));
  CHECK(run.out().starts_with(taken));
  f.submitted({"noop", "--delay", "100"});
  CHECK(run.says("scheduled 1"));
  run.type("x"); // No key of it; not even shown.
  run.type("q");
  CHECK(run.wait_for_end() == 0);
  CHECK(run.out().ends_with(given_back));
  CHECK_FALSE(contains(run.out(), "xq"));
}

TEST_CASE("top gives the terminal back when a signal ends it") {
  const client_fixture f;
  const auto number = GENERATE(SIGINT, SIGTERM, SIGHUP);
  program_run run(command_for(f.url, {"top"}, true));
  REQUIRE(run.says("scheduled 0"));
  if (number == SIGINT)
    run.type("\x03");
  else
    run.signal(number);
  CHECK(run.wait_for_end() == 128 + number);
  CHECK(run.out().ends_with(given_back));
}

TEST_CASE("top goes on when the server is away, and says so") {
  client_fixture f;
  program_run run(command_for(f.url, {"top"}, true));
  REQUIRE(run.says("scheduled 0"));
  f.server.kill();
  CHECK(run.says("no answer from " + f.url));
  run.type("q");
  CHECK(run.wait_for_end() == 0);
}
