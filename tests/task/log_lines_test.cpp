#include "task/log_lines.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace errand;

namespace {

std::vector<std::string> texts(const std::vector<log_line>& lines) {
  std::vector<std::string> found;
  for (const auto& line : lines)
    found.push_back(line.text);
  return found;
}

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("text is as many lines as it has, and a line break at its end begins none", "[log]") {
  const timestamp now{std::chrono::hours(490'000)};
  CHECK(texts(log_lines_of("one", now)) == strings{"one"});
  CHECK(texts(log_lines_of("one\r\ntwo\n", now)) == strings{"one", "two"});
  CHECK(texts(log_lines_of("\n\nthree", now)) == strings{"", "", "three"});
  CHECK(texts(log_lines_of("", now)) == strings{""});
  CHECK(log_lines_of("one", now).front().at == now);
  CHECK(log_lines_of(std::string(log_line_max + 1, 'x'), now).front().text.size() <= log_line_max);
}

TEST_CASE("the line that exceeds the limit is the last", "[log]") {
  CHECK(texts(log_lines_of("a\nb\nc\nd", {}, 2)) == strings{"a", "b", "c"});
  CHECK(texts(log_lines_of("a\nb\nc\nd", {}, 9, 3)) == strings{"a", "b"});
  CHECK(texts(log_lines_of("a\nb", {}, 0, 0)) == strings{"a"});
  const std::string many(30'000, '\n');
  CHECK(log_lines_of(many, {}).size() == size_t{log_lines_max} + 1);
}
