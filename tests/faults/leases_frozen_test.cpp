// Worker processes that say nothing more while they have leases: one that is stopped while it also
// waits for more, and one that is killed.

#include "tests/faults/leases_time.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using namespace errand::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

/// Waits by several requests at once, leases for so many seconds, and tells in a line for each
/// request how many tasks it got. It lives until all are answered.
constexpr const char* worker_script = R"(
import json, sys, threading, urllib.request
url, requests, lease_s = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def wait():
    wanted = {"worker": "w", "kinds": ["outside"], "lease_s": lease_s, "wait_s": 120}
    request = urllib.request.Request(url + "/v1/leases", json.dumps(wanted).encode(),
                                     {"Content-Type": "application/json"})
    got = json.load(urllib.request.urlopen(request))["leases"]
    sys.stdout.write(f"{len(got)}\n")
    sys.stdout.flush()
for _ in range(requests):
    threading.Thread(target=wait).start()
)";

/// That worker as a process of its own, named "w". Killed with the object.
class waiting_worker {
public:
  waiting_worker(const temp_folder& folder, int port, int requests, std::chrono::seconds lease)
      : said_(folder.file("said")) {
    const auto script = folder.file("worker.py");
    std::ofstream(script) << worker_script;
    const auto url = "http://127.0.0.1:" + std::to_string(port);
    const auto how_many = std::to_string(requests), seconds = std::to_string(lease.count());
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(::open(said_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
      ::execlp("python3", "python3", script.c_str(), url.c_str(), how_many.c_str(), seconds.c_str(),
               nullptr);
      ::_exit(127);
    }
  }
  waiting_worker(const waiting_worker&) = delete;
  waiting_worker& operator=(const waiting_worker&) = delete;
  ~waiting_worker() {
    signal(SIGKILL); // also ends one that is stopped
    ::waitpid(pid_, nullptr, 0);
  }

  void signal(int number) const { ::kill(pid_, number); }

  /// So many of its requests got so many tasks, as far as it has told.
  long answered_with(size_t tasks) const {
    std::ifstream in(said_);
    const std::istream_iterator<size_t> first(in), last;
    return std::count(first, last, tasks);
  }

private:
  std::string said_;
  pid_t pid_ = -1;
};

void skip_without_python() {
  if (std::system("python3 -c pass > /dev/null 2>&1") != 0) {
    std::puts("skipped: there is no python3");
    std::exit(77);
  }
}

struct running_server {
  temp_folder folder;
  server_process process{ERRAND_PROGRAM,
                         {"serve", "--store", "sqlite:" + folder.file("errand.db")},
                         folder.file("log")};
};

/// So many requests for leases wait.
size_t waiting_requests(httplib::Client& client) {
  const auto answer = client.Get("/v1/actors");
  REQUIRE(answer);
  const auto actors = json::parse(answer->body).at("actors");
  for (const auto& each : actors)
    if (each.at("name") == "lessor" && each.at("state") == "answers")
      return each.at("figures").at("waiting");
  return SIZE_MAX;
}

bool is_running_at(httplib::Client& client, const std::string& id, const std::string& worker) {
  const auto task = get_task(client, id);
  return task.at("state") == "running" && task.at("worker") == worker;
}

/// When the one lease that there is ends.
std::chrono::system_clock::time_point end_of_lease(httplib::Client& client) {
  const auto answer = client.Get("/v1/workers");
  REQUIRE(answer);
  const auto workers = json::parse(answer->body).at("lease_workers");
  REQUIRE(workers.size() == 1);
  return parse_time(workers[0].at("leases").at(0).at("expires_at"));
}

} // namespace

// Each request that such a process had open took the task in turn and lost it, until it had failed
// by crashes.
TEST_CASE("a process that is stopped while it waits by several requests loses a task once, and the"
          " task goes to another worker") {
  skip_without_python();
  running_server server;
  auto client = server.process.client();
  const waiting_worker worker(server.folder, server.process.port(), 3, 1s);
  REQUIRE(eventually([&] { return waiting_requests(client) == 3; }));
  worker.signal(SIGSTOP);
  const auto id =
      submit(client, {{"kind", "outside"}, {"max_crashes", 2}})->at("id").get<std::string>();
  REQUIRE(eventually([&] { return is_running_at(client, id, "w"); }));

  // The other has waited less long than what the stopped one has open.
  const auto other =
      client.Post("/v1/leases", R"({"worker":"v","kinds":["outside"],"lease_s":60,"wait_s":20})",
                  "application/json");
  REQUIRE(other);
  const auto leases = json::parse(other->body).at("leases");
  REQUIRE(leases.size() == 1);
  CHECK(leases[0].at("task").at("id") == id);
  CHECK(leases[0].at("task").at("attempt") == 2);
  CHECK(eventually([&] { return waiting_requests(client) == 0; }));
  CHECK(is_running_at(client, id, "v"));

  worker.signal(SIGCONT);
  CHECK(eventually([&] { return worker.answered_with(0) == 2; }));
  CHECK(eventually([&] { return worker.answered_with(1) == 1; }));
  const json end{{"token", leases[0].at("token")}, {"outcome", "succeeded"}, {"result", "right"}};
  client.Post("/v1/leases/finish", json{{"leases", {end}}}.dump(), "application/json");
  const auto task = get_task(client, id);
  CHECK(task.at("result") == "right");
  REQUIRE(task.at("attempts").size() == 2);
  CHECK(task.at("attempts").at(0).at("outcome") == "lost");
}

TEST_CASE("a task whose worker process is killed is queued again within two seconds of its lease's"
          " end") {
  skip_without_python();
  running_server server;
  auto client = server.process.client();
  // It still waits by one of them when it dies.
  const waiting_worker worker(server.folder, server.process.port(), 2, 3s);
  REQUIRE(eventually([&] { return waiting_requests(client) == 2; }));
  const auto id = submit(client, {{"kind", "outside"}})->at("id").get<std::string>();
  // Had it not heard of the lease, that would be put back at once.
  REQUIRE(eventually([&] { return worker.answered_with(1) == 1; }));
  const auto ends_at = end_of_lease(client);
  worker.signal(SIGKILL);
  REQUIRE(eventually([&] { return get_task(client, id).at("state") == "queued"; }));
  const auto queued_by = std::chrono::system_clock::now();
  CHECK(queued_by >= ends_at);
  CHECK(queued_by < ends_at + 2s);
  const auto task = get_task(client, id);
  CHECK(task.at("attempts").at(0).at("outcome") == "lost");
  CHECK(task.at("attempts").at(0).at("worker") == "w");
}
