// The kinds that every server has.
#include "handlers/registry.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/silent_logger.hpp"

#include <chrono>
#include <memory>

using namespace errand;
using errand::test::silent_logger;
using nlohmann::json;

namespace {

attempt_report run(const std::string& kind, const json& args) {
  auto registry = std::make_shared<handler_registry>();
  add_builtin_handlers(*registry);
  const upstream_lookup none = [](const task_id&) { return std::vector<upstream_result>{}; };
  const auto runner =
      make_runner(registry, none, std::make_shared<silent_logger>(), [](attempt_note) {});
  attempt_spec spec;
  spec.ref = attempt_ref{task_id::from_parts(1, 2), 3};
  spec.kind = kind;
  spec.args_json = args.dump();
  spec.timeout = std::chrono::minutes(1);
  const auto batch = std::make_shared<attempt_batch>(std::vector{spec}, 0);
  return runner(*batch, *batch->take_next(1, std::chrono::steady_clock::now()));
}

} // namespace

// Errors of tasks are shown whole, and args are not where redact.args names them.
TEST_CASE("sleep says what is wrong with its args, and shows none of them") {
  struct row {
    json args;
    std::string got;
  };
  const auto r = GENERATE(values<row>({
      {{{"seconds", "LEAK1"}}, "seconds that are string"},
      {{{"seconds", {"LEAK1"}}}, "seconds that are array"},
      {{{"seconds", nullptr}, {"other", "LEAK1"}}, "seconds that are null"},
      {{{"seconds", -1}, {"other", "LEAK1"}}, "seconds below 0"},
      {{{"other", "LEAK1"}}, "no seconds"},
      {"LEAK1", "string"},
      {json::array({"LEAK1"}), "array"},
  }));
  const auto report = run("sleep", r.args);
  CHECK(report.outcome == attempt_outcome::failed_for_good);
  CHECK(report.error_message
        == "sleep needs args like {\"seconds\": 5}, a number from 0; it got " + r.got);
}

TEST_CASE("sleep returns its seconds, noop null and echo its args") {
  CHECK(run("sleep", {{"seconds", 0}}).result_json == "0");
  CHECK(run("noop", {{"a", 1}}).result_json == "null");
  CHECK(run("echo", {{"a", 1}}).result_json == R"({"a":1})");
}
