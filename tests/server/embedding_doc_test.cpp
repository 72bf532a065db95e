// Programs that documents show are those that are built and run.

#include "tests/support/catch.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(ERRAND_SOURCE_DIR "/" + path);
  REQUIRE(in);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

/// The lines of the first indented block below that one, without their indent.
std::vector<std::string> block_below(const std::string& path, const std::string& heading) {
  constexpr size_t indent = 4;
  const auto lines = lines_of(path);
  std::vector<std::string> block;
  bool is_below = false;
  for (const auto& line : lines) {
    is_below |= line.find(heading) != line.npos;
    if (!is_below)
      continue;
    if (line.starts_with(std::string(indent, ' ')))
      block.push_back(line.substr(indent));
    else if (line.empty() && !block.empty())
      block.emplace_back();
    else if (!block.empty())
      break;
  }
  while (!block.empty() && block.back().empty())
    block.pop_back();
  return block;
}

} // namespace

TEST_CASE("docs/embedding.md shows the smallest example as it is") {
  CHECK(block_below("docs/embedding.md", "as a whole:")
        == lines_of("examples/embedding/sleep.cpp"));
}

TEST_CASE("docs/actors.md shows the example with actors as it is") {
  CHECK(block_below("docs/actors.md", "as a whole:") == lines_of("examples/embedding/actors.cpp"));
}

TEST_CASE("docs/embedding.md shows the test of a program as it is") {
  CHECK(block_below("docs/embedding.md", "the whole of it:")
        == lines_of("examples/embedding/inline_test.cpp"));
}

TEST_CASE("what README.md shows of embedding is run by a test") {
  std::string tested;
  for (const auto& line : lines_of("tests/server/embedding_test.cpp"))
    tested += line + '\n';
  std::string shown;
  for (const auto& line : block_below("README.md", "## In your own program"))
    if (!line.empty() && !line.starts_with("#include"))
      shown += "  " + line + '\n';
  CHECK_FALSE(shown.empty());
  CHECK(tested.find(shown) != tested.npos);
}
