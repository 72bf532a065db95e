// What handlers say while they run: progress, and a log that is bounded.
#include "tests/store/conformance.hpp"

namespace errand::test {

namespace {

using namespace std::chrono_literals;

attempt_note lines(const attempt_ref& ref, std::vector<std::string> texts, timestamp at = noon) {
  attempt_note note{ref, std::nullopt, {}};
  for (auto& text : texts)
    note.lines.push_back({at, std::move(text)});
  return note;
}

attempt_note progress(const attempt_ref& ref, double fraction, std::string message = {}) {
  return {ref, task_progress{fraction, std::move(message)}, {}};
}

std::vector<std::string> texts(const std::vector<log_record>& log) {
  std::vector<std::string> all;
  for (const auto& line : log)
    all.push_back(line.text);
  return all;
}

} // namespace

TEST_CASE("progress is shown with its task until the next attempt begins", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert("q").id;
  CHECK(!fixture.get(id).progress);
  const auto first = fixture.claim_one();
  const auto fact = fixture.note(progress(first, 0.25, "one of four"));
  REQUIRE(fact);
  CHECK(fact->id == id);
  CHECK(fact->state == task_state::running);
  CHECK(fact->attempt == 1);
  CHECK(fact->queue == "q");
  REQUIRE(fact->progress);
  CHECK(*fact->progress == task_progress{0.25, "one of four"});
  CHECK(fixture.get(id).progress == task_progress{0.25, "one of four"});
  REQUIRE(fixture.note(progress(first, 0.5)));
  CHECK(fixture.get(id).progress == task_progress{0.5, ""});

  SECTION("after a failure it tells how far the attempt got") {
    REQUIRE(fixture.finish(first, attempt_outcome::failed));
    CHECK(fixture.get(id).progress == task_progress{0.5, ""});
    REQUIRE(fixture.promote_due(noon + 1h).size() == 1);
  }
  SECTION("after a crash, too") {
    REQUIRE(fixture.lose(first));
    CHECK(fixture.get(id).progress == task_progress{0.5, ""});
  }
  SECTION("an attempt that does not count leaves none") {
    REQUIRE(fixture.release(first));
    CHECK(!fixture.get(id).progress);
  }
  SECTION("a retry order forgets it") {
    REQUIRE(fixture.finish(first, attempt_outcome::succeeded));
    CHECK(fixture.get(id).progress == task_progress{0.5, ""});
    const auto again = fixture.order(id, task_order::retry);
    REQUIRE(again);
    CHECK(!again->progress);
  }
  fixture.claim_one();
  CHECK(!fixture.get(id).progress);
}

TEST_CASE("a log keeps its lines in order, with their times and attempts", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  const auto other = fixture.insert().id;
  CHECK(fixture.log(id).empty());
  const auto first = fixture.claim_one();
  const auto fact = fixture.note(lines(first, {"one", ""}, noon + 1s));
  REQUIRE(fact);
  CHECK(!fact->progress);
  REQUIRE(fixture.lose(first));
  const auto second = fixture.claim_one();
  REQUIRE(fixture.note(lines(second, {"three"}, noon + 2s)));
  const auto log = fixture.log(id);
  REQUIRE(texts(log) == std::vector<std::string>{"one", "", "three"});
  CHECK(log[0].number == 1);
  CHECK(log[0].at == noon + 1s);
  CHECK(log[0].attempt == 1);
  CHECK(log[2].number == 3);
  CHECK(log[2].at == noon + 2s);
  CHECK(log[2].attempt == 2);
  CHECK(fixture.log(other).empty());
}

TEST_CASE("only the running attempt may say anything", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  const auto first = fixture.claim_one();
  auto wrong = first;
  SECTION("not one that is lost") {
    REQUIRE(fixture.lose(first));
  }
  SECTION("not one before it") {
    REQUIRE(fixture.lose(first));
    fixture.claim_one();
  }
  SECTION("not one that has ended") {
    REQUIRE(fixture.finish(first, attempt_outcome::succeeded));
  }
  SECTION("not one of another task with the same number") {
    wrong.id = task_id::from_parts(id.sequence(), id.tail() ^ 1);
  }
  auto note = lines(wrong, {"too late"});
  note.progress = task_progress{1, ""};
  CHECK(!fixture.note(note));
  CHECK(fixture.log(id).empty());
  CHECK(!fixture.get(id).progress);
}

TEST_CASE("a log ends at its most lines by saying so", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  const auto ref = fixture.claim_one();
  const std::vector<std::string> many(static_cast<size_t>(log_lines_max) - 1, "x");
  REQUIRE(fixture.note(lines(ref, many)));
  CHECK(texts(fixture.log(id)) == many);
  REQUIRE(fixture.note(lines(ref, {"one too many", "and another"})));
  REQUIRE(fixture.note(lines(ref, {"", "and one of a later note"})));
  const auto log = fixture.log(id);
  REQUIRE(log.size() == static_cast<size_t>(log_lines_max));
  CHECK(log.back().text.find("log is full") != std::string::npos);
}

TEST_CASE("a log ends at its most bytes by saying so", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  const auto ref = fixture.claim_one();
  const std::string line(log_line_max, 'x');
  for (int64_t bytes = 0; bytes < 2 * log_bytes_max; bytes += log_line_max)
    REQUIRE(fixture.note(lines(ref, {line})));
  REQUIRE(fixture.note(lines(ref, {"short enough, but later"})));
  const auto log = fixture.log(id);
  int64_t bytes = 0;
  for (const auto& each : log)
    bytes += static_cast<int64_t>(each.text.size()) + 1;
  CHECK(bytes <= log_bytes_max);
  CHECK(bytes > log_bytes_max - 2 * static_cast<int64_t>(log_line_max));
  CHECK(log.back().text.find("log is full") != std::string::npos);
  CHECK(log[log.size() - 2].text == line);
}

TEST_CASE("a log is read in pages, each with the task's state", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  const auto ref = fixture.claim_one();
  REQUIRE(fixture.note(lines(ref, {"12345", "67890", "abcde"})));
  auto page = fixture.reader().log({id, 0, 12});
  REQUIRE(page.ok());
  CHECK(page->state == task_state::running);
  CHECK(texts(page->lines) == std::vector<std::string>{"12345", "67890"});
  CHECK(page->more);
  REQUIRE(fixture.finish(ref, attempt_outcome::succeeded));
  page = fixture.reader().log({id, page->lines.back().number, 12});
  REQUIRE(page.ok());
  CHECK(page->state == task_state::succeeded);
  CHECK(texts(page->lines) == std::vector<std::string>{"abcde"});
  CHECK(!page->more);
}

TEST_CASE("a log goes with its task, and a task that never was has none", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  const auto ref = fixture.claim_one();
  REQUIRE(fixture.note(lines(ref, {"one"})));
  REQUIRE(fixture.finish(ref, attempt_outcome::succeeded));
  CHECK(fixture.reader().log({task_id::from_parts(id.sequence(), id.tail() ^ 1)}).why().code()
        == ec::not_found);
  REQUIRE(fixture.order(id, task_order::remove));
  const auto gone = fixture.reader().log({id});
  REQUIRE(!gone.ok());
  CHECK(gone.why().code() == ec::not_found);
}

TEST_CASE("what was said survives a crash if its commit did", "[store]") {
  FOR_EVERY_STORE(fixture);
  if (!fixture.place().is_durable())
    return;
  const auto id = fixture.insert().id;
  const auto ref = fixture.claim_one();
  auto note = lines(ref, {"one"});
  note.progress = task_progress{0.5, "half"};
  REQUIRE(fixture.note(note));
  fixture.reopen_after_crash();
  CHECK(texts(fixture.log(id)) == std::vector<std::string>{"one"});
  CHECK(fixture.get(id).progress == task_progress{0.5, "half"});
}

} // namespace errand::test
