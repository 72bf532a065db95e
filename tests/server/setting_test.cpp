// The rows of server/settings_table.cpp, each with its values, bounds and refusals.

#include "tests/support/catch.hpp"

#include "server/settings.hpp"

#include <limits>
#include <set>

using namespace errand;

namespace {

/// What a setting takes and what it does not, as text.
struct samples {
  std::string_view key, flag, variable, default_value;
  std::vector<std::string> allowed;
  std::vector<std::string> refused;
};

const std::vector<std::string> no_whole_numbers{
    "", " 1", "1 ", "-1", "+1", "1.0", "1e3", "0x1", "one", "1,0", "99999999999999999999"};
const std::vector<std::string> no_seconds{"", " 1", "1 ", "-1", "1s", "nan", "inf", "one", "1e999"};
const std::vector<std::string> no_bytes{"",     "-1",  "1 KiB", "KiB",    "1.5KiB",
                                        "1kib", "64K", "64KB",  "1MiBiB", "9223372036854775807GiB"};

std::vector<std::string> operator+(std::vector<std::string> some, std::vector<std::string> more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

const std::vector<samples> table{
    {"store",
     "--store",
     "ERRAND_STORE",
     "sqlite:errand.db",
     {"sqlite::memory:", "sqlite:/var/lib/errand/errand.db", "sqlite:a b/Grüße.db"},
     {"", "errand.db", "sqlite:", "sqlite://errand.db", "sqlite:///errand.db", "sqlite::memory",
      "sqlite:memory:", "postgresql://localhost", "SQLITE:a", "sqlite:a\nb", "sqlite:a\xff"}},
    {"durability",
     "--durability",
     "ERRAND_DURABILITY",
     "commit",
     {"commit", "relaxed"},
     {"", "Commit", "full", "0"}},
    {"claim_ahead",
     "--claim-ahead",
     "ERRAND_CLAIM_AHEAD",
     "256",
     {"0", "10000"},
     no_whole_numbers + std::vector<std::string>{"10001"}},
    {"timeout_grace_s",
     "--timeout-grace",
     "ERRAND_TIMEOUT_GRACE",
     "10",
     {"0", "0.25", "86400"},
     no_seconds + std::vector<std::string>{"86400.1"}},
    {"max_stuck_workers",
     "--max-stuck-workers",
     "ERRAND_MAX_STUCK_WORKERS",
     "16",
     {"0", "1024"},
     no_whole_numbers + std::vector<std::string>{"1025"}},
    {"events_buffer",
     "--events-buffer",
     "ERRAND_EVENTS_BUFFER",
     "10000",
     {"0", "1000000"},
     no_whole_numbers + std::vector<std::string>{"1000001"}},
    {"drain_timeout_s",
     "--drain-timeout",
     "ERRAND_DRAIN_TIMEOUT",
     "30",
     {"0", "0.25", "86400"},
     no_seconds + std::vector<std::string>{"86400.1"}},
    {"no_auth",
     "--no-auth",
     "ERRAND_NO_AUTH",
     "false",
     {"true", "false"},
     {"", "1", "yes", "True", "off"}},
    {"workers.count",
     "--workers",
     "ERRAND_WORKERS",
     "0",
     {"0", "1", "1024"},
     no_whole_numbers + std::vector<std::string>{"1025"}},
    {"retention.succeeded_s",
     "--retain-succeeded",
     "ERRAND_RETAIN_SUCCEEDED",
     "86400",
     {"0", "0.25", "1000000000000", "inf"},
     {"", "-1", "-inf", "1d", "nan"}},
    {"retention.failed_s",
     "--retain-failed",
     "ERRAND_RETAIN_FAILED",
     "1209600",
     {"0", "0.25", "1000000000000", "inf"},
     {"", "-1", "-inf", "1d", "nan"}},
    {"http.listen",
     "--listen",
     "ERRAND_LISTEN",
     "127.0.0.1",
     {"*", "0.0.0.0", "::", "::1", "fe80::1%eth0", "localhost", "errand.internal", "my_host"},
     {"", "127.0.0", "1.2.3.4.5", "256.0.0.1", "8002", "127.0.0.1:8002", "localhost:80", "[::1]",
      "[::1]:80", ":8002", "**", "http://localhost", "a b", "1::2::3", "host\n"}},
    {"http.port",
     "--port",
     "ERRAND_PORT",
     "8002",
     {"0", "80", "65535"},
     no_whole_numbers + std::vector<std::string>{"65536"}},
    {"http.max_header_bytes",
     "--max-header-bytes",
     "ERRAND_MAX_HEADER_BYTES",
     "32KiB",
     {"1KiB", "5000", "1MiB"},
     no_bytes + std::vector<std::string>{"1023", "1048577", "1GiB"}},
    {"http.max_body_bytes",
     "--max-body-bytes",
     "ERRAND_MAX_BODY_BYTES",
     "1MiB",
     {"1KiB", "5000", "256MiB"},
     no_bytes + std::vector<std::string>{"0", "257MiB"}},
    {"http.max_batch_bytes",
     "--max-batch-bytes",
     "ERRAND_MAX_BATCH_BYTES",
     "16MiB",
     {"1KiB", "5000", "256MiB"},
     no_bytes + std::vector<std::string>{"0", "257MiB"}},
    {"http.max_uri_bytes",
     "--max-uri-bytes",
     "ERRAND_MAX_URI_BYTES",
     "8KiB",
     {"256", "8191", "8KiB"},
     no_bytes + std::vector<std::string>{"255", "8193"}},
    {"http.max_connections",
     "--max-connections",
     "ERRAND_MAX_CONNECTIONS",
     "10000",
     {"1", "1000000"},
     no_whole_numbers + std::vector<std::string>{"0", "1000001"}},
    {"http.max_in_flight",
     "--max-in-flight",
     "ERRAND_MAX_IN_FLIGHT",
     "10000",
     {"1", "1000000"},
     no_whole_numbers + std::vector<std::string>{"0", "1000001"}},
    {"http.request_timeout_s",
     "--request-timeout",
     "ERRAND_REQUEST_TIMEOUT",
     "10",
     {"0.1", "86400"},
     no_seconds + std::vector<std::string>{"0", "0.05", "86401"}},
    {"http.idle_timeout_s",
     "--idle-timeout",
     "ERRAND_IDLE_TIMEOUT",
     "75",
     {"0.1", "86400"},
     no_seconds + std::vector<std::string>{"0", "86401"}},
    {"http.send_timeout_s",
     "--send-timeout",
     "ERRAND_SEND_TIMEOUT",
     "30",
     {"0.1", "86400"},
     no_seconds + std::vector<std::string>{"0", "86401"}},
    {"http.hosts",
     "--hosts",
     "ERRAND_HOSTS",
     "none",
     {"none", "tasks.example.org", "a,b-c.d,localhost"},
     {"", ",", "a,", "a b", "a:80", "http://a", "[::1]", "*"}},
    {"http.cors_origins",
     "--cors-origins",
     "ERRAND_CORS_ORIGINS",
     "none",
     {"none", "https://app.example.org", "http://localhost:3000,https://[::1]:444"},
     {"", "*", "https://*", "app.example.org", "https://", "https://a/", "ftp://a", "null"}},
    {"redact.args",
     "--redact-args",
     "ERRAND_REDACT_ARGS",
     "none",
     {"none", "password", "password,credit card,Größe"},
     {"", ",", "a,,b", "a\nb", "\"a\""}},
    {"http_task.allow",
     "--http-task-allow",
     "ERRAND_HTTP_TASK_ALLOW",
     "none",
     {"127.0.0.1", "10.0.0.0/8,::1,fd00::/8"},
     {"", ",", "localhost", "10.0.0.0/33", "10.0.0.1/8", "127.0.0.1,", "127.0.0.1 ::1"}},
    {"http_task.secrets", "", "ERRAND_HTTP_TASK_SECRETS", "none", {}, {}}, // see below
    {"http_task.max_answer_bytes",
     "--http-task-max-answer-bytes",
     "ERRAND_HTTP_TASK_MAX_ANSWER_BYTES",
     "64KiB",
     {"0", "1000", "1MiB"},
     no_bytes + std::vector<std::string>{"2MiB"}},
    {"http_task.max_redirects",
     "--http-task-max-redirects",
     "ERRAND_HTTP_TASK_MAX_REDIRECTS",
     "5",
     {"0", "20"},
     no_whole_numbers + std::vector<std::string>{"21"}},
    {"http_task.connect_timeout_s",
     "--http-task-connect-timeout",
     "ERRAND_HTTP_TASK_CONNECT_TIMEOUT",
     "10",
     {"0.1", "86400"},
     no_seconds + std::vector<std::string>{"0", "86400.1"}},
    {"http_task.ca_file",
     "--http-task-ca-file",
     "ERRAND_HTTP_TASK_CA_FILE",
     "system",
     {"/etc/ssl/own.pem", "own.pem"},
     {"", "a\nb"}},
    {"smtp.host",
     "--smtp-host",
     "ERRAND_SMTP_HOST",
     "none",
     {"none", "mail.example.org", "10.0.0.1", "::1"},
     {"mail:25", "[::1]", "a b", "smtp://x"}},
    {"smtp.port",
     "--smtp-port",
     "ERRAND_SMTP_PORT",
     "0",
     {"0", "587", "65535"},
     no_whole_numbers + std::vector<std::string>{"65536"}},
    {"smtp.security",
     "--smtp-security",
     "ERRAND_SMTP_SECURITY",
     "starttls",
     {"starttls", "tls", "none"},
     {"", "STARTTLS", "ssl"}},
    {"smtp.user",
     "--smtp-user",
     "ERRAND_SMTP_USER",
     "none",
     {"none", "ada@example.org", "a b"},
     {"a\nb"}},
    {"smtp.from",
     "--smtp-from",
     "ERRAND_SMTP_FROM",
     "none",
     {"none", "ada@example.org", "Ada Lovelace <ada@example.org>"},
     {"ada", "ada@example.org\r\nBcc: bob@example.org"}},
    {"smtp.timeout_s",
     "--smtp-timeout",
     "ERRAND_SMTP_TIMEOUT",
     "30",
     {"0.1", "3600"},
     no_seconds + std::vector<std::string>{"0", "3601"}},
    {"smtp.ca_file",
     "--smtp-ca-file",
     "ERRAND_SMTP_CA_FILE",
     "system",
     {"system", "/etc/ssl/own.pem"},
     {"", "a\nb"}},
    {"log.level",
     "--log-level",
     "ERRAND_LOG_LEVEL",
     "info",
     {"trace", "debug", "info", "warn", "error", "off"},
     {"", "INFO", "warning", "2"}},
    {"log.format", "--log-format", "ERRAND_LOG_FORMAT", "text", {"text", "json"}, {"", "JSON"}},
};

const setting& setting_of(std::string_view key) {
  for (const auto& s : all_settings())
    if (s.key == key)
      return s;
  throw std::out_of_range("no setting " + std::string(key));
}

std::string all_values(const Options& options) {
  std::string text;
  for (const auto& s : all_settings())
    text += shown_value(s, options) + "\n";
  return text;
}

} // namespace

TEST_CASE("every setting has its key, flag, variable and default") {
  REQUIRE(all_settings().size() == table.size());
  for (size_t i = 0; i < table.size(); ++i) {
    const auto& s = all_settings()[i];
    CHECK(s.key == table[i].key);
    CHECK(s.flag == table[i].flag);
    CHECK(variable_of(s) == table[i].variable);
    CHECK(shown_value(s, Options{}) == table[i].default_value);
  }
}

TEST_CASE("every default is a value that its setting allows") {
  CHECK(wrong_options(Options{}).empty());
}

TEST_CASE("an allowed value is read into its own option and no other") {
  for (const auto& row : table)
    for (const auto& text : row.allowed) {
      const auto& s = setting_of(row.key);
      INFO(row.key << " " << text);
      Options options;
      const auto outcome = read_value(s, untyped_text{text}, options);
      INFO(outcome.message());
      REQUIRE(outcome.ok());
      CHECK(shown_value(s, options) == text);
      REQUIRE(read_value(s, untyped_text{std::string(row.default_value)}, options).ok());
      CHECK(all_values(options) == all_values(Options{}));
    }
}

TEST_CASE("a value that is not allowed is refused and changes nothing") {
  for (const auto& row : table)
    for (const auto& text : row.refused) {
      const auto& s = setting_of(row.key);
      INFO(row.key << " " << text);
      Options options;
      const auto outcome = read_value(s, untyped_text{text}, options);
      CHECK(outcome.code() == ec::invalid);
      CHECK(outcome.message().starts_with("is \""));
      CHECK(outcome.message().ends_with(", but must be " + allowed_values(s)));
      CHECK(all_values(options) == all_values(Options{}));
    }
}

TEST_CASE("the values of a file must have the setting's type") {
  constexpr auto nan = std::numeric_limits<double>::quiet_NaN();
  struct row {
    std::string_view key;
    given_value value;
    std::string refusal; ///< Of a value that is not allowed, how it is shown.
  };
  const std::vector<row> rows{
      {"http.port", int64_t{80}, ""},
      {"http.port", int64_t{-1}, "-1"},
      {"http.port", int64_t{65536}, "65536"},
      {"http.port", std::string("80"), "\"80\" (a string)"},
      {"http.port", 80.0, "80.0"},
      {"http.port", foreign_value{"true (a boolean)"}, "true (a boolean)"},
      {"http.max_body_bytes", int64_t{2048}, ""},
      {"http.max_body_bytes", std::string("2KiB"), ""},
      {"http.max_body_bytes", 2048.0, "2048.0"},
      {"drain_timeout_s", int64_t{5}, ""},
      {"drain_timeout_s", 0.5, ""},
      {"drain_timeout_s", -0.5, "-0.5"},
      {"drain_timeout_s", nan, "nan"},
      {"drain_timeout_s", std::numeric_limits<double>::infinity(), "inf"},
      {"drain_timeout_s", 1e300, "1000000"},
      {"drain_timeout_s", std::string("5"), "\"5\" (a string)"},
      {"log.level", std::string("debug"), ""},
      {"log.level", int64_t{1}, "1"},
      {"store", std::string("sqlite:a"), ""},
      {"store", int64_t{5}, "5"},
      {"store", foreign_value{"an array"}, "an array"},
      {"no_auth", foreign_value{"true (a boolean)", true}, ""},
      {"no_auth", std::string("true"), "\"true\" (a string)"},
      {"no_auth", int64_t{1}, "1"},
      {"http.hosts", foreign_value{"an array", std::vector<std::string>{"a", "b"}}, ""},
      {"http.hosts", foreign_value{"an array", std::vector<std::string>{}}, ""},
      {"http.hosts", foreign_value{"an array", std::vector<std::string>{"a:1"}}, "an array"},
      {"http.hosts", std::string("a"), "\"a\" (a string)"},
  };
  for (const auto& r : rows) {
    INFO(r.key << " " << r.refusal);
    Options options;
    const auto outcome = read_value(setting_of(r.key), r.value, options);
    INFO(outcome.message());
    CHECK(outcome.ok() == r.refusal.empty());
    if (!r.refusal.empty())
      CHECK(outcome.message().starts_with("is " + r.refusal));
  }
}

TEST_CASE("what is allowed is said in words") {
  CHECK(allowed_values(setting_of("http.port")) == "a whole number from 0 to 65535");
  CHECK(allowed_values(setting_of("http.max_header_bytes"))
        == "bytes from 1KiB to 1MiB, such as 5000 or \"64KiB\"");
  CHECK(allowed_values(setting_of("http.idle_timeout_s")) == "seconds from 0.1 to 86400");
  CHECK(allowed_values(setting_of("log.level")) == "trace, debug, info, warn, error or off");
  CHECK(allowed_values(setting_of("store")) == "sqlite:PATH or sqlite::memory:");
}

TEST_CASE("options that a program filled wrongly are told") {
  Options options;
  options.store = "errand.db";
  options.workers = 5000;
  options.drain_timeout = Seconds(std::numeric_limits<double>::quiet_NaN());
  options.http.max_uri_bytes = 9000;
  CHECK(wrong_options(options)
        == std::vector<std::string>{
            "option store is \"errand.db\", but must be sqlite:PATH or sqlite::memory:",
            "option drain_timeout_s is \"nan\", but must be seconds from 0 to 86400",
            "option workers.count is \"5000\", but must be a whole number from 0 to 1024",
            "option http.max_uri_bytes is \"9000\", but must be bytes from 256 to 8KiB, such as"
            " 5000 or \"64KiB\"",
        });
}

TEST_CASE("a list of a setting is an array in the file, and else has commas") {
  const auto& s = setting_of("http_task.allow");
  Options options;
  REQUIRE(read_value(s, untyped_text{"10.0.0.0/8, ::1"}, options).ok());
  CHECK(options.http_task.allow == std::vector<std::string>{"10.0.0.0/8", "::1"});
  CHECK(toml_value(s, options) == "[\"10.0.0.0/8\", \"::1\"]");
  CHECK(read_value(s, foreign_value{"an array", std::vector<std::string>{"::2", "no"}}, options)
            .message()
        == "is an array with \"no\", but must be none or up to 1000 addresses and networks such as"
           " 127.0.0.1 or 10.0.0.0/8; in the file an array, else separated by commas");
  CHECK_FALSE(read_value(s, std::string("::1"), options).ok());
  CHECK_FALSE(read_value(s, foreign_value{"an array of other than strings"}, options).ok());
  const std::vector<std::string> many(1001, "::1");
  CHECK_FALSE(read_value(s, foreign_value{"an array", many}, options).ok());
  CHECK(options.http_task.allow.size() == 2);
  REQUIRE(read_value(s, foreign_value{"an array", std::vector<std::string>{}}, options).ok());
  CHECK(options.http_task.allow.empty());
}

TEST_CASE("secrets are read, and never shown") {
  const auto& s = setting_of("http_task.secrets");
  const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  Options options;
  REQUIRE(read_value(s, untyped_text{secret}, options).ok());
  CHECK(options.http_task.secrets == std::vector<std::string>{secret});
  CHECK(shown_value(s, options) == "1 secret");
  CHECK(toml_value(s, options) == "[\"(secret)\"]");
  CHECK(wrong_options(options).empty());
  for (const given_value& wrong :
       {given_value(untyped_text{secret + "," + secret + "x"}), given_value(secret),
        given_value(foreign_value{"an array", std::vector<std::string>{"whsec_" + secret}}),
        given_value(foreign_value{"an array", std::vector<std::string>(11, secret)})}) {
    const auto outcome = read_value(s, wrong, options);
    CHECK(
        outcome.message()
        == "is a secret, which is not shown, but must be none or up to 10 secrets, each whsec_ and"
           " 24 to 64 bytes in base64; in the file an array, else separated by commas");
  }
  CHECK(options.http_task.secrets.size() == 1);
  options.http_task.secrets.push_back("whsec_short");
  REQUIRE(wrong_options(options).size() == 1);
  CHECK(wrong_options(options)[0].find("whsec_short") == std::string::npos);
}
