// What may be in a mail, and how it is written.
#include "handlers/email_encoding.hpp"
#include "handlers/email_message.hpp"
#include "tests/support/catch.hpp"

#include <errand/handler.hpp>

using namespace errand;
using nlohmann::json;

namespace {

json good_args() {
  return {{"to", {"ada@example.org"}}, {"subject", "Hi"}, {"text", "Hello"}};
}

json with(const char* key, const json& value) {
  auto args = good_args();
  args[key] = value;
  return args;
}

} // namespace

TEST_CASE("an address stands alone or behind a name") {
  const auto [text, name, address] = GENERATE(table<std::string, std::string, std::string>({
      {"ada@example.org", "", "ada@example.org"},
      {" a.b+c@x ", "", "a.b+c@x"},
      {"<ada@example.org>", "", "ada@example.org"},
      {"Ada Lovelace <ada@example.org>", "Ada Lovelace", "ada@example.org"},
      {"\"Lovelace, Ada\" <ada@example.org>", "Lovelace, Ada", "ada@example.org"},
      {"Ädä <ada@xn--exmple-cua.org>", "Ädä", "ada@xn--exmple-cua.org"},
      {"a <b> <ada@example.org>", "a <b>", "ada@example.org"},
  }));
  const auto who = parse_mailbox(text, "args.to[0]");
  CHECK(who.name == name);
  CHECK(who.address == address);
}

TEST_CASE("what is no address is refused") {
  const std::string text = GENERATE(
      "", "ada", "@example.org", "ada@", "a b@example.org", "ada@exa mple.org", "ada@example..org",
      "ada@-x.org", ".ada@example.org", "a..b@example.org", "ada@example.org>", "<ada@example.org",
      "ada@example.org, bob@example.org", "ada@[127.0.0.1]", "\"a b\"@example.org",
      "ada@ex\xc3\xa4mple.org", "ada@example.org\r\nBcc: bob@example.org",
      "Ada\r\nBcc: bob@example.org <ada@example.org>", "ada@example.org> SIZE=1", "\xff <a@b>");
  INFO(text);
  CHECK_THROWS_AS(parse_mailbox(text, "args.to[0]"), PermanentError);
}

// Errors of tasks are shown whole, and args are not where redact.args names them.
TEST_CASE("an address that is refused is not in the error") {
  const std::string text =
      GENERATE("leak1", "leak1>", "Leak <leak1", "leak1 <x>", "leak1@\xc3\xa4.org");
  try {
    parse_mailbox(text, "args.to[0]");
    FAIL("not refused: " << text);
  } catch (const PermanentError& error) {
    const std::string told = error.what();
    INFO(told);
    CHECK(told.starts_with("args.to[0] "));
    CHECK(told.find("leak1") == told.npos);
  }
}

TEST_CASE("args that make no mail are refused, and the error says why") {
  const auto [args, part] = GENERATE(table<json, std::string>({
      {nullptr, "it got null"},
      {json::object(), "to is missing"},
      {with("to", "ada@example.org"), "args.to must be an array with an address or more"},
      {with("to", json::array()), "args.to must be an array with an address or more"},
      {with("to", {1}), "args.to[0] must be a text; it is number"},
      {with("cc", {"x"}), "args.cc[0] must be an address such as"},
      {with("bcc", {"ok@x", "a\nb@x"}), "args.bcc[1] has control characters"},
      {with("from", "x"), "args.from must be an address such as"},
      {with("reply_to", {"x@y"}), "args.reply_to must be a text; it is array"},
      {with("subject", 7), "args.subject must be a text; it is number"},
      {with("subject", "Hi\r\nBcc: bob@example.org"), "args.subject has control characters"},
      {with("subject", std::string(2001, 'x')), "args.subject has more than 2000 bytes"},
      {with("html", nullptr), "args.html must be a text; it is null"},
      {with("body", "x"), "knows no \"body\""},
      {with("cc", json(std::vector<std::string>(100, "a@b"))), "at most 100 recipients"},
      {{{"to", {"a@b"}}, {"subject", "x"}}, "text is missing"},
      {{{"to", {"a@b"}}, {"text", "x"}}, "subject is missing"},
  }));
  try {
    read_email(args, "errand@example.org");
    FAIL("not refused: " << args.dump());
  } catch (const PermanentError& error) {
    INFO(error.what());
    CHECK(std::string(error.what()).find(part) != std::string::npos);
  }
}

TEST_CASE("a mail that names no sender is from the configured one, and from nobody it can't be") {
  CHECK(read_email(good_args(), "Errand <errand@example.org>").from.address
        == "errand@example.org");
  CHECK(read_email(with("from", "a@b"), "errand@example.org").from.address == "a@b");
  CHECK_THROWS_AS(read_email(good_args(), ""), PermanentError);
}

TEST_CASE("a plain mail is written as RFC 5322 wants it") {
  const auto mail = read_email(good_args(), "Errand <errand@example.org>");
  CHECK(format_email(mail, "0193", std::chrono::system_clock::time_point{})
        == "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"
           "From: \"Errand\" <errand@example.org>\r\n"
           "To: ada@example.org\r\n"
           "Message-ID: <0193@example.org>\r\n"
           "Subject: Hi\r\n"
           "MIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "Content-Transfer-Encoding: quoted-printable\r\n"
           "\r\n"
           "Hello\r\n");
}

TEST_CASE("headers hold short ASCII as it is, and all else in encoded words") {
  const auto [text, encoded] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"Hello, world?", "Hello, world?"},
      {"ü", "=?UTF-8?Q?=C3=BC?="},
      {"a b", "a b"},
      {"a bü_", "=?UTF-8?Q?a_b=C3=BC=5F?="},
      {"=?x?=", "=?UTF-8?Q?=3D=3Fx=3F=3D?="},
      {" x", "=?UTF-8?Q?_x?="},
  }));
  CHECK(encoded_header(text) == encoded);
}

TEST_CASE("encoded words are short, and no character is torn") {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += "€a";
  const auto encoded = encoded_header(text);
  size_t begin = 0;
  for (bool is_first = true; begin < encoded.size(); is_first = false) {
    const auto end = std::min(encoded.find("\r\n", begin), encoded.size());
    const auto line = encoded.substr(begin, end - begin);
    INFO(line);
    CHECK(line.size() <= (is_first ? 66u : 76u));
    CHECK(line.find("=E2") != line.npos);
    CHECK(line.find("?Q?=82") == line.npos);
    CHECK(line.find("?Q?=AC") == line.npos);
    CHECK(line.ends_with("?="));
    begin = end + 2;
  }
}

TEST_CASE("a name is quoted, or encoded") {
  CHECK(encoded_phrase("Ada \"the\" \\ Countess") == "\"Ada \\\"the\\\" \\\\ Countess\"");
  CHECK(encoded_phrase("Ädä") == "=?UTF-8?Q?=C3=84d=C3=A4?=");
}

TEST_CASE("quoted-printable keeps lines short and their ends whole") {
  const auto [text, encoded] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"a", "a\r\n"},
      {"a\nb\r\nc\rd", "a\r\nb\r\nc\r\nd\r\n"},
      {"1+1=2", "1+1=3D2\r\n"},
      {"ü", "=C3=BC\r\n"},
      {"end \n\t\nx ", "end=20\r\n=09\r\nx=20\r\n"},
      {"a b", "a b\r\n"},
      {std::string(1, '\0'), "=00\r\n"},
      {std::string(76, 'x'), std::string(75, 'x') + "=\r\nx\r\n"},
      {std::string(74, 'x') + "=", std::string(74, 'x') + "=\r\n=3D\r\n"},
  }));
  CHECK(quoted_printable(text) == encoded);
}
