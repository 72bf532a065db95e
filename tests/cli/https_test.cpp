// The client over TLS.

#include "tests/cli/client_fixture.hpp"
#include "tests/support/eventually.hpp"

#include <httplib.h>
#include <thread>

using namespace errand::test;

#ifdef CPPHTTPLIB_OPENSSL_SUPPORT

namespace {

/// Answers every request over TLS, with a certificate that it made for localhost.
class tls_server {
public:
  explicit tls_server(const temp_folder& folder)
      : certificate(folder.file("certificate")), key_(folder.file("key")) {
    const auto made = run_to_end(
        {.program = "/usr/bin/openssl",
         .arguments = {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                       "-nodes", "-keyout", key_, "-out", certificate, "-subj", "/CN=localhost",
                       "-addext", "subjectAltName=DNS:localhost", "-days", "2"}});
    INFO(made.err);
    REQUIRE(made.exit_status == 0);
    server_ = std::make_unique<httplib::SSLServer>(certificate.c_str(), key_.c_str());
    server_->Get(".*", [](const httplib::Request&, httplib::Response& answer) {
      answer.set_content(R"({"workers":[],"lease_workers":[]})", "application/json");
    });
    port_ = server_->bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    eventually([this] { return server_->is_running(); });
  }
  ~tls_server() {
    server_->stop();
    thread_.join();
  }

  std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(port_);
  }

  const std::string certificate;

private:
  std::string key_;
  std::unique_ptr<httplib::SSLServer> server_;
  int port_ = 0;
  std::thread thread_;
};

} // namespace

TEST_CASE("https works with a certificate that is trusted, for its name, and with no other") {
  const temp_folder folder;
  const tls_server server(folder);
  auto setup = command_for(server.url("localhost"), {"workers"});
  CHECK(run_to_end(setup).exit_status == 4);
  setup.environment.push_back("SSL_CERT_FILE=" + server.certificate);
  CHECK(run_to_end(setup).exit_status == 0);
  setup.environment[0] = "ERRAND_URL=" + server.url("127.0.0.1");
  const auto other_name = run_to_end(setup);
  CHECK(other_name.exit_status == 4);
  CHECK(contains(other_name.err, "no answer from https://127.0.0.1"));
}

#else

TEST_CASE("https is refused where httplib has no TLS") {
  const auto [status, out, err] = run_to_end(command_for("https://localhost", {"workers"}));
  CHECK(status == 2);
  CHECK(contains(err, "no TLS"));
}

#endif
