// Whom the kind http trusts.
#include "tests/handlers/http_fixture.hpp"
#include "tests/support/temp_folder.hpp"

#include <httplib.h>

#include <cstdio>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <thread>

using namespace errand;
using namespace errand::test;

namespace {

template <auto Free>
struct freer {
  void operator()(auto* object) const { Free(object); }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freer<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, freer<X509_free>>;

/// A server with a certificate of its own making, good for `name` ("IP:127.0.0.1").
class tls_server {
public:
  tls_server(const temp_folder& folder, const std::string& name, const std::string& away = {})
      : file(folder.file("server.pem")), key_(EVP_RSA_gen(2048)), certificate_(X509_new()) {
    auto* certificate = certificate_.get();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key_.get());
    auto* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    add(NID_subject_alt_name, name);
    add(NID_basic_constraints, "critical,CA:TRUE");
    REQUIRE(X509_sign(certificate, key_.get(), EVP_sha256()) > 0);
    const std::unique_ptr<std::FILE, freer<std::fclose>> out{std::fopen(file.c_str(), "w")};
    REQUIRE(PEM_write_X509(out.get(), certificate) == 1);

    server_ = std::make_unique<httplib::SSLServer>(certificate, key_.get());
    server_->Get("/", [](const httplib::Request&, httplib::Response& answer) {
      answer.set_content("secure", "text/plain");
    });
    server_->Get("/away", [away](const httplib::Request&, httplib::Response& answer) {
      answer.set_redirect(away);
    });
    port = server_->bind_to_any_port("127.0.0.1");
    listening_ = std::thread([this] { server_->listen_after_bind(); });
  }

  ~tls_server() {
    while (!server_->is_running())
      std::this_thread::yield();
    server_->stop();
    listening_.join();
  }

  std::string url() const { return "https://127.0.0.1:" + std::to_string(port) + '/'; }

  const std::string file; ///< The certificate.
  int port = 0;

private:
  void add(int what, const std::string& value) {
    const std::unique_ptr<X509_EXTENSION, freer<X509_EXTENSION_free>> extension{
        X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str())};
    REQUIRE(extension);
    X509_add_ext(certificate_.get(), extension.get(), -1);
  }

  key_ptr key_;
  certificate_ptr certificate_;
  std::unique_ptr<httplib::SSLServer> server_;
  std::thread listening_;
};

} // namespace

TEST_CASE_METHOD(http_fixture, "a server whose certificate nobody vouches for is not spoken to") {
  const temp_folder folder;
  tls_server server(folder, "IP:127.0.0.1");
  const auto report = run({{"url", server.url()}});
  INFO(report.error_message);
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.error_message.find("certificate") != std::string::npos);
}

TEST_CASE_METHOD(http_fixture, "a server whose certificate is in http_task.ca_file is trusted") {
  const temp_folder folder;
  tls_server server(folder, "IP:127.0.0.1");
  options.ca_file = server.file;
  CHECK(result_of(run({{"url", server.url()}}))["body"] == "secure");
}

TEST_CASE_METHOD(http_fixture, "a trusted certificate of another name is of no use") {
  const temp_folder folder;
  tls_server server(folder, "DNS:other.test");
  options.ca_file = server.file;
  CHECK(run({{"url", server.url()}}).outcome == attempt_outcome::failed);
}

TEST_CASE_METHOD(http_fixture, "a redirect out of https is not followed") {
  const temp_folder folder;
  answering_server plain(
      [](const seen_request&, answering_server::connection& to) { to.send(response(200)); });
  tls_server server(folder, "IP:127.0.0.1", plain.url());
  options.ca_file = server.file;
  const auto report = run({{"url", server.url() + "away"}});
  INFO(report.error_message);
  CHECK(report.outcome == attempt_outcome::failed_for_good);
  CHECK(report.error_message.find("would leave https for http") != std::string::npos);
  CHECK(plain.seen().empty());
}
