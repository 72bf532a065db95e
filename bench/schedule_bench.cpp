// What schedules cost: many that are not due, beside a server without any, and many that are due in
// the same second, with a client that submits meanwhile. Numbers are of this machine and this disk.
//
//   schedule_bench FOLDER [IDLE] [DUE]      default: 100000 10000; the folder must be empty
#include <errand/errand.hpp>

#include "store/store.hpp"

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace {

using namespace errand;
using namespace std::chrono_literals;

void require(bool good, const std::string& what) {
  if (good)
    return;
  std::fprintf(stderr, "schedule_bench: %s\n", what.c_str());
  std::exit(1);
}

long resident_kb() {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;)
    if (word == "VmRSS:") {
      long kb = 0;
      in >> kb;
      return kb;
    }
  return 0;
}

/// So many schedules with that expression, in steps.
void fill(const std::string& url, size_t n, const std::string& cron) {
  auto opened = open_store({url});
  require(opened.ok(), opened.ok() ? "" : opened.why().message());
  auto& db = **opened;
  const auto start = std::chrono::steady_clock::now();
  for (size_t i = 0; i < n;) {
    require(db.begin().ok(), "begin");
    for (size_t step = 0; step < 1000 && i < n; ++step, ++i) {
      schedule_put wanted{"schedule-" + std::to_string(i), {}};
      wanted.spec.cron = cron;
      wanted.spec.time_zone = "Europe/Berlin";
      wanted.spec.task.kind = "noop";
      const auto put = db.put_schedule(wanted, system_now());
      require(put && put->ok(), "put");
    }
    require(db.commit().ok(), "commit");
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  if (n > 0)
    std::printf("%zu schedules put: %.1f us each\n", n, took.count() * 1e6 / double(n));
}

Options options_for(const std::string& url) {
  Options options;
  options.store = url;
  options.http.port = 0;
  options.log_level = LogLevel::warn;
  return options;
}

double cpu_ms(const rusage& used) {
  return double(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3
         + double(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

/// A server at rest on a store with so many schedules, none of them due for weeks.
void rest(const std::string& url, size_t n) {
  fill(url, n, "0 0 29 2 *");
  const auto before = resident_kb();
  TaskServer server{options_for(url)};
  server.start();
  std::this_thread::sleep_for(2s);
  rusage first{}, last{};
  getrusage(RUSAGE_SELF, &first);
  std::this_thread::sleep_for(10s);
  getrusage(RUSAGE_SELF, &last);
  std::printf("at rest with %zu schedules: %ld KB more than before the start, %.1f wake-ups/s,"
              " %.2f ms of CPU/s\n",
              n, resident_kb() - before, double(last.ru_nvcsw - first.ru_nvcsw) / 10,
              (cpu_ms(last) - cpu_ms(first)) / 10);
  server.stop();
}

/// Submits until then, a millisecond apart; the sorted times that it took, in ms.
std::vector<double> submit_until(httplib::Client& client, timestamp end) {
  std::vector<double> took;
  while (system_now() < end) {
    const auto start = std::chrono::steady_clock::now();
    const auto answer =
        client.Post("/v1/tasks", R"({"kind": "noop", "queue": "mine"})", "application/json");
    require(answer && answer->status == 202, "a submit was not accepted");
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    took.push_back(time.count());
    std::this_thread::sleep_for(1ms);
  }
  std::sort(took.begin(), took.end());
  return took;
}

/// How many tasks the schedules have made, and when the last one was accepted.
std::pair<size_t, timestamp> count_made(httplib::Client& client) {
  size_t made = 0;
  timestamp newest{};
  const std::string first = "/v1/tasks?queue=default&limit=1000";
  for (auto query = first; !query.empty();) {
    const auto page = client.Get(query);
    require(page && page->status == 200, "a list was refused");
    const auto body = nlohmann::json::parse(page->body);
    for (const auto& task : body["tasks"]) {
      ++made;
      newest = std::max(newest, *parse_rfc3339(task["created_at"].get<std::string>()));
    }
    query = body["next_cursor"].is_null()
                ? ""
                : first + "&cursor=" + body["next_cursor"].get<std::string>();
  }
  return {made, newest};
}

void due_together(const std::string& url, size_t n) {
  const auto due = std::chrono::ceil<std::chrono::seconds>(system_now()) + 8s;
  const auto time = std::chrono::system_clock::to_time_t(due);
  std::tm utc{};
  gmtime_r(&time, &utc);
  // The zone is Berlin's, so the hour is left open.
  fill(url, n, std::to_string(utc.tm_sec) + ' ' + std::to_string(utc.tm_min) + " * * * *");
  TaskServer server{options_for(url)};
  server.start();
  require(system_now() < due - 500ms, "putting the schedules took too long; ask for fewer");

  httplib::Client client{"127.0.0.1", server.port()};
  client.set_keep_alive(true);
  client.set_tcp_nodelay(true);
  std::this_thread::sleep_until(due - 200ms);
  const auto submits = submit_until(client, due + 2s);
  const auto [made, newest] = count_made(client);
  const std::chrono::duration<double, std::milli> late = newest - due;
  std::printf("%zu due in the same second: %zu tasks, the last one accepted %.0f ms after it\n", n,
              made, late.count());
  std::printf("submits meanwhile (%zu): p50 %.2f  p99 %.2f  max %.2f ms\n", submits.size(),
              submits[submits.size() / 2], submits[submits.size() * 99 / 100], submits.back());
  server.stop();
}

} // namespace

int main(int argc, char** argv) {
  require(argc > 1, "usage: schedule_bench FOLDER [IDLE] [DUE]");
  const std::string folder = argv[1];
  const size_t idle = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 100'000;
  const size_t due = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 10'000;
  rest("sqlite:" + folder + "/none.db", 0);
  rest("sqlite:" + folder + "/idle.db", idle);
  due_together("sqlite:" + folder + "/due.db", due);
}
