#include "task/spec_rules.hpp"
#include "task/utf8.hpp"
#include "tests/support/catch.hpp"

#include <cmath>
#include <limits>
#include <string>

using namespace errand;
using namespace std::chrono_literals;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
const double not_a_number = std::nan("");

bool tells(const std::optional<std::string>& fault, const std::string& words) {
  return fault && fault->find(words) != std::string::npos;
}

task_spec noop() {
  task_spec spec;
  spec.kind = "noop";
  return spec;
}

} // namespace

TEST_CASE("a kind or queue is 1 to 128 characters of the alphabet") {
  const auto [name, good] = GENERATE(table<std::string, bool>({
      {"a", true},
      {"AZaz09._:/-", true},
      {std::string(128, 'x'), true},
      {"-", true},
      {"", false},
      {std::string(129, 'x'), false},
      {"a b", false},
      {"a\n", false},
      {std::string("a\0b", 3), false},
      {"caf\xC3\xA9", false},
      {"a\xFF", false},
      {"a,b", false},
      {"a@b", false},
      {"a[b", false},
      {"a`b", false},
      {"a{b", false},
      {"*", false},
  }));
  CAPTURE(name);
  CHECK(is_name(name) == good);
  CHECK(name_fault(name).has_value() == !good);
}

TEST_CASE("every byte is in the alphabet of names or not") {
  const std::string alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-";
  for (int c = 0; c < 256; ++c)
    CHECK(is_name(std::string(1, static_cast<char>(c)))
          == (alphabet.find(static_cast<char>(c)) != std::string::npos));
}

TEST_CASE("a priority lies between -100 and 100") {
  for (const int64_t good : {-100, -1, 0, 100})
    CHECK_FALSE(priority_fault(good));
  for (const int64_t bad : {int64_t{-101}, int64_t{101}, INT64_MIN, INT64_MAX, int64_t{1} << 32})
    CHECK(tells(priority_fault(bad), "is " + std::to_string(bad) + "; it must be an integer"));
}

TEST_CASE("a timeout is above 0 and at most 30 days") {
  for (const double good : {1e-300, 1e-6, 0.5, 3600.0, 2592000.0})
    CHECK_FALSE(timeout_fault(good));
  for (const double bad : {0.0, -0.0, -1.0, 2592000.001, 1e300, infinity, -infinity, not_a_number})
    CHECK(tells(timeout_fault(bad), "30 days"));
}

TEST_CASE("a delay is 0 to ten years") {
  for (const double good : {0.0, -0.0, 1e-300, 0.5, 315360000.0})
    CHECK_FALSE(delay_fault(good));
  for (const double bad : {-1e-300, -1.0, 315360000.1, 1e300, infinity, -infinity, not_a_number})
    CHECK(tells(delay_fault(bad), "10 years"));
}

TEST_CASE("seconds become microseconds, rounded, but never to nothing") {
  const auto [seconds, time] = GENERATE(table<double, duration>({
      {0, 0us},
      {1e-300, 1us},
      {4e-7, 1us},
      {1e-6, 1us},
      {0.1, 100'000us},
      {0.3, 300'000us},
      {1.0000004, 1'000'000us},
      {1.0000006, 1'000'001us},
      {315360000.0, max_delay},
      {2592000.0, max_timeout},
  }));
  CHECK(duration_of(seconds) == time);
}

TEST_CASE("a run_at lies in the years that RFC 3339 can write") {
  CHECK_FALSE(run_at_fault(timestamp{}));
  CHECK_FALSE(run_at_fault(run_at_end - 1us));
  CHECK(run_at_fault(timestamp{-1us}));
  CHECK(run_at_fault(run_at_end));
  CHECK(run_at_fault(timestamp::max()));
  CHECK(run_at_end - 1us == parse_rfc3339("9999-12-31T23:59:59.999999Z"));
}

TEST_CASE("a tag has a name as key and a short printable text as value") {
  CHECK_FALSE(tag_key_fault("tenant"));
  CHECK_FALSE(tag_key_fault(std::string(64, 'k')));
  CHECK(tells(tag_key_fault(""), "has the key \"\""));
  CHECK(tells(tag_key_fault(std::string(65, 'k')), "65 bytes"));
  CHECK(tells(tag_key_fault("a b"), "\"a b\""));
  CHECK_FALSE(tag_value_fault(""));
  CHECK_FALSE(tag_value_fault("Žluťoučký kůň 😀"));
  CHECK_FALSE(tag_value_fault(std::string(256, 'v')));
  CHECK(tells(tag_value_fault(std::string(257, 'v')), "257 bytes"));
  CHECK(tag_value_fault("\xC3"));
  CHECK(tag_value_fault("a\nb"));
  CHECK(tag_value_fault(std::string("a\0b", 3)));
  CHECK_FALSE(tag_count_fault(16));
  CHECK(tells(tag_count_fault(17), "has 17 tags"));
}

TEST_CASE("the rules' texts tell the rules' numbers") {
  const auto has = [](std::string_view rule, auto number) {
    return rule.find(std::to_string(number)) != std::string_view::npos;
  };
  CHECK(has(name_rule, max_name_size));
  CHECK(has(priority_rule, min_priority));
  CHECK(has(priority_rule, max_priority));
  CHECK(has(delay_rule, max_delay / 1s));
  CHECK(has(timeout_rule, max_timeout / 1s));
  CHECK(has(tags_rule, max_tags));
  CHECK(has(tag_key_rule, max_tag_key_size));
  CHECK(has(tag_value_rule, max_tag_value_size));
}

TEST_CASE("a fault shows a hostile value short, valid and on one line") {
  for (const std::string& value : {std::string(1'000'000, 'x'), std::string(300, '\xFF'),
                                   std::string(300, '\n'), std::string(300, '\0')}) {
    for (const auto& fault : {name_fault(value), tag_key_fault(value), tag_value_fault(value)}) {
      REQUIRE(fault);
      CHECK(fault->size() < 500);
      CHECK(is_utf8(*fault));
      CHECK(has_no_control_characters(*fault));
    }
  }
}

TEST_CASE("a spec put together in code is checked by the same rules") {
  CHECK(spec_faults(noop()).empty());
  CHECK(spec_faults(task_spec{}).front().pointer == "/kind");

  auto spec = noop();
  spec.kind = "a b";
  spec.queue = "";
  spec.priority = 101;
  spec.delay = -1us;
  spec.timeout = 0us;
  spec.run_at = timestamp::max();
  spec.tags = {{"a b", "x"}, {"a/b", "\n"}};
  std::string pointers;
  for (const auto& fault : spec_faults(spec))
    pointers += fault.pointer + ' ';
  CHECK(pointers == "/kind /queue /priority /delay_s /timeout_s /run_at /tags /tags/a~1b ");

  auto tagged = noop();
  for (int i = 0; i < 17; ++i)
    tagged.tags["k" + std::to_string(i)] = "v";
  REQUIRE(spec_faults(tagged).size() == 1);
  CHECK(spec_faults(tagged).front().pointer == "/tags");
}

TEST_CASE("a task falls due at run_at, after its delay, or now, but never in the past") {
  const timestamp now{1000s};
  auto spec = noop();
  CHECK(due_at(spec, now) == now);
  spec.delay = 5s;
  CHECK(due_at(spec, now) == now + 5s);
  spec.run_at = now + 7s;
  CHECK(due_at(spec, now) == now + 7s);
  spec.run_at = now - 7s;
  CHECK(due_at(spec, now) == now);
}

TEST_CASE("a pointer's step is escaped, and cut where a name is too long to show") {
  CHECK(pointer_step("kind") == "/kind");
  CHECK(pointer_step("") == "/");
  CHECK(pointer_step("a/b~c") == "/a~1b~0c");
  CHECK(pointer_step("~1") == "/~01");
  CHECK(pointer_step("\"") == "/\"");
  CHECK(pointer_step(std::string(1'000'000, '/')).size() < 300);
  CHECK(is_utf8(pointer_step("a\xFF")));
}

TEST_CASE("a spec's attempts and backoffs are looked at, each by its pointer") {
  auto spec = noop();
  CHECK(spec_faults(spec).empty());
  spec.max_attempts = 0;
  spec.max_crashes = 101;
  spec.retry = {2h, 1h, not_a_number, 1.5};
  std::vector<std::string> pointers;
  for (const auto& fault : spec_faults(spec))
    pointers.push_back(fault.pointer);
  CHECK(pointers
        == std::vector<std::string>{"/max_attempts", "/max_crashes", "/retry/min_backoff_s",
                                    "/retry/factor", "/retry/jitter"});
}
