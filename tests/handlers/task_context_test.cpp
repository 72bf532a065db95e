// What a handler says, and what of that is sent on.
#include "handlers/registry.hpp"
#include "task/utf8.hpp"
#include "tests/support/catch.hpp"

#include <cmath>

using namespace errand;
using namespace std::chrono_literals;

namespace {

class quiet_logger : public logger {
public:
  bool enabled(log_level) const override { return true; }
  void write(log_level level, std::string_view message, const log_fields&) override {
    if (level == log_level::info)
      infos.emplace_back(message);
  }
  std::vector<std::string> infos;
};

/// Runs handlers as a worker does.
struct run_fixture {
  const upstream_lookup look_up = [this](const task_id&) {
    ++look_ups;
    return look_ups == 1 ? status_or<std::vector<upstream_result>>(upstream)
                         : status(ec::store_failed, "The disk is gone.");
  };
  std::vector<upstream_result> upstream;
  int look_ups = 0;

  attempt_report run(Handler handler) {
    auto registry = std::make_shared<handler_registry>();
    registry->add("kind", std::move(handler));
    const auto runner = make_runner(
        registry, look_up, log, [this](attempt_note note) { notes.push_back(std::move(note)); });
    attempt_spec spec;
    spec.ref = {task_id::from_parts(1, 2), 3};
    spec.kind = "kind";
    spec.args_json = "{}";
    spec.timeout = 1h;
    attempt_batch batch{{spec}, 0};
    return runner(batch, *batch.take_next(1, std::chrono::steady_clock::now()));
  }

  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (const auto& note : notes)
      for (const auto& line : note.lines)
        all.push_back(line.text);
    return all;
  }

  std::vector<task_progress> progress() const {
    std::vector<task_progress> all;
    for (const auto& note : notes)
      if (note.progress)
        all.push_back(*note.progress);
    return all;
  }

  std::shared_ptr<quiet_logger> log = std::make_shared<quiet_logger>();
  std::vector<attempt_note> notes;
};

using strings = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(run_fixture, "what a handler logs goes to the server's log and, by line, on") {
  const auto before = system_now();
  run([](TaskContext& task) -> nlohmann::json {
    task.log("one");
    task.log("two\r\n\nfour\n");
    task.log("");
    return nullptr;
  });
  CHECK(lines() == strings{"one", "two", "", "four", ""});
  CHECK(log->infos == strings{"one", "two\r\n\nfour\n", ""});
  REQUIRE(notes.size() == 3);
  CHECK(notes[0].ref.id == task_id::from_parts(1, 2));
  CHECK(notes[0].ref.attempt == 3);
  CHECK(notes[0].lines[0].at >= before);
}

TEST_CASE_METHOD(run_fixture, "a line that is too long is cut, and one that is no text is mended") {
  run([](TaskContext& task) -> nlohmann::json {
    task.log(std::string(2 * log_line_max, 'x'));
    task.log("\xff\x1b");
    return nullptr;
  });
  REQUIRE(lines().size() == 2);
  CHECK(lines()[0].size() == log_line_max);
  CHECK(lines()[0].ends_with("x\xE2\x80\xA6"));
  CHECK(lines()[1] == "\xEF\xBF\xBD?");
}

TEST_CASE_METHOD(run_fixture, "a handler that logs without end sends what fits and a line more") {
  const auto kept = [](const std::string& line, int times) -> Handler {
    return [line, times](TaskContext& task) -> nlohmann::json {
      for (int i = 0; i < times; ++i)
        task.log(line);
      return nullptr;
    };
  };
  SECTION("many lines") {
    run(kept("x", 20'000));
    CHECK(lines().size() == static_cast<size_t>(log_lines_max) + 1);
  }
  SECTION("many lines at once") {
    run(kept(std::string(30'000, '\n'), 1));
    CHECK(lines().size() == static_cast<size_t>(log_lines_max) + 1);
  }
  SECTION("many bytes") {
    run(kept(std::string(log_line_max - 1, 'x'), 1000));
    CHECK(lines().size() == static_cast<size_t>(log_bytes_max) / log_line_max + 1);
  }
}

TEST_CASE_METHOD(run_fixture,
                 "of many calls of progress a few are sent, the last one in any case") {
  const auto start = std::chrono::steady_clock::now();
  bool threw = GENERATE(false, true);
  const auto report = run([threw](TaskContext& task) -> nlohmann::json {
    for (int i = 1; i <= 5000; ++i)
      task.progress(i / 5000.0, "step " + std::to_string(i));
    if (threw)
      throw std::runtime_error("no more");
    return nullptr;
  });
  CHECK((report.outcome == attempt_outcome::failed) == threw);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto sent = progress();
  CHECK(sent.size() >= static_cast<size_t>(progress_burst));
  CHECK(static_cast<double>(sent.size())
        <= progress_burst + progress_per_second * took.count() + 1);
  CHECK(sent[0] == task_progress{1 / 5000.0, "step 1"});
  CHECK(sent.back() == task_progress{1, "step 5000"});
}

TEST_CASE_METHOD(run_fixture, "progress that was withheld is sent when its handler sleeps for long "
                              "enough") {
  run([this](TaskContext& task) -> nlohmann::json {
    for (int i = 0; i < 100; ++i)
      task.progress(0.5, std::to_string(i));
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (progress().back().message != "99" && std::chrono::steady_clock::now() < deadline)
      task.sleep_for(5ms);
    CHECK(progress().back().message == "99");
    return nullptr;
  });
}

TEST_CASE_METHOD(run_fixture, "progress lies between 0 and 1, and its message is cut") {
  run([](TaskContext& task) -> nlohmann::json {
    task.progress(-3);
    task.progress(7);
    task.progress(std::nan(""));
    task.progress(0.5, std::string(2 * progress_message_max, 'x'));
    return nullptr;
  });
  const auto sent = progress();
  REQUIRE(sent.size() == 4);
  CHECK(sent[0].fraction == 0);
  CHECK(sent[1].fraction == 1);
  CHECK(sent[2].fraction == 0);
  CHECK(sent[3].message.size() <= progress_message_max);
  CHECK(is_utf8(sent[3].message));
}

TEST_CASE_METHOD(run_fixture, "what upstream tasks resulted in is looked up when it is asked for") {
  upstream = {{task_id::from_parts(7, 1), R"({"n":1})"}, {task_id::from_parts(8, 1), std::nullopt}};
  CHECK(run([](TaskContext&) { return nullptr; }).outcome == attempt_outcome::succeeded);
  CHECK(look_ups == 0);
  const auto report = run([](TaskContext& task) {
    task.upstream();
    return task.upstream();
  });
  CHECK(look_ups == 1);
  CHECK(nlohmann::json::parse(report.result_json)
        == nlohmann::json{{upstream[0].id.to_string(), {{"n", 1}}},
                          {upstream[1].id.to_string(), nullptr}});
  const auto failed = run([](TaskContext& task) { return task.upstream(); });
  CHECK(failed.outcome == attempt_outcome::failed);
  CHECK(failed.error_message.find("The disk is gone.") != std::string::npos);
}

TEST_CASE_METHOD(run_fixture, "a handler that throws CancelTask cancels its task and says why") {
  const auto report =
      run([](TaskContext&) -> nlohmann::json { throw CancelTask{"the customer is gone"}; });
  CHECK(report.outcome == attempt_outcome::cancelled);
  CHECK(report.error_type == "cancelled");
  CHECK(report.error_message == "the customer is gone");
}

TEST_CASE_METHOD(run_fixture, "who says nothing sends nothing") {
  run([](TaskContext&) -> nlohmann::json { return nullptr; });
  CHECK(notes.empty());
}

TEST_CASE_METHOD(run_fixture, "a result with a discarded value makes the attempt failed") {
  const auto discarded = nlohmann::json::parse("{", nullptr, false);
  const auto result = GENERATE_COPY(values<nlohmann::json>(
      {discarded, nlohmann::json::array({1, discarded}),
       nlohmann::json::object({{"a", nlohmann::json::array({discarded})}})}));
  const auto report = run([result](TaskContext&) { return result; });
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.error_type == "exception");
  CHECK(report.error_message.find("discarded") != std::string::npos);
  CHECK(report.result_json == "null");
}

TEST_CASE_METHOD(run_fixture, "a result of numbers that are not finite, or of bytes, is JSON") {
  const auto report = run([](TaskContext&) -> nlohmann::json {
    return {{"numbers", {std::nan(""), INFINITY}}, {"bytes", nlohmann::json::binary({1, 2})}};
  });
  REQUIRE(report.outcome == attempt_outcome::succeeded);
  const auto result = nlohmann::json::parse(report.result_json);
  CHECK(result["numbers"] == nlohmann::json{nullptr, nullptr});
  CHECK(result["bytes"]["bytes"] == nlohmann::json{1, 2});
}
