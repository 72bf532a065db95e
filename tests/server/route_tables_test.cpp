// What errand.toml says of routes.

#include "tests/server/settings_of_file.hpp"
#include "tests/support/catch.hpp"

#include "server/routes.hpp"
#include "server/settings.hpp"

using namespace errand;
using errand::test::load;

namespace {

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("without routes in the file there is GET /sleep") {
  const auto checked = check_routes(load("").options.routes);
  CHECK(checked.faults.empty());
  REQUIRE(checked.routes.size() == 1);
  const auto& sleep = checked.routes[0];
  CHECK(sleep.method == http_method::get);
  CHECK(sleep.path == "/sleep");
  CHECK(sleep.spec.kind == "sleep");
  CHECK(std::get<std::string>(sleep.args.fill({}, {})) == R"({"seconds":5})");
  CHECK(sleep.reply_status == 200);
  CHECK(sleep.reply_content_type == "text/plain; charset=utf-8");
  CHECK(sleep.reply_body == "when i sleep");
  CHECK_FALSE(sleep.is_public);
}

TEST_CASE("routes of the file take the place of the default ones, with all that they say") {
  const auto loaded = load("[[routes]]\n"
                           "method = \"POST\"\n"
                           "path = \"/hooks/github\"\n"
                           "kind = \"echo\"\n"
                           "args = {event = {\"$header\" = \"X-GitHub-Event\"}, n = [1, 2.5, true],"
                           " at = 1979-05-27T07:32:00Z}\n"
                           "queue = \"hooks\"\n"
                           "priority = 5\n"
                           "delay_s = 1.5\n"
                           "max_attempts = 2\n"
                           "tags = {from = \"github\"}\n"
                           "retry = {factor = 3}\n"
                           "unique = {key = \"deploy\", until = \"started\"}\n"
                           "reply = {status = 202, content_type = \"application/json\","
                           " body = \"{\\\"ok\\\":true}\"}\n"
                           "public = true\n"
                           "[[routes]]\n"
                           "path = \"/other\"\n"
                           "kind = \"noop\"\n");
  CHECK(loaded.errors == strings{});
  CHECK(wrong_options(loaded.options).empty());
  const auto routes = check_routes(loaded.options.routes).routes;
  REQUIRE(routes.size() == 2);
  const auto& hook = routes[0];
  CHECK(hook.method == http_method::post);
  CHECK(hook.path == "/hooks/github");
  CHECK(hook.spec.queue == "hooks");
  CHECK(hook.spec.priority == 5);
  CHECK(hook.spec.delay == std::chrono::milliseconds{1500});
  CHECK(hook.spec.max_attempts == 2);
  CHECK(hook.spec.tags.at("from") == "github");
  CHECK(hook.spec.retry.factor == 3);
  REQUIRE(hook.spec.unique);
  CHECK(hook.spec.unique->key == "deploy");
  CHECK(hook.reply_status == 202);
  CHECK(hook.reply_content_type == "application/json");
  CHECK(hook.reply_body == "{\"ok\":true}");
  CHECK(hook.is_public);
  http_request request;
  request.headers = {{"x-github-event", "push"}};
  CHECK(std::get<std::string>(hook.args.fill(request, {}))
        == R"({"at":"1979-05-27T07:32:00Z","event":"push","n":[1,2.5,true]})");
  CHECK(routes[1].method == http_method::get);
  CHECK_FALSE(routes[1].is_public);
}

TEST_CASE("a file may say that there are no routes") {
  const auto loaded = load("routes = []\n");
  CHECK(loaded.errors == strings{});
  CHECK(loaded.options.routes.empty());
  CHECK(load(to_toml(loaded)).options.routes.empty());
}

TEST_CASE("what is wrong with a route is told with its place") {
  struct row {
    std::string text, error;
  };
  const std::string begin = "[[routes]]\nkind = \"noop\"\n";
  const auto r = GENERATE_COPY(values<row>({
      {"routes = 1", "1:1: routes must be tables: a line [[routes]] for each route, and its keys"
                     " below"},
      {"[routes.a]\nkind = \"noop\"", "2:1: routes must be tables: a line [[routes]] for each"
                                      " route, and its keys below"},
      {begin, "1:1: routes[0].path is missing; it must be '/' and up to 1023 more bytes, decoded,"
              " without '?', '#', '%', blanks and control characters"},
      {begin + "path = \"a\"",
       "3:8: routes[0].path is \"a\", but must be '/' and up to 1023 more bytes, decoded, without"
       " '?', '#', '%', blanks and control characters"},
      {begin + "path = \"/a?b\"",
       "3:8: routes[0].path is \"/a?b\", but must be '/' and up to 1023 more bytes, decoded,"
       " without '?', '#', '%', blanks and control characters"},
      {begin + "path = \"/v1/mine\"", "3:8: routes[0].path is \"/v1/mine\", which is one of the"
                                      " server's own; choose another"},
      {begin + "path = \"/livez\"", "3:8: routes[0].path is \"/livez\", which is one of the"
                                    " server's own; choose another"},
      {begin + "path = \"/\"", "3:8: routes[0].path is \"/\", which is one of the server's own;"
                               " choose another"},
      {begin + "path = 1", "3:8: routes[0].path must be a string"},
      {begin + "path = \"/a\"\nmethod = \"HEAD\"",
       "4:10: routes[0].method is \"HEAD\", but must be GET, POST, PUT, PATCH or DELETE"},
      {begin + "path = \"/a\"\npublic = 1", "4:10: routes[0].public must be true or false"},
      {begin + "path = \"/a\"\npaht = \"/b\"",
       "4:8: routes[0].paht is not a key of a route; did you mean path?; there are method, path,"
       " public, reply and the fields of a task"},
      {begin + "path = \"/a\"\npriority = 101",
       "4:12: routes[0].priority is 101; it must be an integer from -100 to 100"},
      {begin + "path = \"/a\"\nrun_at = 1979-05-27T07:32:00Z",
       "4:10: routes[0].run_at is a moment, and each request has its own; leave it out, or give"
       " delay_s"},
      {begin + "path = \"/a\"\nargs = {x = {\"$boby\" = true}}",
       "4:24: routes[0].args.x.$boby begins with $, and is none of $body, $query and $header; did"
       " you mean $body?"},
      {begin + "path = \"/a\"\nargs = {x = inf}",
       "4:13: inf and nan have no form in JSON; write a number"},
      {begin + "path = \"/a\"\nreply = \"x\"",
       "4:9: routes[0].reply must be a table such as {status = 200, body = \"thanks\"}"},
      {begin + "path = \"/a\"\nreply = {status = 99}",
       "4:19: routes[0].reply.status is 99, but must be a whole number from 200 to 599"},
      {begin + "path = \"/a\"\nreply = {status = 204, body = \"x\"}",
       "4:31: routes[0].reply.body goes with the status 204, which has none; leave it out, or"
       " choose another status"},
      {begin + "path = \"/a\"\nreply = {text = \"x\"}",
       "4:17: routes[0].reply.text is not a key of a reply; there are status, content_type and"
       " body"},
      {begin + "path = \"/a\"\n" + begin + "path = \"/a\"",
       "6:8: routes[1].path is \"/a\", which another route has with the same method; each method"
       " and path has one route"},
      {"[[routes]]\npath = \"/a\"", "1:1: routes[0].kind is missing; it names the handler that"
                                    " runs the task, and must be a string of 1 to 128 of"
                                    " [A-Za-z0-9._:/-]"},
  }));
  INFO(r.text);
  CHECK(load(r.text).errors == strings{"f:" + r.error});
}

TEST_CASE("routes printed as TOML read back as the same") {
  const auto first = load("[[routes]]\nmethod = \"PUT\"\npath = \"/a/\\u00e4\"\nkind = \"echo\"\n"
                          "args = {\"a b\" = [{\"$body\" = true}, \"x\\ny\\u0001\", 1.5, -3]}\n"
                          "reply = {status = 204}\npublic = true\n"
                          "[[routes]]\npath = \"/b\"\nkind = \"noop\"\n");
  REQUIRE(first.errors == strings{});
  const auto printed = to_toml(first);
  INFO(printed);
  const auto second = load(printed);
  CHECK(second.errors == strings{});
  REQUIRE(second.options.routes.size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    const auto& a = first.options.routes[i];
    const auto& b = second.options.routes[i];
    CHECK(a.method == b.method);
    CHECK(a.path == b.path);
    CHECK(a.task_json == b.task_json);
    CHECK(a.status == b.status);
    CHECK(a.content_type == b.content_type);
    CHECK(a.body == b.body);
    CHECK(a.is_public == b.is_public);
  }
}

TEST_CASE("a route whose kind nobody handles is told, and is no error") {
  const auto loaded = load("[[routes]]\npath = \"/a\"\nkind = \"resize\"\n");
  CHECK(loaded.errors == strings{});
  CHECK(routes_without_handler(loaded.options.routes, {"noop"})
        == strings{"the route GET /a makes tasks of the kind resize, for which there is no handler:"
                   " they stay queued until somebody takes them"});
  CHECK(routes_without_handler(loaded.options.routes, {"noop", "resize"}).empty());
}

TEST_CASE("routes that a program sets are checked like those of a file") {
  Options options;
  options.routes = {{.path = "/a", .task_json = "{"}, {.path = "b", .task_json = R"({"kind":1})"}};
  const auto wrong = wrong_options(options);
  REQUIRE(wrong.size() == 3);
  CHECK(wrong[0].starts_with("option routes[0] has no task: At byte "));
  CHECK(wrong[1].starts_with("option routes[1].path is \"b\""));
  CHECK(wrong[2].starts_with("option routes[1].kind is 1"));
  options.routes.assign(max_routes + 1, {.path = "/a", .task_json = R"({"kind":"noop"})"});
  for (size_t i = 0; i < options.routes.size(); ++i)
    options.routes[i].path += std::to_string(i);
  CHECK(wrong_options(options)
        == strings{"option routes[0] is one of 101 routes, but there may be at most 100"});
}
