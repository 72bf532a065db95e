// What becomes of what a command writes.
#include "handlers/exec_output.hpp"
#include "task/task.hpp"
#include "tests/support/catch.hpp"

#include <vector>

using namespace errand;
using nlohmann::json;
using strings = std::vector<std::string>;

namespace {

struct told {
  double fraction;
  std::string message;
  friend bool operator==(const told&, const told&) = default;
  friend std::ostream& operator<<(std::ostream& out, const told& t) {
    return out << t.fraction << ' ' << t.message;
  }
};

struct stdout_fixture {
  std::vector<told> progress;
  result_reader reader{64, [this](double fraction, std::string_view message) {
                         progress.push_back({fraction, std::string(message)});
                       }};

  json read(const std::string& text, size_t piece = 1) {
    for (size_t at = 0; at < text.size(); at += piece)
      reader.take(std::string_view(text).substr(at, piece));
    reader.finish();
    return reader.result();
  }
};

struct stderr_fixture {
  strings lines;
  error_reader reader{[this](std::string_view line) { lines.emplace_back(line); }};

  void read(const std::string& text, size_t piece) {
    for (size_t at = 0; at < text.size(); at += piece)
      reader.take(std::string_view(text).substr(at, piece));
    reader.finish();
  }
};

} // namespace

TEST_CASE_METHOD(stdout_fixture, "standard output is a result, as JSON if it is that") {
  const auto [text, result] = GENERATE(table<std::string, json>({
      {"", ""},
      {"hi\n", "hi"},
      {"hi\r\n", "hi"},
      {"hi\n\n", "hi\n"},
      {"a\r\nb", "a\r\nb"},
      {"5\n", 5},
      {" {\"a\": [1, null]} \n", {{"a", {1, nullptr}}}},
      {"{\"a\": 1} x", "{\"a\": 1} x"},
      {"\"text\"", "text"},
      {"\xc3\xa4", "ä"},
      {":", ":"},
      {"::", "::"},
      {"::progress", "::progress"},
      {"::progressive 1", "::progressive 1"},
      {"::progress half", "::progress half"},
      {"::progress 0.5x\n", "::progress 0.5x"},
      {" ::progress 0.5", " ::progress 0.5"},
  }));
  const auto piece = GENERATE(size_t{1}, size_t{3}, size_t{100});
  INFO(text << " by " << piece);
  CHECK(read(text, piece) == result);
  CHECK(progress.empty());
  CHECK(!reader.too_large());
}

TEST_CASE_METHOD(stdout_fixture, "lines of progress are reported and no part of the result") {
  const auto piece = GENERATE(size_t{1}, size_t{7}, size_t{100});
  CHECK(read("one\n::progress 0.4 half way\n\n::progress 1e-1\r\ntwo\n::progress 1 ", piece)
        == "one\n\ntwo");
  CHECK(progress == std::vector<told>{{0.4, "half way"}, {0.1, ""}, {1, ""}});
}

TEST_CASE_METHOD(stdout_fixture, "a line of progress has room for a long message, not for any") {
  const auto longest = std::string(10'000, 'x');
  CHECK(read("::progress 0.5 " + longest + "\nend", 999) == "end");
  REQUIRE(progress.size() == 1);
  CHECK(progress[0].message.size() >= progress_message_max);
  CHECK(progress[0].message.size() < 2 * progress_message_max);
}

TEST_CASE_METHOD(stdout_fixture, "output beyond the limit is dropped, and lines of progress do not"
                                 " count") {
  const std::string full(64, 'x');
  SECTION("it fits exactly") {
    CHECK(read("::progress 0.5 a message that is as long as half of the limit\n" + full) == full);
    CHECK(!reader.too_large());
  }
  SECTION("it is one byte too long") {
    read(full + "x");
    CHECK(reader.too_large());
  }
  SECTION("nothing of what follows is kept, but its progress is told") {
    for (int i = 0; i < 1000; ++i)
      reader.take(full + "\n::progress 0.1\n");
    CHECK(reader.too_large());
    CHECK(progress.size() == 1000);
  }
}

TEST_CASE_METHOD(stdout_fixture, "output that is neither JSON nor text can't be a result") {
  CHECK_THROWS_AS(read("\x89PNG\xff"), PermanentError);
}

TEST_CASE("JSON that is nested deeper than others can walk is text") {
  const auto nested = [](size_t depth) {
    result_reader reader{1 << 20, [](double, std::string_view) {}};
    reader.take(std::string(depth, '[') + std::string(depth, ']'));
    reader.finish();
    return reader.result();
  };
  CHECK(nested(100).is_array());
  CHECK(nested(101).is_string());
  CHECK(nested(200'000).is_string());
}

TEST_CASE_METHOD(stderr_fixture, "standard error is given on line by line") {
  const auto piece = GENERATE(size_t{1}, size_t{3}, size_t{100});
  read("one\r\n\nthree\nfour", piece);
  CHECK(lines == strings{"one", "", "three", "four"});
  CHECK(reader.tail() == "one\n\nthree\nfour");
}

TEST_CASE_METHOD(stderr_fixture, "a line is given on as soon as it is whole") {
  reader.take("a\nb");
  CHECK(lines == strings{"a"});
  reader.take("c\n");
  CHECK(lines == strings{"a", "bc"});
  reader.finish();
  CHECK(lines.size() == 2);
}

TEST_CASE_METHOD(stderr_fixture, "the end of standard error is short, of whole lines, and fit to "
                                 "be shown") {
  SECTION("many lines") {
    for (int i = 1000; i < 3000; ++i)
      reader.take("line " + std::to_string(i) + "\r\n");
    const auto tail = reader.tail();
    CHECK(tail.size() <= 2048);
    CHECK(tail.size() >= 900);
    CHECK(tail.starts_with("line 2"));
    CHECK(tail.ends_with("line 2998\nline 2999"));
  }
  SECTION("much in one piece") {
    reader.take(std::string(100'000, 'x') + "\nlast \xff\x1b[31m\n\n");
    CHECK(reader.tail() == "last \xef\xbf\xbd?[31m");
  }
  SECTION("one long line") {
    reader.take(std::string(100'000, 'x'));
    CHECK(reader.tail() == std::string(1024, 'x'));
  }
}

TEST_CASE_METHOD(stderr_fixture, "no more lines are given on than a log has room for, and one") {
  SECTION("by number") {
    for (int i = 0; i < 20'000; ++i)
      reader.take("\n");
    CHECK(lines.size() == log_lines_max + 1);
  }
  SECTION("by bytes, and each is cut") {
    for (int i = 0; i < 500; ++i)
      reader.take(std::string(10'000, 'x') + "\n");
    CHECK(lines[0].size() == log_line_max + 1);
    CHECK(lines.size() < 2 * log_bytes_max / log_line_max);
  }
}
