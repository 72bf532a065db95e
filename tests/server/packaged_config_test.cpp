// packaging/errand.toml, which packages install as /etc/errand/errand.toml, shows every setting at
// its default.

#include "tests/support/catch.hpp"

#include "server/route_tables.hpp"
#include "tests/server/settings_of_file.hpp"

#include <fstream>
#include <sstream>

using namespace errand;
using errand::test::load;

namespace {

std::string packaged_config() {
  std::ifstream in(ERRAND_SOURCE_DIR "/packaging/errand.toml");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The settings as the file has them: each with its help, under its table.
std::string settings_part() {
  std::string text, table;
  for (const auto& s : all_settings()) {
    const auto dot = s.key.find('.');
    if (dot != s.key.npos && s.key.substr(0, dot) != table) {
      table = s.key.substr(0, dot);
      text += "\n[" + table + "]\n";
    }
    text += "# " + std::string(s.help) + "\n#" + std::string(s.key.substr(dot + 1)) + " = "
            + toml_value(s, Options{}) + "\n";
  }
  return text;
}

} // namespace

TEST_CASE("the packages' errand.toml has every setting as the table has it, and changes none") {
  const auto text = packaged_config();
  const auto from = text.find("\n# where tasks are kept") + 1;
  const auto to = text.find("\n# Paths of one's own");
  REQUIRE(from != 0);
  REQUIRE(to != text.npos);
  CHECK(text.substr(from, to - from) == settings_part());

  const auto loaded = load(text);
  CHECK(loaded.errors.empty());
  for (size_t i = 0; i < all_settings().size(); ++i) {
    INFO(all_settings()[i].key);
    CHECK(loaded.origins[i] == "default");
  }
}

TEST_CASE("the packages' errand.toml with all that it leaves out in comments says the defaults") {
  std::stringstream in(packaged_config());
  std::string uncommented;
  for (std::string line; std::getline(in, line);)
    uncommented +=
        (line.size() > 1 && line[0] == '#' && line[1] != ' ' ? line.substr(1) : line) + '\n';
  const auto loaded = load(uncommented);
  CHECK(loaded.errors == std::vector<std::string>{});
  CHECK(loaded.warnings == std::vector<std::string>{});
  for (size_t i = 0; i < all_settings().size(); ++i) {
    INFO(all_settings()[i].key);
    CHECK(loaded.origins[i] != "default");
    CHECK(toml_value(all_settings()[i], loaded.options)
          == toml_value(all_settings()[i], Options{}));
  }
  CHECK(routes_to_toml(loaded.options) == routes_to_toml(Options{}));
}
