#include "http/event_stream.hpp"
#include "tests/support/catch.hpp"

using namespace errand;

namespace {

constexpr timestamp nine{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}
                         + std::chrono::hours{21} + std::chrono::milliseconds{123}};

event_record record(uint64_t id, task_fact fact, event_type type) {
  return {id, type, nine, std::make_shared<const task_fact>(std::move(fact))};
}

task_fact fact(task_state state) {
  return {task_id::from_parts(1, 2), state, 1, "echo", "mail"};
}

event_slice_ptr slice(std::vector<event_record> events, bool gap = false) {
  return std::make_shared<const event_slice>(event_slice{std::move(events), gap, false, 0});
}

} // namespace

TEST_CASE("an event has its number, its name and one line of JSON", "[event_stream]") {
  event_texts texts;
  const auto id = task_id::from_parts(1, 2).to_string();
  CHECK(texts.of(slice({record(17, fact(task_state::retrying), event_type::retrying)}))
        == "id: 17\nevent: task.retrying\ndata: {\"task\":\"" + id
               + "\",\"kind\":\"echo\",\"queue\":\"mail\",\"state\":\"retrying\",\"attempt\":1,"
                 "\"at\":\"2026-11-22T21:00:00.123Z\"}\n\n");
}

TEST_CASE("an event of progress tells how far and what", "[event_stream]") {
  event_texts texts;
  auto half = fact(task_state::running);
  half.progress = std::make_shared<const task_progress>(task_progress{0.5, "half\n\ndone"});
  const std::string text{texts.of(slice({record(17, half, event_type::progress)}))};
  CHECK(text.find("event: task.progress\n") != std::string::npos);
  CHECK(text.find(R"("state":"running")") != std::string::npos);
  CHECK(text.find(R"("fraction":0.5,"message":"half\n\ndone"})") != std::string::npos);
  CHECK(text.find("\n\n") == text.size() - 2); // no message can end its event early
}

TEST_CASE("an event of a queue tells what the queue is told now", "[event_stream]") {
  event_texts texts;
  notice paused{event_type::queue_paused, "mail", queue_settings{}};
  paused.settings->concurrency = 4;
  paused.settings->rate = rate_limit{10, std::chrono::milliseconds{1500}};
  paused.settings->paused = true;
  paused.settings->paused_until = nine;
  const notice purged{event_type::queue_purged, "mail", {}, 12};
  const std::string text{
      texts.of(slice({{17, paused.type, nine, {}, std::make_shared<const notice>(paused)},
                      {18, purged.type, nine, {}, std::make_shared<const notice>(purged)}}))};
  CHECK(text
        == "id: 17\nevent: queue.paused\ndata: {\"queue\":\"mail\",\"concurrency\":4,"
           "\"group_concurrency\":null,\"rate\":{\"limit\":10,\"per_s\":1.5},\"weight\":1,"
           "\"paused\":true,\"paused_until\":\"2026-11-22T21:00:00.123Z\","
           "\"at\":\"2026-11-22T21:00:00.123Z\"}\n\n"
           "id: 18\nevent: queue.purged\ndata: {\"queue\":\"mail\",\"tasks\":12,"
           "\"at\":\"2026-11-22T21:00:00.123Z\"}\n\n");
}

TEST_CASE("a gap comes before what follows it", "[event_stream]") {
  event_texts texts;
  const std::string text{
      texts.of(slice({record(17, fact(task_state::queued), event_type::queued)}, true))};
  CHECK(text.starts_with("event: gap\ndata: {}\n\nid: 17\nevent: task.queued\n"));
  CHECK(texts.of(slice({}, true)) == "event: gap\ndata: {}\n\n");
}

TEST_CASE("events that share a place among the recent ones are not mixed up", "[event_stream]") {
  event_texts texts;
  const auto first = slice({record(5, fact(task_state::queued), event_type::queued),
                            record(5 + 1024, fact(task_state::failed), event_type::failed)});
  const std::string expected{texts.of(first)};
  CHECK(expected.find("id: 5\nevent: task.queued") != std::string::npos);
  CHECK(expected.find("id: 1029\nevent: task.failed") != std::string::npos);
  const auto other = slice({first->events[1]});
  CHECK(texts.of(other) == expected.substr(expected.find("id: 1029")));
  CHECK(texts.of(first) == expected);
}

TEST_CASE("a line of a log, and its end", "[event_stream]") {
  std::string out;
  append_log_event(out, {3, nine, 2, "say \"hi\""});
  append_end_event(out, task_state::failed);
  append_end_event(out, std::nullopt);
  CHECK(out
        == "id: 3\nevent: log\ndata: {\"at\":\"2026-11-22T21:00:00.123Z\",\"attempt\":2,"
           "\"line\":\"say \\\"hi\\\"\"}\n\n"
           "event: end\ndata: {\"state\":\"failed\"}\n\n"
           "event: end\ndata: {\"state\":null}\n\n");
}
