// docs/configuration.md says of every setting what the table says, and of no other.

#include "tests/support/catch.hpp"

#include "server/settings.hpp"

#include <fstream>
#include <set>
#include <sstream>

using namespace errand;

namespace {

std::vector<std::string> lines_of_document() {
  std::ifstream in(ERRAND_DOCS "/configuration.md");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

std::string code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

/// The heading under which a setting is described, and the line below it.
std::string heading_of(const setting& s) {
  return "### " + code(s.key);
}

std::string names_of(const setting& s) {
  return (s.flag.empty() ? "" : code(s.flag) + ", ") + code(variable_of(s)) + ". Default "
         + code(shown_value(s, Options{})) + ". Allowed: " + allowed_values(s) + ".";
}

} // namespace

TEST_CASE("docs/configuration.md describes every setting as the table has it") {
  const auto lines = lines_of_document();
  REQUIRE_FALSE(lines.empty());
  for (const auto& s : all_settings()) {
    const auto heading = std::find(lines.begin(), lines.end(), heading_of(s));
    INFO("expected: " << heading_of(s));
    REQUIRE(heading != lines.end());
    REQUIRE(lines.end() - heading > 4);
    CHECK(heading[1].empty());
    CHECK(heading[2] == names_of(s));
    CHECK(heading[3].empty());
    INFO("what it means and costs must follow");
    CHECK(heading[4].size() > 40);
  }
}

TEST_CASE("docs/configuration.md describes the settings in the table's order and no others") {
  std::vector<std::string> described;
  for (const auto& line : lines_of_document())
    if (line.starts_with("### "))
      described.push_back(line);
  std::vector<std::string> expected;
  for (const auto& s : all_settings())
    expected.push_back(heading_of(s));
  CHECK(described == expected);
}

TEST_CASE("docs/configuration.md names no variable that does not exist") {
  std::set<std::string> known{std::string(config_variable),
                              std::string(password_variable),
                              "ERRAND_URL",
                              "ERRAND_TOKEN",
                              "ERRAND_ARG_",
                              "ERRAND_SERVICE_",
                              "ERRAND_PORT_",
                              "ERRAND_"};
  for (const auto& s : all_settings())
    known.insert(variable_of(s));
  for (const auto& line : lines_of_document())
    for (auto at = line.find("ERRAND_"); at != line.npos; at = line.find("ERRAND_", at + 1)) {
      const auto end = line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", at);
      const auto name = line.substr(at, end == line.npos ? end : end - at);
      INFO(line);
      CHECK(known.count(name) == 1);
    }
}
