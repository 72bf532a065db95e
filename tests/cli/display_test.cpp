// How the client shows things: widths, tables, times.

#include "tests/support/catch.hpp"

#include "cli/client/display_width.hpp"
#include "cli/client/refusal.hpp"
#include "cli/client/table.hpp"
#include "cli/client/times.hpp"

#include <cstdlib>
#include <ctime>

using namespace errand;
using namespace errand::client;

TEST_CASE("a text takes the columns that a terminal gives it") {
  struct row {
    std::string text;
    size_t width;
  };
  const auto r = GENERATE(values<row>({
      {"", 0},
      {"abc", 3},
      {"Grüße", 5},
      {"e\u0301", 1}, // an accent of its own
      {"日本", 4},
      {"…", 1},
      {"\U0001f600", 2},
      {"한", 2},
  }));
  INFO(r.text);
  CHECK(display_width(r.text) == r.width);
  CHECK(fitted(r.text, r.width) == r.text);
}

TEST_CASE("a text that does not fit ends with an ellipsis within its columns") {
  struct row {
    std::string text;
    size_t columns;
    std::string shown;
  };
  const auto r = GENERATE(values<row>({
      {"abcdef", 4, "abc…"},
      {"abcdef", 1, "…"},
      {"abcdef", 0, ""},
      {"日本語", 5, "日本…"},
      {"日本語", 4, "日…"}, // half a character is none
      {"äöüß", 3, "äö…"},
      {"ae\u0301bc", 3, "ae\u0301…"},
  }));
  CHECK(fitted(r.text, r.columns) == r.shown);
  CHECK(display_width(r.shown) <= r.columns);
}

TEST_CASE("a table's columns are as wide as what they hold, numbers to the right") {
  table t({{"NAME"}, {"COUNT", true}, {"NOTE"}});
  t.add({"a", "1", ""});
  t.add({"long name", "12345678", "x\x1b[2J"});
  CHECK(t.rows() == 2);
  CHECK(t.text({}, false)
        == "NAME          COUNT  NOTE\n"
           "a                 1\n"
           "long name  12345678  x?[2J\n");
}

TEST_CASE("columns shrink to the terminal's width, the widest first; then the last ones go") {
  table t({{"ID"}, {"KIND", false, true}, {"QUEUE", false, true}, {"LAST"}});
  t.add({"0123456789", "kind-kind-kind", "queue-queue", "end"});
  CHECK(t.text(45, false)
        == "ID          KIND            QUEUE        LAST\n"
           "0123456789  kind-kind-kind  queue-queue  end\n");
  CHECK(t.text(39, false)
        == "ID          KIND       QUEUE       LAST\n"
           "0123456789  kind-kin…  queue-que…  end\n");
  CHECK(t.text(32, false)
        == "ID          KIND    QUEUE   LAST\n"
           "0123456789  kind-…  queue…  end\n");
  CHECK(t.text(31, false)
        == "ID          KIND    QUEUE\n"
           "0123456789  kind-…  queue…\n");
  CHECK(t.text(5, false)
        == "ID\n"
           "0123456789\n");
}

TEST_CASE("colours stand around the text and change no width") {
  table t({{"A"}, {"B"}});
  t.add({cell("x", ink::red), "y"});
  CHECK(t.text(80, true)
        == "\x1b[1mA\x1b[0m  \x1b[1mB\x1b[0m\n"
           "\x1b[31mx\x1b[0m  y\n");
  CHECK(inked(ink::red, "x", false) == "x");
  CHECK(inked(ink::red, "", true).empty());
}

TEST_CASE("ages have two units at most") {
  struct row {
    double seconds;
    std::string text;
  };
  const auto r = GENERATE(values<row>({
      {-5, "0s"},
      {0.9, "0s"},
      {59.9, "59s"},
      {60, "1m00s"},
      {192, "3m12s"},
      {3599, "59m59s"},
      {3600, "1h00m"},
      {7500, "2h05m"},
      {86400, "1d00h"},
      {360000, "4d04h"},
      {1e300, "11574074d01h"},
  }));
  CHECK(age_text(r.seconds) == r.text);
}

TEST_CASE("short spans have fractions") {
  struct row {
    double seconds;
    std::string text;
  };
  const auto r = GENERATE(values<row>({
      {0, "0ms"},
      {0.0000042, "4.2µs"},
      {0.0009, "900µs"},
      {0.0049, "4.9ms"},
      {0.0123, "12ms"},
      {0.9994, "999ms"},
      {0.9996, "1.0s"},
      {1.94, "1.9s"},
      {59.9, "60s"},
      {60, "1m00s"},
  }));
  CHECK(span_text(r.seconds) == r.text);
}

TEST_CASE("times are shown in the time zone of the process, with seconds") {
  setenv("TZ", "Europe/Berlin", 1);
  tzset();
  CHECK(local_time("2026-11-22T21:00:00.987Z") == "2026-11-22 22:00:00");
  CHECK(local_time("2026-07-01T21:00:00Z") == "2026-07-01 23:00:00");
  CHECK(local_time("soon\x1b") == "soon?");
  unsetenv("TZ");
  tzset();
  CHECK(age_of("2026-11-22T21:00:00Z", *parse_rfc3339("2026-11-22T21:03:12Z")) == "3m12s");
  CHECK(age_of("-", timestamp{}) == "-");
}

TEST_CASE("a refusal tells title and detail, and errors that the detail has not told") {
  const std::string whole = R"-({"title":"Not valid","detail":"/a is 1; no (and 1 more)","errors":[
    {"pointer":"/a","detail":"is 1; no"},{"pointer":"/b","detail":"is 2"},3]})-";
  const std::string title = R"({"title":"Busy"})";
  using lines = std::vector<std::string>;
  CHECK(lines_of_refusal(422, whole)
        == lines{"Not valid (422): /a is 1; no (and 1 more)", "/b is 2"});
  CHECK(lines_of_refusal(503, title) == lines{"Busy (503)"});
  CHECK(lines_of_refusal(500, "") == lines{"refused with status 500"});
  CHECK(lines_of_refusal(500, "[1]") == lines{"refused with status 500: \"[1]\""});
}
