#include "http/exposition.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <locale>

using namespace errand;
using namespace std::chrono_literals;

TEST_CASE("families are written with their help, type, labels and values") {
  exposition out;
  out.counter("a_total", "How many.").add({{"queue", "mail"}, {"kind", "send"}}, 3).add({}, 4.5);
  out.gauge("b", "How much.").add(0);
  CHECK(out.text()
        == "# HELP a_total How many.\n"
           "# TYPE a_total counter\n"
           "a_total{queue=\"mail\",kind=\"send\"} 3\n"
           "a_total 4.5\n"
           "# HELP b How much.\n"
           "# TYPE b gauge\n"
           "b 0\n");
}

TEST_CASE("buckets are cumulative, the last one has all values, and equals the count") {
  static constexpr std::array<int64_t, 2> bounds{1000, 2'500'000};
  bucket_histogram times(bounds);
  times.add(1ms);
  times.add(1s);
  times.add(2s);
  times.add(10s);
  exposition out;
  out.histogram("t_seconds", "How long.").add_seconds({{"q", "mail"}}, times);
  CHECK(out.text()
        == "# HELP t_seconds How long.\n"
           "# TYPE t_seconds histogram\n"
           "t_seconds_count{q=\"mail\"} 4\n"
           "t_seconds_sum{q=\"mail\"} 13.001\n"
           "t_seconds_bucket{q=\"mail\",le=\"0.001\"} 1\n"
           "t_seconds_bucket{q=\"mail\",le=\"2.5\"} 3\n"
           "t_seconds_bucket{q=\"mail\",le=\"+Inf\"} 4\n");
}

TEST_CASE("numbers are told as they are") {
  static constexpr std::array<int64_t, 2> bounds{1, 64};
  bucket_histogram sizes(bounds);
  sizes.add(int64_t{7});
  exposition out;
  out.histogram("n", "How many.").add_numbers({}, sizes);
  CHECK(out.text().find("n_sum 7\n") != std::string::npos);
  CHECK(out.text().find("n_bucket{le=\"64\"} 1\n") != std::string::npos);
}

TEST_CASE("a label can't end its line or its quotes") {
  exposition out;
  out.gauge("a", "b").add({{"route", "/\"x\"\\\n{}"}}, 1);
  CHECK(out.text().find(R"(a{route="/\"x\"\\\n{}"} 1)") != std::string::npos);
}

namespace {

struct comma : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

} // namespace

TEST_CASE("numbers are written the same in a program with another locale") {
  const auto before = std::locale::global(std::locale(std::locale::classic(), new comma));
  exposition out;
  out.gauge("a", "b").add(1234567.5);
  const auto text = out.text();
  std::locale::global(before);
  CHECK(text.find("a 1234567.5\n") != std::string::npos);
}
