// The kind email against a mail server that others wrote.
#include "handlers/email.hpp"
#include "tests/handlers/attempt_fixture.hpp"
#include "tests/handlers/smtp_fixture.hpp"

#include <cstdlib>
#include <iostream>
#include <thread>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

/// A case that can't run here must neither fail nor pass: CTest, which runs each by itself, shows
/// it as skipped.
void need_a_mail_server() {
  if (const auto missing = smtp_server::what_is_missing()) {
    std::cout << *missing << std::endl;
    std::exit(77);
  }
}

SmtpOptions options_for(const smtp_server& server) {
  SmtpOptions options;
  options.host = "127.0.0.1";
  options.port = server.port();
  options.security = SmtpSecurity::none;
  options.from = "Errand <errand@example.org>";
  options.timeout = Seconds(10);
  return options;
}

json mail_to(const std::string& address) {
  return {{"to", {address}}, {"subject", "Hello"}, {"text", "Hi!\n"}};
}

struct email_fixture : attempt_fixture {
  const own_certificate certificate;

  std::vector<std::string> with_tls(const std::string& mode) const {
    return {"--mode", mode, "--certificate", certificate.file, "--key", certificate.key};
  }
};

} // namespace

TEST_CASE_METHOD(attempt_fixture, "a mail arrives as it was meant") {
  need_a_mail_server();
  smtp_server server;
  const auto text = std::string("Größe: 5 €\n.\n..two dots\n  \nFrom nowhere = 7\t\n")
                    + std::string(300, 'x') + "\nend";
  const json args{
      {"to", {"ada@example.org", "Bób, the \"Builder\" <bob@example.org>"}},
      {"cc", {"Carol <carol@example.org>"}},
      {"bcc", {"dave@example.org"}},
      {"from", "Ünder Test <under@test.example.org>"},
      {"reply_to", "replies@example.org"},
      {"subject", "Erinnerung: " + std::string(40, 'x') + " für " + std::string(60, 'y') + " – ü"},
      {"text", text},
      {"html", "<p>Größe</p>\n"}};
  const auto result = result_of(run(email_handler(options_for(server)), args));
  const auto id = "<" + ref.id.to_string() + "@test.example.org>";
  CHECK(result == json{{"message_id", id}, {"reply", "250 2.0.0 Kept as number 7"}});
  const auto mail = server.next();
  REQUIRE(mail.is_object());
  INFO(mail.dump(2));
  CHECK(mail["from"] == "under@test.example.org");
  CHECK(mail["to"]
        == json{"ada@example.org", "bob@example.org", "carol@example.org", "dave@example.org"});
  const auto& headers = mail["headers"];
  CHECK(headers["From"] == "Ünder Test <under@test.example.org>");
  CHECK(headers["To"] == "ada@example.org, \"Bób, the \\\"Builder\\\"\" <bob@example.org>");
  CHECK(headers["Cc"] == "Carol <carol@example.org>");
  CHECK(!headers.contains("Bcc"));
  CHECK(mail.dump().find("dave@") == mail.dump().rfind("dave@")); // in the envelope only
  CHECK(headers["Reply-To"] == "replies@example.org");
  CHECK(headers["Subject"] == args["subject"]);
  CHECK(headers["Message-ID"] == id);
  CHECK(headers["Date"].get<std::string>().ends_with(" +0000"));
  CHECK(mail["text"] == text + "\n");
  CHECK(mail["html"] == "<p>Größe</p>\n");
  CHECK(mail["defects"] == json::array());
  CHECK(mail["longest"] <= 78);
  CHECK(mail["ascii"] == true);
}

TEST_CASE_METHOD(attempt_fixture, "what the mail server says decides whether a task runs again") {
  need_a_mail_server();
  struct row {
    std::string to;
    attempt_outcome outcome;
    std::string type, reply;
  };
  using what = attempt_outcome;
  const auto r = GENERATE(values<row>({
      {"busy@example.org", what::failed, "smtp", "451 4.3.2 Come back later"},
      {"full@example.org", what::failed, "smtp", "452 4.2.2 Mailbox full"},
      {"nobody@example.org", what::failed_for_good, "permanent", "550 5.1.1 No such user here"},
      {"spam@example.org", what::failed_for_good, "permanent", "554 5.7.1 We do not want that"},
  }));
  smtp_server server;
  const auto handler = email_handler(options_for(server));
  const auto report = run(handler, mail_to(r.to));
  CHECK(report.outcome == r.outcome);
  CHECK(report.error_type == r.type);
  CHECK(report.error_message
        == "the mail server smtp://127.0.0.1:" + std::to_string(server.port())
               + " refused the mail: " + r.reply);
  // And the next mail goes through.
  result_of(run(handler, mail_to("ada@example.org")));
  CHECK(server.next()["to"] == json{"ada@example.org"});
}

TEST_CASE_METHOD(attempt_fixture, "a mail goes to all of its recipients or to none") {
  need_a_mail_server();
  smtp_server server;
  auto args = mail_to("ada@example.org");
  args["cc"] = {"nobody@example.org"};
  const auto handler = email_handler(options_for(server));
  CHECK(run(handler, args).outcome == attempt_outcome::failed_for_good);
  result_of(run(handler, mail_to("bob@example.org")));
  CHECK(server.next()["to"] == json{"bob@example.org"}); // the first that came
}

TEST_CASE_METHOD(attempt_fixture, "mails share a connection, and one that was cut is replaced") {
  need_a_mail_server();
  smtp_server server;
  const auto handler = email_handler(options_for(server));
  for (int i = 0; i < 3; ++i)
    result_of(run(handler, mail_to("ada@example.org")));
  const auto first = server.next(), second = server.next(), third = server.next();
  CHECK(first["peer"] == second["peer"]);
  CHECK(first["peer"] == third["peer"]);
  const auto cut = run(handler, mail_to("rude@example.org"));
  CHECK(cut.outcome == attempt_outcome::failed);
  CHECK(cut.error_type == "network");
  result_of(run(handler, mail_to("ada@example.org")));
  CHECK(server.next()["peer"] != first["peer"]);
}

TEST_CASE_METHOD(email_fixture, "with TLS and a login a mail arrives, and the password is told to"
                                " nobody else") {
  need_a_mail_server();
  const auto [mode, security] = GENERATE(table<std::string, SmtpSecurity>({
      {"starttls", SmtpSecurity::starttls},
      {"tls", SmtpSecurity::tls},
  }));
  auto arguments = with_tls(mode);
  arguments.insert(arguments.end(), {"--login", "ada:s3cret"});
  smtp_server server{arguments};
  auto options = options_for(server);
  options.host = "localhost";
  options.security = security;
  options.ca_file = certificate.file;
  options.user = "ada";

  options.password = "s3cret";
  result_of(run(email_handler(options), mail_to("bob@example.org")));
  const auto mail = server.next();
  CHECK(mail["login"] == true);
  CHECK((mode == "tls" || mail["tls"] == true));

  options.password = "wr0ng";
  const auto refused = run(email_handler(options), mail_to("bob@example.org"));
  CHECK(refused.outcome == attempt_outcome::failed_for_good);
  CHECK(
      refused.error_message.find("refused the login of ada (see smtp.user and smtp.password): 535")
      != std::string::npos);
  CHECK(refused.error_message.find("wr0ng") == std::string::npos);
  CHECK(server.next(100ms) == nullptr);
}

TEST_CASE_METHOD(email_fixture, "a mail server that can't prove who it is gets no mail") {
  need_a_mail_server();
  const auto mode = GENERATE(std::string("starttls"), std::string("tls"));
  smtp_server server{with_tls(mode)};
  auto options = options_for(server);
  options.security = mode == "tls" ? SmtpSecurity::tls : SmtpSecurity::starttls;
  const auto report = run(email_handler(options), mail_to("bob@example.org"));
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.error_type == "network");
  INFO(report.error_message);
  CHECK(report.error_message.find("certificate") != std::string::npos);
  CHECK(server.next(100ms) == nullptr);
}

TEST_CASE_METHOD(attempt_fixture,
                 "a mail server that offers no STARTTLS gets no mail in the clear") {
  need_a_mail_server();
  smtp_server server;
  auto options = options_for(server);
  options.security = SmtpSecurity::starttls;
  const auto report = run(email_handler(options), mail_to("bob@example.org"));
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.error_type == "network");
  CHECK(server.next(100ms) == nullptr);
}

TEST_CASE_METHOD(attempt_fixture, "a cancel ends a mail that is under way") {
  need_a_mail_server();
  // While the server has the whole mail and is silent, libcurl looks around once a second.
  const auto [to, patience] = GENERATE(table<std::string, std::chrono::milliseconds>({
      {"late@example.org", 200ms},
      {"slow@example.org", 2500ms},
  }));
  smtp_server server;
  const auto handler = email_handler(options_for(server));
  result_of(run(handler, mail_to("ada@example.org")));
  CHECK(server.next().is_object());
  attempt_report report;
  std::thread worker{[&, address = to] { report = run(handler, mail_to(address)); }};
  poll(nullptr, 0, 200); // it hangs by then; a cancel that comes earlier would end it as well
  const auto told = std::chrono::steady_clock::now();
  cancel();
  worker.join();
  CHECK(std::chrono::steady_clock::now() - told < patience);
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.error_type == "stopped");
  CHECK(server.next(100ms) == nullptr);
}

TEST_CASE_METHOD(attempt_fixture, "a mail server that does not answer in time is a network error,"
                                  " and its late answer is nobody's") {
  need_a_mail_server();
  smtp_server server;
  auto options = options_for(server);
  options.timeout = Seconds(0.5);
  const auto handler = email_handler(options);
  result_of(run(handler, mail_to("ada@example.org")));
  const auto first = server.next();
  const auto report = run(handler, mail_to("slow@example.org"));
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.error_type == "network");
  CHECK(result_of(run(handler, mail_to("bob@example.org")))["reply"]
        == "250 2.0.0 Kept as number 7");
  CHECK(server.next()["peer"] != first["peer"]);
}

TEST_CASE_METHOD(attempt_fixture, "a server that stops does not wait for a mail server's goodbye") {
  need_a_mail_server();
  smtp_server server{{"--silent-at-quit"}};
  auto handler = email_handler(options_for(server));
  result_of(run(handler, mail_to("ada@example.org")));
  const auto begun = std::chrono::steady_clock::now();
  handler = nullptr;
  CHECK(std::chrono::steady_clock::now() - begun < 2s);
}

TEST_CASE_METHOD(attempt_fixture, "where nobody listens a task is tried again, and without a mail"
                                  " server it is told what to set") {
  SmtpOptions options;
  options.from = "errand@example.org";
  auto report = run(email_handler(options), mail_to("ada@example.org"));
  CHECK(report.outcome == attempt_outcome::failed_for_good);
  CHECK(report.error_message.find("set smtp.host") != std::string::npos);
  options.host = "127.0.0.1";
  options.port = 1;
  report = run(email_handler(options), mail_to("ada@example.org"));
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.error_type == "network");
}
