// Workers outside of the program: leases over HTTP, and the workers of examples/.
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <sys/wait.h>
#include <unistd.h>

using namespace errand::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

struct running_server {
  temp_folder folder;
  server_process process{ERRAND_PROGRAM,
                         {"serve", "--store", "sqlite:" + folder.file("errand.db")},
                         folder.file("log")};
};

json post(httplib::Client& client, const std::string& path, const json& body) {
  const auto answer = client.Post(path, body.dump(), "application/json");
  REQUIRE(answer);
  INFO(answer->body);
  REQUIRE(answer->status == 200);
  return json::parse(answer->body);
}

json lease(httplib::Client& client, json wanted) {
  wanted["worker"] = "w";
  return post(client, "/v1/leases", wanted).at("leases");
}

json finish(httplib::Client& client, json end) {
  return post(client, "/v1/leases/finish", {{"leases", {std::move(end)}}}).at("leases").at(0);
}

json heartbeat(httplib::Client& client, const std::string& token) {
  return post(client, "/v1/leases/heartbeat", {{"leases", {{{"token", token}}}}})
      .at("leases")
      .at(0);
}

/// A worker of examples/ as a child process, with leases of four seconds.
class example_worker {
public:
  example_worker(std::vector<std::string> command, int port) {
    command.push_back("http://127.0.0.1:" + std::to_string(port));
    command.emplace_back("example");
    pid_ = ::fork();
    if (pid_ == 0) {
      std::vector<char*> argv;
      for (auto& each : command)
        argv.push_back(each.data());
      argv.push_back(nullptr);
      ::setenv("LEASE_S", "4", 1);
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
  }
  ~example_worker() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      wait();
    }
  }

  void stop() const { ::kill(pid_, SIGTERM); }

  int wait() {
    int result = 0;
    ::waitpid(pid_, &result, 0);
    pid_ = -1;
    return result;
  }

private:
  pid_t pid_ = -1;
};

json shout(const std::string& text, double seconds = 0) {
  return {{"kind", "shout"}, {"args", {{"text", text}, {"seconds", seconds}}}};
}

size_t count_in(httplib::Client& client, const std::string& state) {
  return list_all(client, "state=" + state).size();
}

/// Stops a worker in the middle of tasks that take longer than the leases hold, while others wait.
void stop_example(httplib::Client& client, example_worker& worker) {
  constexpr size_t all = 20;
  json tasks = json::array();
  for (size_t i = 0; i < all; ++i)
    tasks.push_back(shout("late", 6));
  const auto batch =
      client.Post("/v1/tasks/batch", json{{"tasks", tasks}}.dump(), "application/json");
  REQUIRE(batch);
  REQUIRE(batch->status == 202);
  REQUIRE(eventually([&] { return count_in(client, "running") > 0; }));
  worker.stop();
  CHECK(worker.wait() == 0);
  size_t succeeded = 0;
  const auto accepted = json::parse(batch->body);
  for (const auto& each : accepted.at("tasks")) {
    const auto task = get_task(client, each.at("id"));
    INFO(task.dump());
    succeeded += task.at("state") == "succeeded";
    CHECK((task.at("state") == "succeeded" || task.at("state") == "queued"));
    CHECK(task.at("attempts").size() == (task.at("state") == "succeeded" ? 1 : 0));
  }
  CHECK(succeeded > 0);
  CHECK(succeeded < all);
}

/// Does what the README of examples/ says with that worker.
void run_example(const std::vector<std::string>& command) {
  running_server server;
  auto client = server.process.client();
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i)
    ids.push_back(submit(client, shout("n" + std::to_string(i)))->at("id"));
  const auto broken =
      submit(client, {{"kind", "shout"}, {"max_attempts", 1}, {"args", {{"text", 7}}}})->at("id");
  example_worker worker(command, server.process.port());
  REQUIRE(eventually([&] { return count_in(client, "succeeded") == ids.size(); }));
  for (size_t i = 0; i < ids.size(); ++i)
    CHECK(get_task(client, ids[i]).at("result") == "N" + std::to_string(i));
  REQUIRE(eventually([&] { return get_task(client, broken).at("state") == "failed"; }));
  CHECK_FALSE(get_task(client, broken).at("error").at("message").get<std::string>().empty());
  CHECK(get_task(client, ids[0]).at("worker") == "example");
  const auto unwanted = submit(client, shout("never", 600))->at("id").get<std::string>();
  REQUIRE(eventually([&] { return get_task(client, unwanted).at("state") == "running"; }));
  post(client, "/v1/tasks/" + unwanted + "/cancel", json::object());
  REQUIRE(eventually([&] { return get_task(client, unwanted).at("state") == "cancelled"; }));
  stop_example(client, worker);
}

bool can_run(const std::string& command) {
  return std::system((command + " > /dev/null 2>&1").c_str()) == 0;
}

} // namespace

TEST_CASE("a task of a kind without a handler is run by whoever leases it", "[lease]") {
  running_server server;
  auto client = server.process.client();
  const auto task = *submit(client, {{"kind", "resize"}, {"args", {{"w", 5}}}});
  CHECK(task.contains("warnings"));
  const auto leases = lease(client, {{"kinds", {"resize"}}, {"max", 10}});
  REQUIRE(leases.size() == 1);
  CHECK(leases[0].at("task").at("id") == task.at("id"));
  CHECK(leases[0].at("task").at("args") == json{{"w", 5}});
  CHECK(leases[0].at("task").at("state") == "running");
  const auto token = leases[0].at("token").get<std::string>();
  CHECK(heartbeat(client, token).at("status") == "ok");
  CHECK(post(client, "/v1/leases/heartbeat",
             {{"leases",
               {{{"token", token},
                 {"progress", {{"fraction", 0.5}, {"message", "half"}}},
                 {"log", "one\ntwo"}}}}})
            .at("leases")[0]
            .at("status")
        == "ok");
  CHECK(get_task(client, task.at("id")).at("progress").at("message") == "half");
  const auto log = client.Get("/v1/tasks/" + task.at("id").get<std::string>() + "/log");
  REQUIRE(log);
  CHECK(log->body.find("#1 two\n") != std::string::npos);
  const auto ended =
      finish(client, {{"token", token}, {"outcome", "succeeded"}, {"result", {1, 2}}});
  CHECK(ended.at("status") == "ok");
  CHECK(ended.at("task") == json{{"id", task.at("id")}, {"state", "succeeded"}});
  CHECK(get_task(client, task.at("id")).at("result") == json{1, 2});
  CHECK(finish(client, {{"token", token}, {"outcome", "succeeded"}}).at("status") == "lost");
}

TEST_CASE("a worker outside cancels a task and says why", "[lease]") {
  running_server server;
  auto client = server.process.client();
  const auto id = submit(client, {{"kind", "resize"}})->at("id");
  const auto leases = lease(client, {{"kinds", {"resize"}}});
  REQUIRE(leases.size() == 1);
  const auto ended = finish(client, {{"token", leases[0].at("token")},
                                     {"outcome", "cancelled"},
                                     {"error", {{"message", "the picture is gone"}}}});
  CHECK(ended.at("task").at("state") == "cancelled");
  const auto task = get_task(client, id);
  CHECK(task.at("cancel_reason") == "handler");
  CHECK(task.at("error").at("message") == "the picture is gone");
}

TEST_CASE("nothing to lease is an empty list, at once or at the end of the wait", "[lease]") {
  running_server server;
  auto client = server.process.client();
  CHECK(lease(client, {{"kinds", {"none"}}}).empty());
  CHECK(lease(client, {{"kinds", {"none"}}, {"wait_s", 0.1}}).empty());
}

TEST_CASE("a lease that ends unheard is queued again within two seconds", "[lease]") {
  running_server server;
  auto client = server.process.client();
  const auto id = submit(client, {{"kind", "resize"}})->at("id");
  const auto first = lease(client, {{"kinds", {"resize"}}, {"lease_s", 1}});
  REQUIRE(first.size() == 1);
  // Another worker: what the first waits for ends with its lease.
  const auto second =
      post(client, "/v1/leases", {{"worker", "v"}, {"kinds", {"resize"}}, {"wait_s", 3}})
          .at("leases");
  REQUIRE(second.size() == 1);
  CHECK(second[0].at("task").at("id") == id);
  CHECK(second[0].at("task").at("attempt") == 2);
  CHECK(finish(client, {{"token", first[0].at("token")}, {"outcome", "succeeded"}}).at("status")
        == "lost");
  CHECK(heartbeat(client, first[0].at("token")).at("status") == "lost");
  CHECK(get_task(client, id).at("attempts").at(0).at("outcome") == "lost");
}

TEST_CASE("the time limit ends a leased attempt as a failure", "[lease]") {
  running_server server;
  auto client = server.process.client();
  const auto id =
      submit(client, {{"kind", "resize"}, {"timeout_s", 0.2}, {"max_attempts", 1}})->at("id");
  REQUIRE(lease(client, {{"kinds", {"resize"}}}).size() == 1);
  REQUIRE(eventually([&] { return get_task(client, id).at("state") == "failed"; }));
  CHECK(get_task(client, id).at("error").at("type") == "timeout");
}

TEST_CASE("a cancel reaches whoever has the lease", "[lease]") {
  running_server server;
  auto client = server.process.client();
  const auto id = submit(client, {{"kind", "resize"}})->at("id").get<std::string>();
  const auto token = lease(client, {{"kinds", {"resize"}}})[0].at("token").get<std::string>();
  post(client, "/v1/tasks/" + id + "/cancel", json::object());
  CHECK(heartbeat(client, token).at("status") == "cancel_requested");
  CHECK(finish(client, {{"token", token}, {"outcome", "released"}}).at("task").at("state")
        == "cancelled");
}

TEST_CASE("what a worker has is queued again at once when it is deleted", "[lease]") {
  running_server server;
  auto client = server.process.client();
  for (int i = 0; i < 3; ++i)
    REQUIRE(submit(client, {{"kind", "resize"}}));
  const auto leases = lease(client, {{"kinds", {"resize"}}, {"max", 3}});
  REQUIRE(leases.size() == 3);
  const auto workers = client.Get("/v1/workers");
  REQUIRE(workers);
  const auto shown = json::parse(workers->body).at("lease_workers");
  REQUIRE(shown.size() == 1);
  CHECK(shown[0].at("name") == "w");
  CHECK(shown[0].at("leases").size() == 3);
  REQUIRE(client.Delete("/v1/workers/w")->status == 204);
  const auto again = lease(client, {{"kinds", {"resize"}}, {"max", 3}});
  REQUIRE(again.size() == 3);
  CHECK(again[0].at("task").at("attempt") == 1);
  CHECK(heartbeat(client, leases[0].at("token")).at("status") == "lost");
  CHECK(client.Delete("/v1/workers/w")->status == 204);
  CHECK(client.Delete("/v1/workers/nobody")->status == 204);
}

TEST_CASE("what waits for a worker outside is explained", "[lease]") {
  running_server server;
  auto client = server.process.client();
  const auto id = submit(client, {{"kind", "resize"}})->at("id").get<std::string>();
  const auto codes = [&] {
    const auto answer = client.Get("/v1/tasks/" + id + "/explain");
    REQUIRE(answer);
    const auto explained = json::parse(answer->body);
    std::vector<std::string> found;
    for (const auto& each : explained.at("reasons"))
      found.push_back(each.at("code"));
    return found;
  };
  CHECK(codes().back() == "no_handler");
  lease(client, {{"kinds", {"resize", "other"}}, {"queues", {"elsewhere"}}});
  CHECK(codes().back() == "no_handler");
  // It has the one task there is, and is busy with it when the next comes.
  REQUIRE(lease(client, {{"kinds", {"resize"}}}).size() == 1);
  const auto next = submit(client, {{"kind", "resize"}})->at("id").get<std::string>();
  const auto answer = client.Get("/v1/tasks/" + next + "/explain");
  REQUIRE(answer);
  const auto reason = json::parse(answer->body).at("reasons").at(0);
  CHECK(reason.at("code") == "workers_busy");
  CHECK(reason.at("detail").get<std::string>().find(": 1 has leases.") != std::string::npos);
}

TEST_CASE("explain of a leased task names its worker", "[lease]") {
  running_server server;
  auto client = server.process.client();
  const auto id = submit(client, {{"kind", "resize"}})->at("id").get<std::string>();
  const auto leases = lease(client, {{"kinds", {"resize"}}, {"lease_s", 100}});
  REQUIRE(leases.size() == 1);
  const auto answer = client.Get("/v1/tasks/" + id + "/explain");
  REQUIRE(answer);
  CHECK(answer->status == 200);
  const auto explained = json::parse(answer->body);
  CHECK(explained.at("state") == "running");
  REQUIRE(explained.at("reasons").size() == 1);
  CHECK(explained.at("reasons")[0].at("code") == "running");
  const auto detail = explained.at("reasons")[0].at("detail").get<std::string>();
  INFO(detail);
  const auto tells = [&](const std::string& words) {
    return detail.find(words) != std::string::npos;
  };
  CHECK(tells("Attempt 1 is leased to the worker w since "
              + get_task(client, id).at("started_at").get<std::string>()));
  CHECK(tells("the lease ends at " + leases[0].at("expires_at").get<std::string>()));
}

TEST_CASE("the Python worker of examples/ runs tasks and leaves in order", "[lease]") {
  if (!can_run("python3 -c pass")) {
    std::cout << "skipped: there is no python3\n";
    std::exit(77);
  }
  run_example({"python3", ERRAND_EXAMPLES "/workers/worker.py"});
}

TEST_CASE("the JavaScript worker of examples/ runs tasks and leaves in order", "[lease]") {
  if (!can_run(
          "node -e 'process.exit(Number(process.versions.node.split(`.`)[0]) >= 18 ? 0 : 1)'")) {
    std::cout << "skipped: there is no Node.js 18 or newer\n";
    std::exit(77);
  }
  run_example({"node", ERRAND_EXAMPLES "/workers/worker.mjs"});
}
