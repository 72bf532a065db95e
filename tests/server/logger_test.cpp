// server/spdlog_logger.hpp: both formats, with text that a hostile client may have chosen.

#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

#include "server/spdlog_logger.hpp"

#include <fcntl.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <thread>
#include <unistd.h>

using namespace errand;
using errand::test::temp_folder;
using nlohmann::json;

namespace {

/// What one event looks like in the text format, behind the time.
std::string text_of(std::string_view message, const log_fields& fields = {}) {
  std::ostringstream out;
  make_logger(LogLevel::trace, LogFormat::text, out)->info(message, fields);
  const auto line = out.str();
  static const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info  ([^\n]*)\n)");
  std::smatch parts;
  INFO(line);
  REQUIRE(std::regex_match(line, parts, form));
  return parts[1];
}

json json_of(std::string_view message, const log_fields& fields = {}) {
  std::ostringstream out;
  make_logger(LogLevel::trace, LogFormat::json, out)->info(message, fields);
  const auto line = out.str();
  INFO(line);
  REQUIRE(line.find('\n') == line.size() - 1);
  const auto event = json::parse(line, nullptr, false);
  REQUIRE(event.is_object());
  return event;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

const std::vector<std::string> hostile_texts{
    "x\n2026-11-22T21:00:00.123Z error forged",
    "\r\x1b[2K\x1b[1A",
    "\xff\xfe\xc3",
    std::string("a\0b", 3),
    "\xe2\x80\xa8\xe2\x80\xae\xc2\x85",
    "%v %t {} {0} %n",
    "\"},{\"level\":\"error",
};

} // namespace

TEST_CASE("text: an event is its time in UTC, level, message and fields on one line") {
  CHECK(text_of("task done", {{"task", "018f"}, {"worker", "w-1"}})
        == "task done task=018f worker=w-1");
}

TEST_CASE("text: the levels have one width") {
  std::ostringstream out;
  const auto log = make_logger(LogLevel::trace, LogFormat::text, out);
  log->write(log_level::trace, "m", {});
  log->debug("m");
  log->info("m");
  log->warn("m");
  log->error("m");
  std::vector<std::string> levels;
  for (const auto& line : lines_of(out.str()))
    levels.push_back(line.substr(24));
  CHECK(levels
        == std::vector<std::string>{" trace m", " debug m", " info  m", " warn  m", " error m"});
}

TEST_CASE("text: a value that is not one plain word is quoted and escaped") {
  struct row {
    std::string value, shown;
  };
  const auto r = GENERATE(values<row>({
      {"word", "word"},
      {"http://[::1]:8002/v1?x", "http://[::1]:8002/v1?x"},
      {"Grüße", "Grüße"},
      {"", "\"\""},
      {"two words", "\"two words\""},
      {"a=b", "\"a=b\""},
      {"say \"hi\"", R"("say \"hi\"")"},
      {"a\nb", R"("a\nb")"},
      {"\xff", R"("\xff")"},
  }));
  CHECK(text_of("m", {{"key", r.value}}) == "m key=" + r.shown);
}

TEST_CASE("text: a message can't pass for fields or for another line") {
  CHECK(text_of("a plain message, with a comma: 1") == "a plain message, with a comma: 1");
  CHECK(text_of("yes task=forged") == "\"yes task=forged\"");
  CHECK(text_of("yes\n2026") == R"("yes\n2026")");
  CHECK(text_of("") == "\"\"");
}

TEST_CASE("text: whatever a client sends stays on its one line, printable") {
  for (const auto& hostile : hostile_texts) {
    const auto line = text_of(hostile, {{"value", hostile}});
    INFO(line);
    CHECK(std::none_of(line.begin(), line.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
    CHECK(json::accept("\"" + std::regex_replace(line, std::regex(R"(["\\])"), "") + "\""));
  }
}

TEST_CASE("json: an event is one object of strings on one line") {
  const auto event = json_of("task done", {{"task", "018f"}, {"note", "two words"}});
  CHECK(std::regex_match(event["time"].get<std::string>(),
                         std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
  CHECK(event["level"] == "info");
  CHECK(event["message"] == "task done");
  CHECK(event["task"] == "018f");
  CHECK(event["note"] == "two words");
  CHECK(event.size() == 5);
}

TEST_CASE("json: valid text arrives unchanged, bytes that are no UTF-8 as U+FFFD") {
  for (const auto& text : {std::string("Grüße \"世界\" \\ \n \x7f"), std::string("a\0b", 3),
                           std::string("%v {} \xe2\x80\xa8")}) {
    const auto event = json_of(text, {{"value", text}});
    CHECK(event["message"] == text);
    CHECK(event["value"] == text);
  }
  CHECK(json_of("a\xff")["message"] == "a\xef\xbf\xbd");
}

TEST_CASE("json: whatever a client sends stays in its place") {
  for (const auto& hostile : hostile_texts) {
    const auto event = json_of(hostile, {{"value", hostile}});
    CHECK(event.size() == 4);
    CHECK(event["level"] == "info");
  }
}

TEST_CASE("events below the logger's level are not written") {
  const auto format = GENERATE(LogFormat::text, LogFormat::json);
  const auto level = GENERATE(LogLevel::trace, LogLevel::debug, LogLevel::info, LogLevel::warn,
                              LogLevel::error, LogLevel::off);
  std::ostringstream out;
  const auto log = make_logger(level, format, out);
  size_t expected = 0;
  for (const auto event :
       {log_level::trace, log_level::debug, log_level::info, log_level::warn, log_level::error}) {
    const bool is_enabled = static_cast<int>(event) >= static_cast<int>(level);
    CHECK(log->enabled(event) == is_enabled);
    log->write(event, "m", {});
    expected += is_enabled;
    CHECK(lines_of(out.str()).size() == expected); // at once, not when a buffer is full
  }
  CHECK_FALSE(log->enabled(log_level::off));
  log->write(log_level::off, "m", {});
  CHECK(lines_of(out.str()).size() == expected);
}

TEST_CASE("lines of several threads do not mix") {
  std::ostringstream out;
  const auto log = make_logger(LogLevel::info, LogFormat::json, out);
  constexpr size_t threads = 4;
  constexpr size_t events = 250;
  {
    std::vector<std::jthread> writers;
    for (size_t i = 0; i < threads; ++i)
      writers.emplace_back([&log, i] {
        for (size_t n = 0; n < events; ++n)
          log->info(std::string(200, static_cast<char>('a' + i)), {{"n", std::to_string(n)}});
      });
  }
  const auto lines = lines_of(out.str());
  CHECK(lines.size() == threads * events);
  CHECK(std::all_of(lines.begin(), lines.end(), [](const auto& line) {
    const auto event = json::parse(line, nullptr, false);
    return event.is_object() && event["message"].template get<std::string>().size() == 200;
  }));
}

TEST_CASE("two loggers live side by side") {
  std::ostringstream first, second;
  const auto one = make_logger(LogLevel::info, LogFormat::text, first);
  const auto other = make_logger(LogLevel::error, LogFormat::json, second);
  one->info("a");
  other->info("b");
  other->error("c");
  CHECK(lines_of(first.str()).size() == 1);
  CHECK(json::parse(second.str())["message"] == "c");
}

TEST_CASE("the program's logger writes to standard error") {
  const temp_folder folder;
  const auto path = folder.file("stderr");
  const int kept = dup(STDERR_FILENO);
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  dup2(file, STDERR_FILENO);
  make_logger(LogLevel::info, LogFormat::text)->info("to standard error");
  dup2(kept, STDERR_FILENO);
  close(kept);
  close(file);
  std::stringstream written;
  written << std::ifstream(path).rdbuf();
  CHECK(written.str().find(" info  to standard error\n") != std::string::npos);
}
