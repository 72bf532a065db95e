// What errand.toml says of commands.

#include "tests/server/settings_of_file.hpp"
#include "tests/support/catch.hpp"

#include "server/exec_options.hpp"
#include "server/settings.hpp"

#include <errand/server.hpp>

using namespace errand;
using errand::test::load;

namespace {

using strings = std::vector<std::string>;

const std::string whole_table =
    "[exec.resize]\n"
    "argv = [\"/usr/bin/convert\", \"-resize\", \"{size}\", \"a\\\"b\"]\n"
    "directory = \"/var/lib/pictures\"\n"
    "user = \"nobody\"\n"
    "max_output_bytes = \"64KiB\"\n"
    "grace_s = 0.5\n"
    "environment = {TZ = \"Europe/Berlin\", KEY = \"s3cret\"}\n";

} // namespace

TEST_CASE("commands are read, and what is not said is at its default") {
  const auto loaded = load(whole_table
                           + "[exec.true]\n"
                             "argv = [\"/bin/true\"]\n"
                             "[exec.true.environment]\n");
  CHECK(loaded.errors == strings{});
  REQUIRE(loaded.options.exec.size() == 2);
  const auto& resize = loaded.options.exec.at("resize");
  CHECK(resize.argv == strings{"/usr/bin/convert", "-resize", "{size}", "a\"b"});
  CHECK(resize.directory == "/var/lib/pictures");
  CHECK(resize.user == "nobody");
  CHECK(resize.max_output_bytes == 64 * 1024);
  CHECK(resize.grace == Seconds(0.5));
  CHECK(resize.environment
        == std::map<std::string, std::string>{{"TZ", "Europe/Berlin"}, {"KEY", "s3cret"}});
  const auto& plain = loaded.options.exec.at("true");
  CHECK(plain.argv == strings{"/bin/true"});
  CHECK(plain.directory == "/");
  CHECK(plain.user.empty());
  CHECK(plain.max_output_bytes == 1024 * 1024);
  CHECK(plain.grace == Seconds(5));
  CHECK(plain.environment.empty());
  CHECK(wrong_options(loaded.options).empty());
}

TEST_CASE("what is wrong with a command is told with its place and what is allowed") {
  const std::string argv_rule =
      ", but must be an array of texts, the first of which is the path of a program from the root"
      " and has no placeholder, such as [\"/usr/bin/convert\", \"-resize\", \"{size}\"]";
  struct row {
    std::string text, error;
  };
  const auto r = GENERATE_COPY(values<row>({
      {"exec = 1", "1:8: exec must be a table: a line [exec.NAME] and its keys below"},
      {"exec.x = 1", "1:10: exec.x must be a table: a line [exec.x] and its keys below"},
      {"[exec.x]", "1:7: exec.x.argv is missing; it must be" + argv_rule.substr(13)},
      {"[exec.x]\nargv = \"/bin/true\"",
       "2:8: exec.x.argv is \"/bin/true\" (a string)" + argv_rule},
      {"[exec.x]\nargv = []", "2:8: exec.x.argv is an empty array" + argv_rule},
      {"[exec.x]\nargv = [\"true\"]",
       "2:8: exec.x.argv is an array whose element 1, \"true\", is no path from the root"
           + argv_rule},
      {"[exec.x]\nargv = [\"/bin/{p}\"]",
       "2:8: exec.x.argv is an array whose element 1, \"/bin/{p}\", has a placeholder" + argv_rule},
      {"[exec.x]\nargv = [\"/bin/a\", 1]",
       "2:8: exec.x.argv is an array of other than strings (see element 2)" + argv_rule},
      {"[exec.x]\nargv = [\"/bin/a\", \"b\", \"c\\u0000\"]",
       "2:8: exec.x.argv is an array whose element 3 has a NUL character" + argv_rule},
      {"[exec.x]\nargv = [\"/bin/true\"]\ndirectory = \"tmp\"",
       "3:13: exec.x.directory is \"tmp\" (a string), but must be a path from the root"},
      {"[exec.x]\nargv = [\"/bin/true\"]\nuser = 0",
       "3:8: exec.x.user is 0, but must be the name of a user"},
      {"[exec.x]\nargv = [\"/bin/true\"]\nmax_output_bytes = \"1GiB\"",
       "3:20: exec.x.max_output_bytes is \"1GiB\" (a string), but must be bytes from 1 to 64MiB,"
       " such as 5000 or \"64KiB\""},
      {"[exec.x]\nargv = [\"/bin/true\"]\nmax_output_bytes = 0",
       "3:20: exec.x.max_output_bytes is 0, but must be bytes from 1 to 64MiB, such as 5000 or"
       " \"64KiB\""},
      {"[exec.x]\nargv = [\"/bin/true\"]\ngrace_s = -1",
       "3:11: exec.x.grace_s is -1, but must be seconds from 0 to 3600"},
      {"[exec.x]\nargv = [\"/bin/true\"]\nenvironment = \"A=1\"",
       "3:15: exec.x.environment is \"A=1\" (a string), but must be a table of texts such as {TZ ="
       " \"Europe/Berlin\"}"},
      {"[exec.x]\nargv = [\"/bin/true\"]\nenvironment.A = 1",
       "3:17: exec.x.environment.A is 1, but must be a text"},
      {"[exec.x]\nargv = [\"/bin/true\"]\nenvironment.ERRAND_ARG_A = \"1\"",
       "3:28: exec.x.environment.ERRAND_ARG_A can't be set: each task sets it to its own"},
      {"[exec.x]\nargv = [\"/bin/true\"]\nenvironment.\"A=B\" = \"1\"",
       "3:21: exec.x.environment.\"A=B\" can't be a variable: its name must have a character or"
       " more, and no '='"},
      {"[exec.x]\nargv = [\"/bin/true\"]\ndirektory = \"/\"",
       "3:1: there is no setting exec.x.direktory; did you mean exec.x.directory?"},
      {"[exec.\"a b\"]\nargv = [\"/bin/true\"]",
       "2:1: exec.\"a b\" can't be a command: its name must be 1 to 128 of A-Z, a-z, 0-9 and"
       " ._:/-"},
      {"[exek.x]\nargv = [\"/bin/true\"]",
       "2:1: there is no setting exek.x.argv; did you mean the table exec?"},
  }));
  INFO(r.text);
  CHECK(load(r.text).errors == strings{"f:" + r.error});
}

TEST_CASE("commands that a program sets are checked like those of a file") {
  Options options;
  options.exec["x"] = {{"true"}, "tmp", "", {{"TRACEPARENT", "x"}}, 0, Seconds(-1)};
  const auto wrong = wrong_options(options);
  REQUIRE(wrong.size() == 5);
  CHECK(wrong[0].starts_with("option exec.x.argv is [\"true\"], but must be"));
  CHECK(wrong[1] == "option exec.x.directory is \"tmp\", but must be a path from the root");
  CHECK(wrong[4]
        == "option exec.x.environment.\"TRACEPARENT\" can't be set: each task sets it to its own");
  options.exec.clear();
  for (size_t i = 0; i <= max_commands; ++i)
    options.exec["c" + std::to_string(i)].argv = {"/bin/true"};
  CHECK(wrong_options(options).size() == 1);
}

TEST_CASE("commands printed as TOML read back as the same, without what may be secret") {
  const auto first = load(whole_table);
  REQUIRE(first.errors == strings{});
  const auto printed = to_toml(first);
  INFO(printed);
  CHECK(printed.find("directory = \"/var/lib/pictures\"  # f:3:13\n") != std::string::npos);
  CHECK(printed.find("# environment.\"KEY\" is set\n") != std::string::npos);
  CHECK(printed.find("s3cret") == std::string::npos);
  const auto second = load(printed);
  CHECK(second.errors == strings{});
  CHECK(second.options.exec.at("resize").argv == first.options.exec.at("resize").argv);
  CHECK(second.options.exec.at("resize").max_output_bytes == 64 * 1024);
  CHECK(second.options.exec.at("resize").environment.empty());
}

TEST_CASE("a server whose commands this machine does not have does not start, and says why") {
  Options options;
  options.store = "sqlite::memory:";
  options.http.port = 0;
  options.log_level = LogLevel::off;
  options.exec["x"].argv = {"/no/such/program"};
  CHECK(unusable_commands(options)
        == strings{"option exec.x.argv names the program /no/such/program, which can't be run: No"
                   " such file or directory"});
  TaskServer server{options};
  CHECK_THROWS_AS(server.start(), StartError);
}

TEST_CASE("a program's own handler for exec takes the place of the built-in one") {
  Options options;
  options.store = "sqlite::memory:";
  options.http.port = 0;
  options.log_level = LogLevel::off;
  TaskServer server{options};
  server.handle("exec", [](TaskContext&) { return 5; });
  server.start();
  CHECK(server.port() != 0);
}

TEST_CASE("the mail server's password comes from the file or the variable, and is not shown") {
  const auto loaded = load("[smtp]\nhost = \"mail.example.org\"\npassword = \"s3cret\"\n");
  CHECK(loaded.errors == strings{});
  CHECK(loaded.options.smtp.password == "s3cret");
  const auto printed = to_toml(loaded);
  CHECK(printed.find("s3cret") == std::string::npos);
  CHECK(printed.find("# password is set\n") != std::string::npos);
  CHECK(load("smtp.password = 12345").errors
        == strings{"f:1:17: smtp.password must be text without control characters"});
  settings_sources sources;
  sources.variables = {{"ERRAND_SMTP_PASSWORD", "0ther"}};
  CHECK(load_settings(sources).options.smtp.password == "0ther");
}
