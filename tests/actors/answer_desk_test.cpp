#include "actors/answer_desk.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using kind = answer_desk::kind;

namespace {

bool is_ready(const answer_desk::question& asked) {
  return asked.answer.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
}

ec code_of(answer_desk::question& asked) {
  REQUIRE(is_ready(asked));
  return std::get<status>(asked.answer.get()).code();
}

const status why{ec::draining, "the server stops"};

} // namespace

TEST_CASE("an answer goes to the question with its number, once") {
  answer_desk desk;
  auto one = desk.open(kind::quick), other = desk.open(kind::patient);
  CHECK(one.number != other.number);
  desk.give({other.number, status{}});
  desk.give({other.number, why});
  CHECK(code_of(other) == ec::ok);
  CHECK_FALSE(is_ready(one));
}

TEST_CASE("an answer to a question that was closed is dropped") {
  answer_desk desk;
  auto asked = desk.open(kind::quick);
  desk.close(asked.number);
  desk.give({asked.number, status{}});
  CHECK_THROWS_AS(asked.answer.get(), std::future_error);
}

TEST_CASE("a stop ends the patient questions, also those to come, and its end all others") {
  answer_desk desk;
  auto waiting = desk.open(kind::patient), quick = desk.open(kind::quick);
  desk.stop_waiting(why);
  CHECK(code_of(waiting) == ec::draining);
  CHECK_FALSE(is_ready(quick));
  auto late = desk.open(kind::patient);
  CHECK(code_of(late) == ec::draining);
  desk.shut(why);
  CHECK(code_of(quick) == ec::draining);
  auto too_late = desk.open(kind::quick);
  CHECK(code_of(too_late) == ec::draining);
}
