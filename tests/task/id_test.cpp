#include "task/id.hpp"
#include "tests/support/catch.hpp"

#include <set>
#include <string>
#include <vector>

using namespace errand;
using namespace std::chrono_literals;

namespace {

const timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

int64_t ms_of(timestamp time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

constexpr int64_t max_sequence = (int64_t{1} << 60) - 1;
constexpr int64_t max_tail = (int64_t{1} << 62) - 1;

} // namespace

TEST_CASE("an id's text and parts are those of RFC 9562's example") {
  // Appendix A.6: 2022-02-22T19:22:22Z, rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F.
  const auto id = task_id::from_parts((int64_t{0x017F22E279B0} << 12) | 0xCC3, 0x18C4DC0C0C07398F);
  CHECK(id.to_string() == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  CHECK(task_id::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f") == id);
}

TEST_CASE("an id gives back the parts that it was made of") {
  const auto [sequence, tail] = GENERATE(table<int64_t, int64_t>(
      {{0, 0}, {1, 1}, {4095, 7}, {4096, max_tail}, {max_sequence, 0}, {max_sequence, max_tail}}));
  const auto id = task_id::from_parts(sequence, tail);
  CHECK(id.sequence() == sequence);
  CHECK(id.tail() == tail);
  CHECK(task_id::parse(id.to_string()) == id);
}

TEST_CASE("upper case ids are read as the same id") {
  CHECK(task_id::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")
        == task_id::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"));
}

TEST_CASE("text that is no UUIDv7 is no id") {
  const std::string text = GENERATE("", "0", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", // one short
                                    "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",        // one long
                                    "017f22e279b07cc398c4dc0c0c07398f",             // no dashes
                                    "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",         // not hex
                                    "017f22e2-79b0-7cc3-98c4-dc0c0c0739 f",         // a space
                                    "-017f22e279b0-7cc3-98c4-dc0c0c07398f", // a dash elsewhere
                                    "017f22e2_79b0_7cc3_98c4_dc0c0c07398f", // not dashes
                                    "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", // braces
                                    "017f22e2-79b0-4cc3-98c4-dc0c0c07398f", // version 4
                                    "017f22e2-79b0-7cc3-18c4-dc0c0c07398f", // variant 0
                                    "017f22e2-79b0-7cc3-d8c4-dc0c0c07398f", // variant 3
                                    "00000000-0000-0000-0000-000000000000", // nil
                                    "017f22e2-79b0-7cc3-98c4-dc0c0c0739\xc3\xa9", // not ASCII
                                    "\xff\xff\xff\xff\xff\xff\xff\xff-79b0-7cc3-98c4-dc0c0c07398f");
  CAPTURE(text);
  CHECK_FALSE(task_id::parse(text));
}

TEST_CASE("a NUL byte in an id's text is refused") {
  std::string text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  for (size_t i = 0; i < text.size(); ++i) {
    auto broken = text;
    broken[i] = '\0';
    CHECK_FALSE(task_id::parse(broken));
  }
}

TEST_CASE("an id's sequence holds the millisecond of its making") {
  id_source ids(0);
  CHECK(ids.next(noon).sequence() >> 12 == ms_of(noon));
  CHECK(ids.next(noon + 999us).sequence() >> 12 == ms_of(noon));
  CHECK(ids.next(noon + 1ms).sequence() == ms_of(noon + 1ms) << 12);
}

TEST_CASE("ids of one millisecond count up, and go into the next when the counter is used up") {
  id_source ids(0);
  const int64_t first = ids.next(noon).sequence();
  CHECK(first == ms_of(noon) << 12);
  for (int64_t i = 1; i <= 5000; ++i)
    REQUIRE(ids.next(noon).sequence() == first + i);
  CHECK(ids.next(noon).sequence() >> 12 == ms_of(noon) + 1);
}

TEST_CASE("ids go on rising while the clock falls") {
  id_source ids(0);
  auto last = ids.next(noon);
  for (const auto back : {1us, 1'000us, 3'600'000'000us}) {
    const auto next = ids.next(noon - back);
    CHECK(next.sequence() == last.sequence() + 1);
    CHECK(next > last);
    last = next;
  }
}

TEST_CASE("ids lie above the last sequence of an earlier run") {
  const int64_t future = (ms_of(noon) + 60'000) << 12;
  id_source ids(future);
  CHECK(ids.next(noon).sequence() == future + 1);
  CHECK(id_source(0).next(timestamp{}).sequence() == 1);
}

TEST_CASE("a clock before 1970 gives ids all the same") {
  id_source ids(0);
  const auto first = ids.next(timestamp{-1h});
  CHECK(first.sequence() == 1);
  CHECK(ids.next(timestamp{-2h}).sequence() == 2);
  CHECK(task_id::parse(first.to_string()) == first);
}

TEST_CASE("the order of ids, of their texts and of their sequences is one") {
  id_source ids(0);
  std::vector<task_id> made;
  for (int i = 0; i < 100; ++i)
    made.push_back(ids.next(noon + std::chrono::microseconds{i * 100}));
  for (size_t i = 1; i < made.size(); ++i) {
    CHECK(made[i - 1] < made[i]);
    CHECK(made[i - 1].to_string() < made[i].to_string());
    CHECK(made[i - 1].sequence() < made[i].sequence());
  }
}

TEST_CASE("two sources that start alike give different ids") {
  std::set<int64_t> tails;
  for (int i = 0; i < 8; ++i) {
    id_source ids(0);
    for (int j = 0; j < 8; ++j)
      tails.insert(ids.next(noon).tail());
  }
  CHECK(tails.size() == 64);
}
