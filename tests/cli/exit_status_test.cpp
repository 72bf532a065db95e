// What a script can tell by the exit status, and what a person reads then.

#include "tests/cli/client_fixture.hpp"
#include "tests/support/answering_server.hpp"
#include "tests/support/eventually.hpp"

#include <atomic>
#include <csignal>
#include <fstream>

using namespace errand::test;
using nlohmann::json;

TEST_CASE("1: the task failed or was cancelled") {
  const client_fixture f;
  // An address inside of the network is refused for good.
  const auto failed =
      f.run({"submit", "http", "--args", R"({"url":"http://127.0.0.1/"})", "--wait"});
  CHECK(failed.exit_status == 1);
  CHECK(failed.out.empty());
  CHECK(contains(failed.err, " failed: permanent: "));

  const auto id = f.submitted({"noop", "--delay", "100"});
  REQUIRE(f.run({"cancel", id}).exit_status == 0);
  const auto cancelled = f.run({"get", id, "--wait"});
  CHECK(cancelled.exit_status == 1);
  CHECK(cancelled.err == "errand: task " + id + " was cancelled: requested\n");
  CHECK(contains(cancelled.out, "cancelled"));
  CHECK(f.run({"get", id}).exit_status == 0);
}

TEST_CASE("a task that was cancelled by who ran it is told with the reason") {
  const client_fixture f;
  const auto id = f.submitted({"remind"});
  auto client = f.server.client();
  const auto post = [&](const std::string& path, const json& body) {
    const auto answer = client.Post(path, body.dump(), "application/json");
    REQUIRE(answer);
    REQUIRE(answer->status == 200);
    return json::parse(answer->body).at("leases").at(0);
  };
  const auto lease = post("/v1/leases", {{"worker", "reminder"}});
  post("/v1/leases/finish", {{"leases",
                              {{{"token", lease.at("token")},
                                {"outcome", "cancelled"},
                                {"error", {{"message", "the customer is gone"}}}}}}});
  const auto told = f.run({"get", id, "--wait"});
  CHECK(told.exit_status == 1);
  CHECK(told.err == "errand: task " + id + " was cancelled: handler: the customer is gone\n");
}

TEST_CASE("2: a wrong command line, told before anything is asked") {
  struct row {
    std::vector<std::string> arguments;
    std::string told;
  };
  const auto r = GENERATE(values<row>({
      {{"submit"}, "KIND is required"},
      {{"submit", "echo", "--args", "{n: 1}"}, "--args is no JSON, at byte "},
      {{"submit", "echo", "--args", "@/no/such"}, "\"/no/such\": No such file or directory"},
      {{"submit", "echo", "--args", "@/etc"}, "--args: \"/etc\": Is a directory"},
      {{"submit", "echo", "--args", "1e999"}, "--args has a number that is too large"},
      {{"submit", "echo", "--priority", "high"},
       "errand: --priority is \"high\", but must be a whole number\n"},
      {{"submit", "echo", "--priority", "1.5"},
       "--priority is \"1.5\", but must be a whole number"},
      {{"submit", "echo", "--delay", "soon"}, "--delay is \"soon\", but must be a number"},
      {{"submit", "echo", "--delay", "nan"}, "--delay is \"nan\", but must be a number"},
      {{"submit", "echo", "--queue", "a", "--queue", "b"},
       "errand: --queue is given 2 times, but may be given once\n"},
      {{"submit", "echo", "--tag", "a=b", "--tag", "a=c"}, "--tag has \"a\" twice"},
      {{"list", "--queue"}, "errand: --queue needs a value: NAME\n"},
      {{"list", "--all=maybe"}, "--all is \"maybe\", but must be true or false"},
      {{"--url", "http://h", "list"},
       "errand: --url stands behind the command: errand list --url\n"},
      {{"--json", "queues", "pause", "q"},
       "errand: --json stands behind the command: errand queues pause --json\n"},
      {{"submit", "echo", "--tag", "a"}, "--tag is \"a\", but must be like tenant=acme"},
      {{"submit", "echo", "--unique-until", "final"}, "go with --unique KEY"},
      {{"submit", "echo", "--wait=soon"}, "--wait is \"soon\", but must be a number of seconds"},
      {{"submit", "echo", "--wait=0"}, "--wait is \"0\""},
      {{"submit", "echo", "--quue", "a"}, "--quue: there is no such flag; did you mean --queue?"},
      {{"get"}, "ID is required"},
      {{"get", "a", "b"}, "\"b\": get takes no such argument"},
      {{"list", "--limit", "0"}, "--limit is \"0\", but must be a whole number above 0"},
      {{"list", "--limit", "-3"}, "--limit is \"-3\""},
      {{"list", "--limit", "3", "--all"}, "--all"},
      {{"cancel"}, "ID is required"},
      {{"queues", "set", "mail"}, "say what to set"},
      {{"queues", "set", "mail", "--rate", "fast"}, "--rate is \"fast\", but must be none or like"},
      {{"queues", "set", "mail", "--concurrency", "x"}, "--concurrency is \"x\""},
      {{"queues", "pause"}, "NAME is required"},
      {{"queues", "halt"}, "\"halt\": queues takes no such argument"},
      {{"workers", "--url", "localhost"}, "\"localhost\" is no URL of a server"},
      {{"workers", "--url", "http://h/?a=b"}, "is no URL of a server"},
      {{"workers", "--token-file", "/no/such"}, "--token-file: \"/no/such\": No such file"},
      {{"completion", "tcsh"}, "SHELL is \"tcsh\", but must be bash, zsh or fish"},
  }));
  const auto [status, out, err] = run_to_end(command_for(deserted_url, r.arguments));
  INFO(err);
  CHECK(status == 2);
  CHECK(out.empty());
  CHECK(err.starts_with("errand: "));
  CHECK(contains(err, r.told));
}

TEST_CASE("2: a value that is empty, such as a variable of the shell that nobody has set") {
  struct row {
    std::vector<std::string> arguments;
    std::string empty;
  };
  const auto r = GENERATE(values<row>({
      {{"submit", ""}, "KIND"},
      {{"submit", "echo", "--args", ""}, "--args"},
      {{"submit", "echo", "--args=", "--json"}, "--args"},
      {{"submit", "echo", "--idempotency-key", ""}, "--idempotency-key"},
      {{"submit", "echo", "--queue", ""}, "--queue"},
      {{"submit", "echo", "--priority", ""}, "--priority"},
      {{"submit", "echo", "--after", ""}, "--after"},
      {{"submit", "echo", "--wait="}, "--wait"},
      {{"get", ""}, "ID"},
      {{"get", "a", "--wait="}, "--wait"},
      {{"cancel", "a", ""}, "ID"},
      {{"list", "--queue", ""}, "--queue"},
      {{"list", "--queue=", "--json"}, "--queue"},
      {{"list", "--state", ""}, "--state"},
      {{"list", "--created-after", ""}, "--created-after"},
      {{"events", "--types", ""}, "--types"},
      {{"queues", "pause", ""}, "NAME"},
      {{"queues", "pause", "q", "--until", ""}, "--until"},
      {{"queues", "set", "q", "--rate", ""}, "--rate"},
      {{"queues", "set", "q", "--weight", ""}, "--weight"},
      {{"workers", "--url", ""}, "--url"},
      {{"workers", "--token-file", ""}, "--token-file"},
      {{"completion", ""}, "SHELL"},
  }));
  const auto [status, out, err] = run_to_end(command_for(deserted_url, r.arguments));
  CHECK(status == 2);
  CHECK(out.empty());
  CHECK(err == "errand: " + r.empty + " is empty\n");
}

TEST_CASE("2: all that is wrong with values is told at once") {
  const auto [status, out, err] =
      run_to_end(command_for(deserted_url, {"submit", "--priority", "x", "--delay", ""}));
  CHECK(status == 2);
  CHECK(contains(err, "KIND is required"));
  CHECK(contains(err, "--priority is \"x\", but must be a whole number"));
  CHECK(contains(err, "--delay is empty"));
}

TEST_CASE("1: what is to be printed can't be written, be the output full or closed") {
  const client_fixture f;
  const auto id = f.submitted({"noop"});
  const auto with_output = [&](const std::string& command, const std::string& output) {
    auto setup = command_for(f.url, {"-c", "exec " ERRAND_PROGRAM " " + command + " " + output});
    setup.program = "/bin/sh";
    return run_to_end(setup);
  };
  for (const auto* output : {">/dev/full", ">&-"})
    for (const auto& command : {"get " + id, std::string("version"), std::string("--help")}) {
      INFO(command << ' ' << output);
      const auto told = with_output(command, output);
      CHECK(told.exit_status == 1);
      CHECK(contains(told.err, "errand: standard output"));
    }
  // It has nothing to print.
  CHECK(with_output("log " + f.submitted({"noop", "--delay", "100"}), ">&-").exit_status == 0);
}

TEST_CASE("2: a token that can't be one") {
  auto setup = command_for(deserted_url, {"workers"});
  setup.environment.push_back("ERRAND_TOKEN=a\nb");
  const auto [status, out, err] = run_to_end(setup);
  CHECK(status == 2);
  CHECK(contains(err, "the token can't be one"));
}

TEST_CASE("3: the server refused, and all that it said is told") {
  const client_fixture f;
  const auto wrong = f.run({"submit", "echo", "--priority", "101", "--timeout", "-1"});
  CHECK(wrong.exit_status == 3);
  CHECK(wrong.out.empty());
  CHECK(wrong.err
        == "errand: Not valid (422): /priority is 101; it must be an integer from -100 to 100"
           " (and 1 more under errors)\n"
           "errand: /timeout_s is -1; it must be a number of seconds above 0 and up to 2592000"
           " (30 days)\n");
  const auto missing = f.run({"get", "01a205ce-3801-7000-8917-7e1f61b8000b"});
  CHECK(missing.exit_status == 3);
  CHECK(contains(missing.err, "(404)"));
  CHECK(f.run({"log", "nothing"}).exit_status == 3);
  CHECK(f.run({"log", "nothing", "--follow"}).exit_status == 3);
  CHECK(f.run({"events", "--types", "task.eaten"}).exit_status == 3);
  CHECK(f.run({"schedules", "run", "nothing"}).exit_status == 3);
  CHECK(f.run({"queues", "pause", "a b"}).exit_status == 3);
  CHECK(f.run({"list", "--state", "eaten"}).exit_status == 3);
}

TEST_CASE("3: what is no problem document is told with its status") {
  const answering_server proxy([](const seen_request&, answering_server::connection& c) {
    c.send(response(502, "<html>\x1b[2J"));
  });
  const auto [status, out, err] = run_to_end(command_for(proxy.url(""), {"workers"}));
  CHECK(status == 3);
  CHECK(err == "errand: refused with status 502: \"<html>\\x1b[2J\"\n");
}

TEST_CASE("a token is sent from the variable or a file, and a refusal says how") {
  const temp_folder folder;
  const std::string token = "a-token-of-the-tests";
  std::ofstream(folder.file("token")) << token << "\n";
  const answering_server server([&](const seen_request& request, answering_server::connection& c) {
    const bool is_known = request.header("Authorization") == "Bearer " + token;
    c.send(is_known ? response(200, R"({"workers":[],"lease_workers":[]})")
                    : response(401, R"({"title":"Unauthorized","detail":"no token was sent"})"));
  });
  auto setup = command_for(server.url(""), {"workers"});
  const auto refused = run_to_end(setup);
  CHECK(refused.exit_status == 3);
  CHECK(refused.err
        == "errand: Unauthorized (401): no token was sent\n"
           "errand: set ERRAND_TOKEN, or name a file that has the token by --token-file\n");
  setup.arguments = {"workers", "--token-file", folder.file("token")};
  CHECK(run_to_end(setup).exit_status == 0);
  setup.arguments = {"workers"};
  setup.environment.push_back("ERRAND_TOKEN=" + token);
  CHECK(run_to_end(setup).exit_status == 0);
}

TEST_CASE("4: nobody is there, or what is there does not answer or is no Errand") {
  const auto url = deserted_url;
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"submit", "echo"},
                                                                     {"get", "a"},
                                                                     {"list"},
                                                                     {"cancel", "a"},
                                                                     {"log", "a", "-f"},
                                                                     {"queues"},
                                                                     {"events"},
                                                                     {"top"}}) {
    const auto [status, out, err] = run_to_end(command_for(url, arguments));
    INFO(arguments.front());
    CHECK(status == 4);
    CHECK(out.empty());
    CHECK(contains(err, "errand: no answer from " + url + " ("));
  }
  const answering_server cut(
      [](const seen_request&, answering_server::connection& c) { c.close(); });
  CHECK(run_to_end(command_for(cut.url(""), {"workers"})).exit_status == 4);
  const answering_server other([](const seen_request&, answering_server::connection& c) {
    c.send(response(200, "<html>"));
  });
  const auto [status, out, err] = run_to_end(command_for(other.url(""), {"workers"}));
  CHECK(status == 4);
  CHECK(contains(err, "is no Errand"));
}

TEST_CASE("4: https to a server without TLS") {
  const answering_server plain(
      [](const seen_request&, answering_server::connection& c) { c.send(response(200, "{}")); });
  auto url = plain.url("");
  url.replace(0, 4, "https");
  CHECK(run_to_end(command_for(url, {"workers"})).exit_status == 4);
}

TEST_CASE("5: the wait is over before the task has ended") {
  const client_fixture f;
  const auto [status, out, err] = f.run({"submit", "noop", "--delay", "100", "--wait=0.2"});
  CHECK(status == 5);
  CHECK(out.empty());
  CHECK(contains(err, "the wait is over, and task "));
  CHECK(contains(err, " is scheduled\n"));
}

TEST_CASE("Ctrl-C ends the wait, tells the id and leaves the task") {
  const answering_server server([](const seen_request& request, answering_server::connection& c) {
    if (request.target.ends_with("?wait_s=60.0"))
      c.wait_for_close();
    else
      c.send(response(202, R"({"id":"a","state":"queued"})"));
  });
  program_run waiting(command_for(server.url(""), {"submit", "echo", "--wait"}));
  REQUIRE(eventually([&] { return server.seen().size() == 2; }));
  waiting.signal(SIGINT);
  CHECK(waiting.wait_for_end() == 128 + SIGINT);
  CHECK(waiting.out().empty());
  CHECK(waiting.err()
        == "errand: task a goes on; errand get a --wait waits again, errand cancel a ends it\n");
  CHECK(server.seen().size() == 2);
}

TEST_CASE("a wait goes on when the server was away for a moment") {
  std::atomic<int> asked{0};
  const answering_server server([&](const seen_request&, answering_server::connection& c) {
    const int number = ++asked;
    if (number == 2)
      return c.close();
    if (number == 3)
      return void(c.send(response(503, R"({"title":"Draining","status":503})")));
    c.send(response(200, number < 4 ? R"({"id":"a","state":"running"})"
                                    : R"({"id":"a","state":"succeeded","result":1})"));
  });
  const auto [status, out, err] = run_to_end(command_for(server.url(""), {"get", "a", "--wait"}));
  INFO(err);
  CHECK(status == 0);
  CHECK(contains(out, "succeeded"));
  CHECK(asked == 4);
}
