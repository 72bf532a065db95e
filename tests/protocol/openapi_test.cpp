// http/openapi.json beside the tables that it is about: routes, scopes, problems, words. What
// routes take and answer is held against the document by tests/openapi/walk.py.
#include "tests/protocol/front_fixture.hpp"

#include "http/openapi_routes.hpp"
#include "task/event_type.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/silent_logger.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

using namespace errand;
using namespace errand::test;
using nlohmann::json;

namespace {

json document() {
  return json::parse(openapi_document("1.2.3"));
}

/// "GET /v1/tasks" and the scopes of which one is enough.
using operation_table = std::map<std::string, std::set<std::string>>;

operation_table operations_of(const json& from) {
  operation_table operations;
  for (const auto& [path, item] : from["paths"].items())
    for (const auto& [method, operation] : item.items()) {
      auto name = method + ' ' + path;
      std::transform(name.begin(), name.begin() + static_cast<ptrdiff_t>(method.size()),
                     name.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
      auto& scopes = operations[name];
      for (const auto& each : operation.at("security"))
        for (const auto& scope : each.at("bearer"))
          scopes.insert(scope.get<std::string>());
    }
  return operations;
}

std::set<std::string> names_of(scope_set scopes) {
  std::set<std::string> names;
  for (const auto each : all_scopes)
    if (scopes.contains(each))
      names.insert(std::string(to_string(each)));
  return names;
}

/// A path as a client would send it.
std::string sample_of(const std::string& path) {
  return std::regex_replace(path, std::regex(R"(\{[a-z]+\})"), "01a205ce");
}

/// Where a request goes, as the router finds it: to the first that matches.
const router::route_entry* find_route(const router& all, const std::string& operation) {
  const auto blank = operation.find(' ');
  const auto path = sample_of(operation.substr(blank + 1));
  for (const auto& each : all.table())
    if (to_string(each.method) == operation.substr(0, blank)
        && std::regex_match(path, std::regex(each.pattern)))
      return &each;
  return nullptr;
}

std::vector<std::string> words_of(const json& schema) {
  return schema.at("enum").get<std::vector<std::string>>();
}

} // namespace

TEST_CASE("every route is an operation of openapi.json with its scopes, and the reverse",
          "[openapi]") {
  front_setup setup;
  setup.now = system_now;
  router all{std::make_shared<silent_logger>()};
  add_all_routes(all, setup);
  std::set<const router::route_entry*> described;
  for (const auto& [operation, scopes] : operations_of(document())) {
    INFO(operation);
    const auto* route = find_route(all, operation);
    REQUIRE(route != nullptr);
    CHECK(scopes == names_of(route->needed));
    CHECK(described.insert(route).second);
  }
  for (const auto& route : all.table()) {
    INFO(to_string(route.method) << ' ' << route.pattern << " is not in http/openapi.json");
    CHECK(described.contains(&route));
  }
}

TEST_CASE("every problem of problem.cpp is in openapi.json, and no other", "[openapi]") {
  std::stringstream source;
  source << std::ifstream(ERRAND_SOURCES "/http/problem.cpp").rdbuf();
  const auto text = source.str();
  std::map<std::string, int> made;
  const std::regex kind(R"re(problem_kind \w+\{(\d+), "(/problems/[a-z-]+)")re");
  for (auto found = std::sregex_iterator(text.begin(), text.end(), kind);
       found != std::sregex_iterator(); ++found)
    made.emplace((*found)[2], std::stoi((*found)[1]));
  REQUIRE(made.size() > 20);

  const auto from = document();
  const auto types = words_of(from["components"]["schemas"]["Problem"]["properties"]["type"]);
  std::set<std::string> known;
  for (const auto& [type, status] : made)
    known.insert(type);
  CHECK(std::set<std::string>(types.begin(), types.end()) == known);

  for (const auto& [name, response] : from["components"]["responses"].items()) {
    INFO(name);
    const auto& parts = response["content"]["application/problem+json"]["schema"]["properties"];
    const auto& type = parts["type"];
    const auto told =
        type.contains("const") ? std::vector{type["const"].get<std::string>()} : words_of(type);
    for (const auto& each : told)
      CHECK(made.at(each) == parts["status"]["const"].get<int>());
  }
}

TEST_CASE("openapi.json names the states and the events that there are", "[openapi]") {
  const auto schemas = document()["components"]["schemas"];
  std::vector<std::string> states, events;
  for (const auto state : all_task_states)
    states.emplace_back(to_string(state));
  for (const auto type : all_event_types)
    events.emplace_back(to_string(type));
  CHECK(words_of(schemas["TaskState"]) == states);
  CHECK(words_of(schemas["EventType"]) == events);
}

TEST_CASE("openapi.json is served whole, with the version of the server", "[openapi]") {
  front_fixture server;
  const auto answer = server.connect().ask(get("/openapi.json"));
  CHECK(answer->status == 200);
  CHECK(answer->header("content-type") == "application/json");
  CHECK(answer->body == openapi_document("1.2.3"));
  const auto served = json::parse(answer->body);
  CHECK(served["info"]["version"] == "1.2.3");
  std::ifstream source(ERRAND_SOURCES "/http/openapi.json");
  auto written = json::parse(source);
  written["info"]["version"] = "1.2.3";
  CHECK(served == written);
}
