#include "http/json_batch.hpp"
#include "http/json_codec.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace errand;
using nlohmann::json;

namespace {

const std::string an_id = "0193a5e0-7c00-7000-8000-000000000000";

written_batch good(const std::string& body) {
  auto decoded = decode_batch(body);
  if (auto* why = std::get_if<problem>(&decoded))
    FAIL(body << " was refused: " << to_json(*why));
  return std::get<written_batch>(std::move(decoded));
}

problem refused(const std::string& body) {
  auto decoded = decode_batch(body);
  if (std::holds_alternative<written_batch>(decoded))
    FAIL(body.substr(0, 1000) << " was taken");
  return std::get<problem>(std::move(decoded));
}

/// The pointers of all faults, each behind a blank.
std::string faults(const std::string& body) {
  const auto why = refused(body);
  CHECK(why.status == 422);
  std::string all;
  for (const auto& error : why.errors)
    all += ' ' + error.pointer;
  return all;
}

} // namespace

TEST_CASE("a batch is read task by task, with what each comes after") {
  const auto [batch, refs] = good(R"({"then": {"kind":"sum", "on_dependency_failure":"run"},
      "tasks": [{"kind":"a", "ref":"first", "args":{"deep":[1,{"x":2}]}, "tags":{"t":"1"}},
                {"after":["#first",")"
                                  + an_id + R"("], "kind":"b"}, {"kind":"c"}]})");
  REQUIRE(batch.tasks.size() == 4);
  CHECK(batch.has_then);
  CHECK(refs == std::vector<std::string>{"first", "", "", ""});
  CHECK(batch.tasks[0].spec.kind == "a");
  CHECK(batch.tasks[0].spec.args_json == R"({"deep":[1,{"x":2}]})");
  CHECK(batch.tasks[0].spec.tags == tag_map{{"t", "1"}});
  CHECK(batch.tasks[1].siblings == std::vector<size_t>{0});
  CHECK(batch.tasks[1].spec.after == std::vector{*task_id::parse(an_id)});
  CHECK(batch.after_pointer(1, 0) == "/tasks/1/after/1");
  CHECK(batch.tasks[3].spec.kind == "sum");
  CHECK(batch.tasks[3].spec.on_dependency_failure == dependency_policy::run);
  CHECK(batch.tasks[3].siblings.size() == 3);
}

TEST_CASE("a batch may be empty, and its then runs at once") {
  CHECK(good(R"({"tasks":[]})").batch.tasks.empty());
  CHECK(good(R"({"tasks":[], "then":{"kind":"noop"}})").batch.tasks.size() == 1);
}

TEST_CASE("what is wrong with a batch is told with the place of each task") {
  CHECK(faults(R"({"tasks":[{"kind":"a"},{"kind":"a","priority":101},{"args":1}]})")
        == " /tasks/1/priority /tasks/2/kind");
  CHECK(faults(R"({"tasks":[{"kind":"a","kind":"b"}],"then":{"queue":""}})")
        == " /tasks/0/kind /then/queue /then/kind");
  CHECK(
      faults(R"({"tasks":[{"kind":"a","ref":"a b","after":"x"},{"kind":"a","after":["x",1,[]]}]})")
      == " /tasks/0/ref /tasks/0/after /tasks/1/after/0 /tasks/1/after/1 /tasks/1/after/2");
  CHECK(faults(R"({"tasks":[{"kind":"a","on_dependency_failure":"stop"}]})")
        == " /tasks/0/on_dependency_failure");
  CHECK(faults(R"({"tasks":[{"kind":"a","after":["#b"]}]})") == " /tasks/0/after/0");
  CHECK(faults(R"({"tasks":[{"kind":"a","ref":"b"},{"kind":"a","ref":"b"}]})") == " /tasks/1/ref");
  CHECK(faults(R"({"tasks":[],"then":{"kind":"a","ref":"b"}})") == " /then/ref");
  CHECK(faults(R"({"tasks":[{"kind":"a","ref":"a","after":["#a"]}]})") == " /tasks/0/after/0");
  CHECK(faults(R"({"tasks":[{"kind":"a","args":1e999}]})") == " /tasks/0/args");
}

TEST_CASE("what is no batch is refused by what it should be") {
  CHECK(faults("[]") == " ");
  CHECK(faults("1") == " ");
  CHECK(faults("{}") == " /tasks");
  CHECK(faults(R"({"tasks":{}})") == " /tasks");
  CHECK(faults(R"({"tasks":null})") == " /tasks");
  CHECK(faults(R"({"tasks":[1,"x",null,true]})") == " /tasks/0 /tasks/1 /tasks/2 /tasks/3");
  CHECK(faults(R"({"tasks":[[{"kind":"a"}]]})") == " /tasks/0");
  CHECK(faults(R"({"tasks":[],"then":[]})") == " /then");
  CHECK(faults(R"({"tasks":[],"then":null})") == " /then");
  CHECK(faults(R"({"tasks":[],"task":1})") == " /task");
  CHECK(faults(R"({"tasks":[],"tasks":[]})") == " /tasks");
  CHECK(faults(R"({"tasks":[],"n":1e999})") == " /n");
  for (const auto* text : {"", "{", R"({"tasks":[)", R"({"tasks":[{"kind":)", R"({"tasks":[]}})",
                           R"({"tasks":[{"kind":"a"},]})"})
    CHECK(refused(text).status == 400);
  CHECK(refused(std::string(R"({"tasks":[]})") + '\0').status == 400);
}

TEST_CASE("a batch is read to its 10,000th task and its 32nd fault, and not beyond") {
  const auto of = [](size_t n, const std::string& task) {
    std::string body = R"({"tasks":[)";
    for (size_t i = 0; i < n; ++i)
      body += (i == 0 ? "" : ",") + task;
    return body + "]}";
  };
  CHECK(good(of(max_batch, R"({"kind":"a"})")).batch.tasks.size() == max_batch);
  CHECK(faults(of(max_batch + 1, R"({"kind":"a"})")) == " /tasks");
  const auto why = refused(of(100, "{}"));
  REQUIRE(why.errors.size() == 33);
  CHECK(why.errors[31].pointer == "/tasks/31/kind");
  CHECK(why.errors[32].pointer.empty());
  std::string one = R"({"tasks":[{"kind":"a")";
  for (int i = 0; i < 50; ++i)
    one += ",\"x" + std::to_string(i) + "\":1";
  CHECK(refused(one + "}]}").errors.size() == 33);
}

TEST_CASE("an accepted batch tells ids, states and refs in order, and then apart") {
  accepted_batch accepted;
  for (int i = 1; i <= 3; ++i)
    accepted.tasks.push_back(
        {task_id::from_parts(i, 0), i == 3 ? task_state::waiting : task_state::queued, i == 2});
  const auto all = json::parse(encode_batch(accepted, {"a", "", ""}, false, {}));
  REQUIRE(all.at("tasks").size() == 3);
  CHECK(all.at("tasks")[0]
        == json{{"id", accepted.tasks[0].id.to_string()}, {"state", "queued"}, {"ref", "a"}});
  CHECK_FALSE(all.at("tasks")[1].contains("ref"));
  CHECK(all.at("tasks")[1].at("duplicate") == true);
  CHECK(all.size() == 1);
  const auto apart = json::parse(encode_batch(accepted, {"a", "", ""}, true, {"careful"}));
  CHECK(apart.at("tasks").size() == 2);
  CHECK(apart.at("then") == json{{"id", accepted.tasks[2].id.to_string()}, {"state", "waiting"}});
  CHECK(apart.at("warnings") == json{"careful"});
}

TEST_CASE("a task says what it comes after, and one submitted alone takes ids only") {
  const auto spec =
      decode_spec(R"({"kind":"a","on_dependency_failure":"run","after":[")" + an_id + "\"]}");
  REQUIRE(std::holds_alternative<task_spec>(spec));
  task row;
  row.spec = std::get<task_spec>(spec);
  const auto shown = json::parse(encode_task(row, redaction{}, false));
  CHECK(shown.at("after") == json::array({an_id}));
  CHECK(shown.at("on_dependency_failure") == "run");
  CHECK_FALSE(json::parse(encode_task({}, redaction{}, false)).contains("after"));

  for (const auto* text : {R"({"kind":"a","after":["#b"]})", R"({"kind":"a","ref":"b"})",
                           R"({"kind":"a","after":{}})", R"({"kind":"a","after":[{"x":[]}]})"}) {
    const auto decoded = decode_spec(text);
    REQUIRE(std::holds_alternative<problem>(decoded));
    CHECK(std::get<problem>(decoded).errors.size() == 1);
  }
  std::string wide = R"({"kind":"a","after":[)";
  for (size_t i = 0; i <= max_after; ++i)
    wide += (i == 0 ? "\"" : ",\"") + an_id + '"';
  const auto too_wide = decode_spec(wide + "]}");
  REQUIRE(std::holds_alternative<problem>(too_wide));
  CHECK(std::get<problem>(too_wide).errors[0].pointer == "/after");
}
