// cli/: what each command line answers, and with which exit status. No server is started here.

#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temp_folder.hpp"

#include "cli/cli.hpp"
#include "server/settings.hpp"

#include <fstream>
#include <httplib.h>
#include <sstream>
#include <thread>

using namespace errand;
using errand::test::eventually;
using errand::test::temp_folder;

namespace {

struct answer {
  int exit_status;
  std::string out, err;
};

answer run(std::vector<std::string> arguments,
           std::vector<std::pair<std::string, std::string>> variables = {}) {
  std::ostringstream out, err;
  const auto status = run_cli({std::move(arguments), std::move(variables), out, err});
  return {status, out.str(), err.str()};
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Answers every GET in the same way and keeps what was asked.
class responder {
public:
  responder(const char* address, int status, std::string body) : address_(address) {
    server_.Get(".*", [this, status, body](const httplib::Request& request, httplib::Response& to) {
      asked_ = request.path + " " + request.get_header_value("Host");
      to.status = status;
      to.set_content(body, "text/plain");
    });
    port_ = server_.bind_to_any_port(address);
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    eventually([this] { return server_.is_running(); });
  }
  ~responder() {
    server_.stop();
    thread_.join();
  }

  bool is_bound() const { return port_ > 0; }
  std::string port() const { return std::to_string(port_); }
  std::string asked() const { return asked_; }

private:
  std::string address_;
  httplib::Server server_;
  int port_ = 0;
  std::string asked_;
  std::thread thread_;
};

} // namespace

TEST_CASE("errand alone prints help") {
  const auto [status, out, err] = run({});
  CHECK(status == exit_done);
  for (const auto* command : {"serve", "check-config", "health", "version"})
    CHECK(contains(out, command));
  CHECK(err.empty());
}

TEST_CASE("the version is told") {
  for (const auto* how : {"version", "--version"}) {
    const auto [status, out, err] = run({how});
    CHECK(status == exit_done);
    CHECK(out == "errand " ERRAND_VERSION "\n");
  }
}

TEST_CASE("serve --help names every setting with its flag, variable and default") {
  const auto [status, out, err] = run({"serve", "--help"});
  CHECK(status == exit_done);
  CHECK(err.empty());
  CHECK(contains(out, "--config FILE"));
  for (const auto& s : all_settings()) {
    if (s.flag.empty())
      continue; // a secret
    CHECK(contains(out, std::string(s.flag) + " " + std::string(s.value_name)));
    CHECK(contains(out, s.help));
    CHECK(contains(out, variable_of(s) + ", by default " + shown_value(s, Options{}) + "\n"));
  }
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);)
    CHECK(line.size() <= 100);
}

TEST_CASE("a wrong command line is refused with all that is wrong") {
  struct row {
    std::vector<std::string> arguments;
    std::vector<std::string> told;
  };
  const auto r = GENERATE(values<row>({
      {{"serv"}, {"\"serv\": there is no such command; did you mean serve?"}},
      {{"juggle"}, {"\"juggle\": there is no such command\n"}},
      {{"--versoin"}, {"--versoin: there is no such flag; did you mean --version?"}},
      {{"serve", "--prot", "80", "--workers", "-1", "--durability=sure", "now"},
       {"--prot: there is no such flag; did you mean --port?",
        "\"now\": serve takes no such argument", "--workers is \"-1\", but must be",
        "--durability is \"sure\", but must be"}},
      {{"serve", "--http-port=80"}, {"--http-port: there is no such flag; did you mean --port?"}},
      {{"serve", "--workers", "x", "--port"},
       {"--port needs a value: PORT", "--workers is \"x\", but must be"}},
      {{"serve", "--port", "--workers", "3"}, {"--port is \"--workers\"", "\"3\": serve takes no"}},
      {{"serve", "--port=", "--workers", "2"}, {"--port is empty"}},
      {{"serve", "--port", ""}, {"--port is \"\", but must be"}},
      {{"serve", "--", "--port", "1"}, {"\"--port\": serve takes no such argument"}},
      {{"serve", "version"}, {"\"version\": serve takes no such argument"}},
      {{"serve", "--config", "/no/such"}, {"/no/such: No such file or directory"}},
      {{"serve", "a\nb"}, {R"("a\nb": serve takes no such argument)"}},
      {{"serve", "--a\nb"}, {R"("--a\nb": there is no such flag)"}},
      {{"serve", "--no-auth=maybe"}, {"--no-auth is \"maybe\", but must be true or false"}},
      {{"serve", "--no-auth", "--port", "x"}, {"--port is \"x\", but must be"}},
      {{"--port", "80", "serve"}, {"--port stands behind the command: errand serve --port\n"}},
      {{"--json", "a", "version"}, {"--json stands behind the command: errand version --json\n"}},
      {{"version", "--json=maybe"}, {"--json is \"maybe\", but must be true or false"}},
      {{"check-config", ""}, {"FILE is empty"}},
      {{"version", "1"}, {"\"1\": version takes no such argument"}},
      {{"check-config", "/no/such", "b"},
       {"\"b\": check-config takes no such argument", "/no/such: No such file or directory"}},
  }));
  const auto [status, out, err] = run(r.arguments);
  INFO(err);
  CHECK(status == exit_usage);
  CHECK(out.empty());
  for (const auto& text : r.told)
    CHECK(contains(err, text));
  std::istringstream lines(err);
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    CHECK(line.starts_with("errand: "));
  CHECK(count >= r.told.size());
}

TEST_CASE("check-config prints what serve would use, or what is wrong") {
  const temp_folder folder;
  const auto good = folder.file("good.toml");
  std::ofstream(good) << "[http]\nport = 9000\n";
  auto [status, out, err] = run({"check-config", good}, {{"ERRAND_WORKERS", "3"}});
  CHECK(status == exit_done);
  CHECK(err.empty());
  CHECK(contains(out, "port = 9000                      # " + good + ":2:8\n"));
  CHECK(contains(out, "count = 3                        # ERRAND_WORKERS\n"));

  const auto bad = folder.file("bad.toml");
  std::ofstream(bad) << "[http]\nport = 90000\n[lgo]\nlevel = 1\n";
  std::tie(status, out, err) = [&] {
    const auto a = run({"check-config", bad});
    return std::tuple(a.exit_status, a.out, a.err);
  }();
  CHECK(status == exit_usage);
  CHECK(out.empty());
  CHECK(
      err
      == "errand: " + bad + ":2:8: http.port is 90000, but must be a whole number from 0 to 65535\n"
             + "errand: " + bad + ":4:1: there is no setting lgo.level; did you mean log.level?\n");
}

TEST_CASE("check-config and serve refuse a pool whose kind has no handler") {
  const temp_folder folder;
  const auto file = folder.file("errand.toml");
  std::ofstream(file) << "[workers.video]\ncount = 1\nkinds = [\"transcode\"]\n";
  for (const auto& command : {std::vector<std::string>{"check-config", file},
                              {"serve", "--config", file, "--store", "sqlite::memory:"}}) {
    const auto refused = run(command);
    CHECK(refused.exit_status == exit_usage);
    CHECK(refused.out.empty());
    CHECK(contains(refused.err, "workers.video names the kind 'transcode', for which there is no"));
  }
}

TEST_CASE("check-config takes a pool for each kind that the server has") {
  const temp_folder folder;
  const auto file = folder.file("errand.toml");
  const std::string kind =
      GENERATE("sleep", "noop", "echo", "http", "exec", "email", "errand.callback");
  std::ofstream(file) << "[workers.some]\ncount = 1\nkinds = [\"" << kind << "\"]\n";
  const auto checked = run({"check-config", file});
  INFO(checked.err);
  CHECK(checked.exit_status == exit_done);
}

TEST_CASE("check-config warns of variables that mean nothing") {
  const auto [status, out, err] = run({"check-config"}, {{"ERRAND_COLOUR", "blue"}});
  CHECK(status == exit_done);
  CHECK(err == "errand: warning: ERRAND_COLOUR: there is no such setting\n");
}

TEST_CASE("health is 0 when the server says that it is ready") {
  responder server("127.0.0.1", 200, "{}");
  SECTION("found by its URL") {
    CHECK(run({"health", "--url", "http://127.0.0.1:" + server.port()}).exit_status == exit_done);
    CHECK(server.asked() == "/readyz 127.0.0.1:" + server.port());
  }
  SECTION("found below a path") {
    CHECK(run({"health", "--url", "http://127.0.0.1:" + server.port() + "/errand/"}).exit_status
          == exit_done);
    CHECK(server.asked() == "/errand/readyz 127.0.0.1:" + server.port());
  }
  SECTION("found by flag") {
    const auto a = run({"health", "--port", server.port()});
    CHECK(a.exit_status == exit_done);
    CHECK(a.out == "ready\n");
    CHECK(a.err.empty());
  }
  SECTION("found by variables, listening on all addresses") {
    CHECK(
        run({"health"}, {{"ERRAND_PORT", server.port()}, {"ERRAND_LISTEN", "0.0.0.0"}}).exit_status
        == exit_done);
  }
  SECTION("found by the file") {
    const temp_folder folder;
    std::ofstream(folder.file("errand.toml")) << "[http]\nport = " << server.port() << "\n";
    CHECK(run({"health", "--config", folder.file("errand.toml")}).exit_status == exit_done);
    CHECK(run({"health"}, {{"ERRAND_CONFIG", folder.file("errand.toml")}}).exit_status
          == exit_done);
  }
}

TEST_CASE("health names an IPv6 server in brackets") {
  responder server("::1", 200, "");
  if (!server.is_bound())
    return; // a machine without IPv6
  CHECK(run({"health", "--listen", "::", "--port", server.port()}).exit_status == exit_done);
  CHECK(server.asked() == "/readyz [::1]:" + server.port());
}

TEST_CASE("health is 1 and says why when the server is not ready or not there") {
  std::string url;
  {
    responder server("127.0.0.1", 503, "draining\n");
    url = "http://127.0.0.1:" + server.port();
    const auto [status, out, err] = run({"health", "--url", url});
    CHECK(status == exit_failed);
    CHECK(out.empty());
    CHECK(err == "errand: " + url + R"( is not ready, status 503: "draining\n")" + "\n");
  }
  const auto [status, out, err] = run({"health", "--url", url});
  CHECK(status == exit_failed);
  CHECK(contains(err, "no answer from " + url));
}

TEST_CASE("health is 1 also for what is wrong with its settings") {
  CHECK(contains(run({"health", "--port", "0"}).err, "--url"));
  for (const auto* url : {"", "localhost", "ftp://localhost", "http://", "http://a b", "http://h:",
                          "http://h:65536", "http://h:99999999999", "http://h/\n", "http://[::1"}) {
    INFO(url);
    CHECK(run({"health", "--port", "0", "--url", url}).exit_status == exit_failed);
  }
  CHECK(run({"health"}, {{"ERRAND_PORT", "x"}}).exit_status == exit_failed);
  CHECK(run({"health", "--prot", "1"}).exit_status == exit_failed);
}
