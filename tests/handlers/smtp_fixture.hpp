// A mail server for a test: tests/handlers/smtp_server.py as a child process.
#pragma once

#include "handlers/child_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temp_folder.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace errand::test {

class smtp_server {
public:
  /// Why there can't be one here; nothing if there can.
  static std::optional<std::string> what_is_missing() {
    if (std::system("/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null") != 0)
      return "skipped: /usr/bin/python3 has no aiosmtpd; install python3-aiosmtpd";
    if (std::system("openssl version >/dev/null 2>&1") != 0)
      return "skipped: there is no openssl to make a certificate with; install openssl";
    return std::nullopt;
  }

  explicit smtp_server(std::vector<std::string> arguments = {}) : child_(plan(arguments)) {
    eventually([this] { return line_end() != text_.npos; });
    port_ = static_cast<uint16_t>(std::atoi(text_.c_str()));
    text_.erase(0, line_end() + 1);
  }

  uint16_t port() const { return port_; }

  /// The next mail that it got; null if there comes none.
  nlohmann::json next(std::chrono::milliseconds patience = std::chrono::seconds{10}) {
    if (!eventually([this] { return line_end() != text_.npos; }, patience))
      return nullptr;
    const auto mail = nlohmann::json::parse(text_.substr(0, line_end()));
    text_.erase(0, line_end() + 1);
    return mail;
  }

private:
  static process_plan plan(const std::vector<std::string>& arguments) {
    process_plan made;
    made.program = "/usr/bin/python3";
    made.argv = {made.program, SMTP_SERVER};
    made.argv.insert(made.argv.end(), arguments.begin(), arguments.end());
    made.environment = {"PATH=/usr/bin:/bin", "PYTHONWARNINGS=ignore"};
    made.directory = "/";
    return made;
  }

  /// Reads what has come.
  size_t line_end() {
    char piece[4096];
    for (ssize_t got = 0; (got = read(child_.output(), piece, sizeof piece)) > 0;)
      text_.append(piece, static_cast<size_t>(got));
    return text_.find('\n');
  }

  child_process child_;
  std::string text_;
  uint16_t port_ = 0;
};

/// A certificate for localhost and 127.0.0.1 that nobody has signed but itself.
struct own_certificate {
  temp_folder folder;
  const std::string file = folder.file("certificate.pem");
  const std::string key = folder.file("key.pem");

  own_certificate() {
    const auto command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
                         " -days 2 -subj /CN=localhost -addext"
                         " subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "
                         + key + " -out " + file + " 2>/dev/null";
    if (std::system(command.c_str()) != 0)
      throw std::runtime_error("no certificate could be made: " + command);
  }
};

} // namespace errand::test
