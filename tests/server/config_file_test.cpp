// server/config_file.hpp: what is read from a file, and the places that it is told with.

#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

#include "server/config_file.hpp"

#include <filesystem>
#include <fstream>

using namespace errand;
using errand::test::temp_folder;

namespace {

std::string text_of(const given_value& value) {
  if (const auto* text = std::get_if<std::string>(&value))
    return "string " + *text;
  if (const auto* whole = std::get_if<int64_t>(&value))
    return "whole " + std::to_string(*whole);
  if (const auto* number = std::get_if<double>(&value))
    return "number " + std::to_string(*number);
  if (const auto* foreign = std::get_if<foreign_value>(&value))
    return foreign->description;
  return "text";
}

} // namespace

TEST_CASE("values come in the file's order, with the places of key and value") {
  const auto file = parse_config("store = \"sqlite:a\"\n"
                                 "\n"
                                 "[log]\n"
                                 "  level = \"info\"\n"
                                 "[http]\n"
                                 "port = 8002\n"
                                 "idle_timeout_s = 0.5\n",
                                 "f.toml");
  REQUIRE(file.error.empty());
  std::vector<std::string> told;
  for (const auto& e : file.entries)
    told.push_back(e.key + " " + e.key_place + " " + e.value_place + " " + text_of(e.value));
  CHECK(told
        == std::vector<std::string>{
            "store f.toml:1:1 f.toml:1:9 string sqlite:a",
            "log.level f.toml:4:3 f.toml:4:11 string info",
            "http.port f.toml:6:1 f.toml:6:8 whole 8002",
            "http.idle_timeout_s f.toml:7:1 f.toml:7:18 number 0.500000",
        });
}

TEST_CASE("values of types that no setting has are described") {
  const auto file = parse_config("a = true\nb = false\nc = [1]\nd = 1979-05-27\ne = {}\n"
                                 "f = 07:32:00\n[[g]]\nx = 1\n",
                                 "f.toml");
  REQUIRE(file.error.empty());
  std::vector<std::string> told;
  for (const auto& e : file.entries)
    told.push_back(text_of(e.value));
  CHECK(told
        == std::vector<std::string>{"true (a boolean)", "false (a boolean)",
                                    "an array of other than strings (see element 1)",
                                    "a date or time", "a table", "a date or time", "an array"});
}

TEST_CASE("a dot inside of a quoted key does not make a table") {
  const auto file = parse_config("\"http.port\" = 1\nhttp.port = 2\n\"\" = 3\n\"a\\nb\" = 4", "f");
  REQUIRE(file.entries.size() == 4);
  CHECK(file.entries[0].key == "\"http.port\"");
  CHECK(file.entries[1].key == "http.port");
  CHECK(file.entries[2].key == "\"\"");
  CHECK(file.entries[3].key == R"("a\nb")");
}

TEST_CASE("a boolean and an array of strings come with what they hold") {
  const auto file = parse_config("a = true\nb = [\"x\", \"y z\"]\nc = []\nd = [\"x\", 1]\n", "f");
  REQUIRE(file.entries.size() == 4);
  const auto content = [&](size_t i) {
    return std::get<foreign_value>(file.entries[i].value).content;
  };
  CHECK(std::get<bool>(content(0)));
  CHECK(std::get<std::vector<std::string>>(content(1)) == std::vector<std::string>{"x", "y z"});
  CHECK(std::get<std::vector<std::string>>(content(2)).empty());
  CHECK(std::holds_alternative<std::monostate>(content(3)));
}

TEST_CASE("a key comes part by part, too") {
  const auto file = parse_config("[queues.\"a.b\"]\nrate = {limit = 1}\n", "f");
  REQUIRE(file.entries.size() == 1);
  CHECK(file.entries[0].key == "queues.\"a.b\".rate.limit");
  CHECK(file.entries[0].path == std::vector<std::string>{"queues", "a.b", "rate", "limit"});
}

TEST_CASE("an empty table shows up by itself, one with values does not") {
  const auto file = parse_config("[http]\n[log]\nlevel = \"info\"", "f");
  REQUIRE(file.entries.size() == 2);
  CHECK(file.entries[0].key == "http");
  CHECK(file.entries[0].is_empty_table);
  CHECK_FALSE(file.entries[1].is_empty_table);
}

TEST_CASE("an empty file has nothing to say") {
  CHECK(parse_config("", "f").entries.empty());
  CHECK(parse_config("# a comment\n", "f").error.empty());
}

TEST_CASE("what is no TOML is told with line and column, on one line") {
  struct row {
    std::string text, place;
  };
  const auto r = GENERATE(values<row>({
      {"a = = 3", "f:1:5: "},
      {"\nport = 1\nport = 2\n", "f:3:"},
      {"a = \"", "f:1:"},
      {"a = 1\nb", "f:2:"},
      {"[http\nport = 1", "f:1:"},
      {"a = \"\xff\"", "f:1:"},
      {std::string("a = 1\n\0", 7), "f:2:"},
      {std::string(100'000, '['), "f:1:"},
      {"a = " + std::string(100'000, '['), "f:1:"},
      {"a = 99999999999999999999", "f:1:"},
  }));
  const auto file = parse_config(r.text, "f");
  INFO(file.error);
  CHECK(file.error.starts_with(r.place));
  CHECK(file.error.find('\n') == std::string::npos);
  CHECK(file.entries.empty());
}

TEST_CASE("a file that can't be read is told by name and reason") {
  const temp_folder folder;
  const auto missing = folder.file("no.toml");
  CHECK(read_config_file(missing).error
        == "cannot read the configuration file " + missing + ": No such file or directory");
  const auto inner = folder.file("folder");
  std::filesystem::create_directory(inner);
  CHECK(read_config_file(inner).error
        == "cannot read the configuration file " + inner + ": Is a directory");
  CHECK(read_config_file("/dev/zero").error
        == "cannot read the configuration file /dev/zero: it is larger than 1 MiB; is it the right"
           " file?");
  CHECK(read_config_file("no\nsuch").error
        == R"(cannot read the configuration file "no\nsuch": No such file or directory)");
}

TEST_CASE("places in a file name it as the user did") {
  const temp_folder folder;
  const auto path = folder.file("errand.toml");
  std::ofstream(path) << "workers = 1\n";
  const auto file = read_config_file(path);
  REQUIRE(file.entries.size() == 1);
  CHECK(file.entries[0].value_place == path + ":1:11");
}
