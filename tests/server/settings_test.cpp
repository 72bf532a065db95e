// server/settings.hpp: where values come from, which source wins, and how each is told when wrong.

#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

#include "server/settings.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace errand;
using errand::test::temp_folder;

namespace {

using strings = std::vector<std::string>;

/// Files of one test; their places are told without the folder's name.
class workplace {
public:
  workplace() : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(std::filesystem::path(folder_.file("x")).parent_path());
  }
  ~workplace() { std::filesystem::current_path(before_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(name) << text; }

private:
  temp_folder folder_;
  std::filesystem::path before_;
};

settings_sources variables(std::vector<std::pair<std::string, std::string>> list) {
  settings_sources sources;
  sources.variables = std::move(list);
  return sources;
}

/// A line of errand.toml, below its table.
std::string toml_line(const setting& s, const std::string& value) {
  const auto dot = s.key.find('.');
  const auto table = dot == s.key.npos ? "" : "[" + std::string(s.key.substr(0, dot)) + "]\n";
  return table + std::string(s.key.substr(dot + 1)) + " = " + value + "\n";
}

/// Three different values, as text; the first also as TOML.
struct three_values {
  std::string_view key;
  std::string toml, first, second, third;
};

const std::vector<three_values> values_of_all{
    {"store", "\"sqlite:1\"", "sqlite:1", "sqlite:2", "sqlite:3"},
    {"durability", "\"relaxed\"", "relaxed", "commit", "relaxed"}, // there are but two
    {"claim_ahead", "1", "1", "2", "3"},
    {"timeout_grace_s", "0.5", "0.5", "2", "3"},
    {"max_stuck_workers", "1", "1", "2", "3"},
    {"events_buffer", "1", "1", "2", "3"},
    {"drain_timeout_s", "0.5", "0.5", "2", "3"},
    {"no_auth", "true", "true", "false", "true"}, // there are but two
    {"workers.count", "1", "1", "2", "3"},
    {"retention.succeeded_s", "inf", "inf", "2", "3"},
    {"retention.failed_s", "0.5", "0.5", "2", "inf"},
    {"http.listen", "\"::1\"", "::1", "0.0.0.0", "localhost"},
    {"http.port", "1", "1", "2", "3"},
    {"http.max_header_bytes", "\"2KiB\"", "2KiB", "3000", "4KiB"},
    {"http.max_body_bytes", "2048", "2KiB", "3000", "4KiB"},
    {"http.max_batch_bytes", "2048", "2KiB", "3000", "4KiB"},
    {"http.max_uri_bytes", "257", "257", "2KiB", "4KiB"},
    {"http.max_connections", "1", "1", "2", "3"},
    {"http.max_in_flight", "1", "1", "2", "3"},
    {"http.request_timeout_s", "1", "1", "2.5", "3"},
    {"http.idle_timeout_s", "1.25", "1.25", "2", "3"},
    {"http.send_timeout_s", "1", "1", "2", "3"},
    {"http.hosts", "[\"a\", \"b\"]", "a,b", "none", "c"},
    {"http.cors_origins", "[\"https://a\"]", "https://a", "http://b,http://c:1", "none"},
    {"redact.args", "[\"a\", \"b c\"]", "a,b c", "none", "d"},
    {"http_task.allow", "[\"::1\"]", "::1", "127.0.0.1,::1", "10.0.0.0/8"},
    {"http_task.secrets", "", "", "", ""}, // has no flag; see below
    {"http_task.max_answer_bytes", "2048", "2KiB", "3000", "0"},
    {"http_task.max_redirects", "1", "1", "2", "3"},
    {"http_task.connect_timeout_s", "1", "1", "2.5", "3"},
    {"http_task.ca_file", "\"a.pem\"", "a.pem", "b.pem", "c.pem"},
    {"smtp.host", "\"a.example\"", "a.example", "b.example", "c.example"},
    {"smtp.port", "1", "1", "2", "3"},
    {"smtp.security", "\"tls\"", "tls", "none", "starttls"},
    {"smtp.user", "\"ada\"", "ada", "bob", "carol"},
    {"smtp.from", "\"ada@x\"", "ada@x", "bob@x", "carol@x"},
    {"smtp.timeout_s", "0.5", "0.5", "2", "3"},
    {"smtp.ca_file", "\"a.pem\"", "a.pem", "b.pem", "c.pem"},
    {"log.level", "\"debug\"", "debug", "warn", "off"},
    {"log.format", "\"json\"", "json", "text", "json"}, // there are but two
};

} // namespace

TEST_CASE("without sources everything is at its default") {
  workplace here;
  const auto loaded = load_settings({});
  CHECK(loaded.errors.empty());
  CHECK(loaded.warnings.empty());
  CHECK(loaded.config_file.empty());
  CHECK(loaded.origins == strings(all_settings().size(), "default"));
}

TEST_CASE("a flag outranks a variable, which outranks the file, which outranks the default") {
  workplace here;
  REQUIRE(values_of_all.size() == all_settings().size());
  for (size_t i = 0; i < all_settings().size(); ++i) {
    const auto& s = all_settings()[i];
    const auto& values = values_of_all[i];
    REQUIRE(s.key == values.key);
    if (s.flag.empty())
      continue;
    settings_sources sources;
    const auto expect = [&](const std::string& value, std::string_view origin) {
      const auto loaded = load_settings(sources);
      INFO(s.key);
      CHECK(loaded.errors == strings{});
      CHECK(shown_value(s, loaded.options) == value);
      CHECK(loaded.origins[i].starts_with(origin));
      CHECK(std::count(loaded.origins.begin(), loaded.origins.end(), "default")
            == static_cast<std::ptrdiff_t>(all_settings().size() - 1));
    };
    here.write("f.toml", toml_line(s, values.toml));
    sources.config_file = "f.toml";
    expect(values.first, "f.toml:");
    sources.variables = {{variable_of(s), values.second}};
    expect(values.second, variable_of(s));
    sources.flags = {{std::string(s.flag), values.third}};
    expect(values.third, s.flag);
    sources.variables.clear();
    expect(values.third, s.flag);
  }
}

TEST_CASE("of a flag given twice the last counts, and each must be right") {
  workplace here;
  settings_sources sources;
  sources.flags = {{"--port", "1"}, {"--port", "2"}};
  CHECK(load_settings(sources).options.http.port == 2);
  sources.flags = {{"--port", "x"}, {"--port", "2"}};
  CHECK(load_settings(sources).errors.size() == 1);
}

TEST_CASE("the file is --config's, else ERRAND_CONFIG's, else ./errand.toml") {
  workplace here;
  here.write("flag.toml", "workers.count = 1");
  here.write("variable.toml", "workers.count = 2");
  here.write("errand.toml", "workers.count = 3");
  auto sources = variables({{"ERRAND_CONFIG", "variable.toml"}});
  sources.config_file = "flag.toml";
  auto loaded = load_settings(sources);
  CHECK(loaded.options.workers == 1);
  CHECK(loaded.config_file == "flag.toml");
  const auto origin = std::find(loaded.origins.begin(), loaded.origins.end(), "flag.toml:1:17");
  REQUIRE(origin != loaded.origins.end());
  CHECK(all_settings()[static_cast<size_t>(origin - loaded.origins.begin())].key
        == "workers.count");

  sources.config_file.reset();
  loaded = load_settings(sources);
  CHECK(loaded.options.workers == 2);
  CHECK(loaded.config_file == "variable.toml");

  loaded = load_settings({});
  CHECK(loaded.options.workers == 3);
  CHECK(loaded.config_file == "errand.toml");
}

TEST_CASE("a file that was asked for must exist") {
  workplace here;
  const strings told{"cannot read the configuration file no.toml: No such file or directory"};
  settings_sources sources;
  sources.config_file = "no.toml";
  CHECK(load_settings(sources).errors == told);
  CHECK(load_settings(variables({{"ERRAND_CONFIG", "no.toml"}})).errors == told);
}

TEST_CASE("an empty variable counts as not set") {
  workplace here;
  for (const auto& s : all_settings()) {
    const auto loaded = load_settings(variables({{variable_of(s), ""}}));
    CHECK(loaded.errors.empty());
    CHECK(loaded.warnings.empty());
  }
  CHECK(load_settings(variables({{"ERRAND_CONFIG", ""}})).errors.empty());
}

TEST_CASE("all that is wrong in all sources is told at once, each with its place") {
  workplace here;
  here.write("errand.toml", "workers.count = \"4\"\n"
                            "port = 80\n"
                            "\n"
                            "[http]\n"
                            "prot = 1\n"
                            "  max_body_bytes = \"1MB\"\n"
                            "[log]\n"
                            "level = \"loud\"\n");
  auto sources =
      variables({{"ERRAND_PORT", "80a"}, {"ERRAND_WORKRES", "1"}, {"ERRAND_STORE", "errand.db\n"}});
  sources.flags = {{"--workers", "-1"}, {"--log-level", "quiet"}};
  CHECK(load_settings(sources).errors
        == strings{
            "errand.toml:1:17: workers.count is \"4\" (a string), but must be a whole number from 0"
            " to 1024",
            "errand.toml:2:1: there is no setting port; did you mean http.port?",
            "errand.toml:5:1: there is no setting http.prot; did you mean http.port?",
            "errand.toml:6:20: http.max_body_bytes is \"1MB\" (a string), but must be bytes from"
            " 1KiB to 256MiB, such as 5000 or \"64KiB\"",
            "errand.toml:8:9: log.level is \"loud\" (a string), but must be trace, debug, info,"
            " warn, error or off",
            "ERRAND_PORT is \"80a\", but must be a whole number from 0 to 65535",
            "ERRAND_WORKRES: there is no such setting; did you mean ERRAND_WORKERS?",
            "ERRAND_STORE is \"errand.db\\n\", but must be sqlite:PATH or sqlite::memory:",
            "--workers is \"-1\", but must be a whole number from 0 to 1024",
            "--log-level is \"quiet\", but must be trace, debug, info, warn, error or off",
        });
}

TEST_CASE("a file that is no TOML does not keep the other sources from being checked") {
  workplace here;
  here.write("errand.toml", "a = = 4");
  const auto errors = load_settings(variables({{"ERRAND_PORT", "x"}})).errors;
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].starts_with("errand.toml:1:5: "));
  CHECK(errors[1].starts_with("ERRAND_PORT "));
}

TEST_CASE("a key that is unknown, or no table where one belongs, is refused") {
  workplace here;
  struct row {
    std::string text, error;
  };
  const auto r = GENERATE(values<row>({
      {"colour = 1", "1:1: there is no setting colour"},
      {"drain_timeout = 1",
       "1:1: there is no setting drain_timeout; did you mean drain_timeout_s?"},
      {"[http]\nhttp.port = 1", "2:6: there is no setting http.http.port; did you mean http.port?"},
      {"\"http.port\" = 1", "1:1: there is no setting \"http.port\"; did you mean http.port?"},
      {"[htpp]\nport = 1", "2:1: there is no setting htpp.port; did you mean http.port?"},
      {"[htpp]", "1:2: there is no setting htpp"},
      {"[store]\npath = 1", "2:1: there is no setting store.path; did you mean store?"},
      {"[store]", "1:1: store is a table, but must be sqlite:PATH or sqlite::memory:"},
      {"[[store]]", "1:1: store is an array, but must be sqlite:PATH or sqlite::memory:"},
      {"[queue.mail]\nweight = 1",
       "2:1: there is no setting queue.mail.weight; did you mean the table queues?"},
      {"workres = 4", "1:1: there is no setting workres; did you mean the table workers?"},
      {"http = 1", "1:8: http must be a table: a line [http] and its keys below"},
  }));
  here.write("errand.toml", r.text);
  CHECK(load_settings({}).errors == strings{"errand.toml:" + r.error});
}

TEST_CASE("an empty table is no error") {
  workplace here;
  here.write("errand.toml", "[http]\n[log]\n");
  CHECK(load_settings({}).errors.empty());
}

TEST_CASE("a variable that looks like a setting is refused, another one is a warning") {
  workplace here;
  CHECK(load_settings(variables({{"ERRAND_HTTP_PORT", "1"}})).errors
        == strings{"ERRAND_HTTP_PORT: there is no such setting; did you mean ERRAND_PORT?"});
  CHECK(load_settings(variables({{"ERRAND_CONFG", "1"}})).errors
        == strings{"ERRAND_CONFG: there is no such setting; did you mean ERRAND_CONFIG?"});
  const auto loaded = load_settings(variables({{"ERRAND_COLOUR", "blue"}}));
  CHECK(loaded.errors.empty());
  CHECK(loaded.warnings == strings{"ERRAND_COLOUR: there is no such setting"});
}

TEST_CASE("variables that belong to others are left alone") {
  workplace here;
  const auto loaded = load_settings(variables({{"ERRAND_URL", "http://localhost"},
                                               {"ERRAND_ARG_PORT", "1"},
                                               {"ERRAND_SERVICE_HOST", "10.0.0.1"},
                                               {"ERRAND_PORT_8002_TCP", "tcp://10.0.0.1:8002"}}));
  CHECK(loaded.errors.empty());
  CHECK(loaded.warnings.empty());
}

TEST_CASE("the port that Kubernetes sets for a service is refused with the way out") {
  workplace here;
  const auto errors = load_settings(variables({{"ERRAND_PORT", "tcp://10.0.0.1:8002"}})).errors;
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].find("enableServiceLinks: false") != std::string::npos);
}

TEST_CASE("a flag that is not in the table is refused") {
  workplace here;
  settings_sources sources;
  sources.flags = {{"--colour", "blue"}};
  CHECK(load_settings(sources).errors == strings{"--colour: there is no such flag"});
}

TEST_CASE("settings printed as TOML read back as the same settings") {
  workplace here;
  for (size_t which = 0; which < 2; ++which) {
    settings_sources sources;
    for (const auto& values : values_of_all)
      for (const auto& s : all_settings())
        if (s.key == values.key && !s.flag.empty())
          sources.flags.emplace_back(s.flag, which == 0 ? values.first : values.second);
    const auto printed = to_toml(load_settings(sources));
    here.write("errand.toml", printed);
    const auto loaded = load_settings({});
    INFO(printed);
    CHECK(loaded.errors == strings{});
    for (const auto& values : values_of_all)
      for (const auto& s : all_settings())
        if (s.key == values.key && !s.flag.empty())
          CHECK(shown_value(s, loaded.options) == (which == 0 ? values.first : values.second));
  }
}

TEST_CASE("settings printed as TOML say where each value came from") {
  workplace here;
  here.write("errand.toml", "store = \"sqlite:a b\"\n");
  auto sources = variables({{"ERRAND_PORT", "0"}});
  sources.flags = {{"--log-format", "json"}};
  const auto printed = to_toml(load_settings(sources));
  CHECK(printed.find("store = \"sqlite:a b\"             # errand.toml:1:9\n") == 0);
  CHECK(printed.find("\n[http]\nlisten = \"127.0.0.1\"             # default\n"
                     "port = 0                         # ERRAND_PORT\n")
        != std::string::npos);
  CHECK(printed.find("\nformat = \"json\"                  # --log-format\n") != std::string::npos);
}

TEST_CASE("secrets come from the file or the environment, and are printed by neither") {
  workplace here;
  const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  here.write("errand.toml", "http_task.secrets = [\"" + secret + "\", \"" + secret + "\"]\n");
  const auto from_file = load_settings({});
  CHECK(from_file.options.http_task.secrets == strings{secret, secret});
  const auto from_environment = load_settings(variables({{"ERRAND_HTTP_TASK_SECRETS", secret}}));
  CHECK(from_environment.errors == strings{});
  CHECK(from_environment.options.http_task.secrets == strings{secret});
  const auto printed = to_toml(from_environment);
  CHECK(printed.find(secret.substr(6)) == std::string::npos);
  CHECK(printed.find("secrets = [\"(secret)\"]           # ERRAND_HTTP_TASK_SECRETS\n")
        != std::string::npos);

  here.write("errand.toml", printed); // what is printed is no secret
  const auto again = load_settings({});
  REQUIRE(again.errors.size() == 1);
  CHECK(again.errors[0].find("http_task.secrets is a secret, which is not shown")
        != std::string::npos);

  here.write("errand.toml", "");
  settings_sources sources;
  sources.flags = {{"--http-task-secrets", secret}};
  CHECK(load_settings(sources).errors == strings{"--http-task-secrets: there is no such flag"});
}
