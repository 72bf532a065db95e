// What `errand top` and the progress bar show of what a server answers.

#include "tests/support/catch.hpp"

#include "cli/client/display_width.hpp"
#include "cli/client/progress_bar.hpp"
#include "cli/client/top_view.hpp"

#include <sstream>

using namespace errand;
using namespace errand::client;

namespace {

snapshot some_snapshot() {
  snapshot data;
  data.stats = json::parse(R"({"counts":{"scheduled":3,"waiting":0,"queued":12,"running":4,
    "retrying":1,"succeeded":9,"failed":2,"cancelled":0},"oldest_queued_age_s":192.4,
    "last_minute":{"submitted":130,"started":121,"succeeded":118,"failed":0,"cancelled":0,"retried":2},
    "wait_s":{"count":5,"p50":0.012,"p95":1.9,"p99":4.4},"run_s":{"count":0},
    "commit_s":{"count":9,"p50":0.0009,"p95":0.004,"p99":0.011},"connections":12})");
  data.queues = json::parse(R"([
    {"name":"calm","counts":{"scheduled":1,"waiting":1,"queued":0,"running":0,"retrying":0,"failed":0},
     "oldest_queued_age_s":null,"last_minute":{"succeeded":0},"paused":true},
    {"name":"busy","counts":{"scheduled":0,"waiting":0,"queued":12,"running":4,"retrying":1,"failed":2},
     "oldest_queued_age_s":192.4,"last_minute":{"succeeded":118},"concurrency":4}])");
  data.workers = json::parse(R"({"workers":[
    {"name":"worker-1","pool":"default","state":"idle","task":null,"kind":null,"queue":null,"since":null},
    {"name":"worker-2","pool":"default","state":"running","task":"t","kind":"k","queue":"busy",
     "since":"2026-11-22T21:00:00Z"},
    {"name":"worker-3","pool":"default","state":"stuck","task":"u","kind":"k","queue":"busy",
     "since":"2026-11-22T20:00:00Z"}],
    "lease_workers":[{"name":"py","waiting":1,"last_asked_at":"2026-11-22T21:00:00Z","queues":["a","b"],
     "kinds":[],"leases":[{},{}]}]})");
  return data;
}

view_options some_view() {
  view_options view;
  view.url = "http://h";
  view.now = *parse_rfc3339("2026-11-22T21:00:05Z");
  return view;
}

} // namespace

TEST_CASE("top shows counts, speed and times, and what is busiest first") {
  const auto text = top_text(some_snapshot(), some_view());
  const auto body = text.substr(text.find('\n') + 1);
  CHECK(body
        == "now      queued 12  running 4  retrying 1  scheduled 3  waiting 0  failed 2  oldest"
           " 3m12s\n"
           "minute   submitted 130  started 121  succeeded 118  failed 0  retried 2\n"
           "p50/95/99  waited 12ms / 1.9s / 4.4s  ran -  commits 900µs / 4.0ms / 11ms\n"
           "workers  1 of 3 busy, 1 stuck; outside 1 with 2 tasks; 12 connections\n"
           "\n"
           "QUEUE  QUEUED  RUNNING  RETRYING  LATER  FAILED  OLDEST  DONE/MIN  LIMITS\n"
           "busy       12        4         1      0       2   3m12s       118  concurrency 4\n"
           "calm        0        0         0      2       0       -         0  paused\n"
           "\n"
           "WORKER    POOL     STATE    TASK  KIND  QUEUE    FOR\n"
           "worker-3  default  stuck    u     k     busy   1h00m\n"
           "worker-2  default  running  t     k     busy      5s\n"
           "worker-1  default  idle     -     -     -          -\n"
           "\n"
           "LEASES TO  WAITING  LEASED  ASKED  QUEUES  KINDS\n"
           "py               1       2     5s  a,b     all\n");
}

TEST_CASE("top says why it is old") {
  auto view = some_view();
  view.trouble = "no answer from http://h";
  view.has_colours = true;
  CHECK(top_text(some_snapshot(), view).find("\x1b[31mno answer from http://h\x1b[0m\n")
        != std::string::npos);
}

TEST_CASE("top fits a narrow terminal") {
  auto view = some_view();
  view.columns = 50;
  std::istringstream lines(top_text(some_snapshot(), view));
  for (std::string line; std::getline(lines, line);)
    CHECK(display_width(line) <= 50);
}

TEST_CASE("top shows what there is of an answer that lacks fields") {
  CHECK(top_text({json::object(), json(), json("x")}, some_view()).find("0 of 0 busy")
        != std::string::npos);
}

TEST_CASE("a progress line has a bar where the task tells how far it is") {
  using std::chrono::seconds;
  const auto running = json::parse(
      R"({"kind":"k","state":"running","attempt":1,"progress":{"fraction":0.255,"message":"m\u001b"}})");
  CHECK(progress_line(running, seconds(75), 60)
        == "k running  [#####               ]  25 % m?  1m15s");
  CHECK(progress_line(running, seconds(0), 24) == "k running  25 % m?  0s");
  const auto queued = json::parse(R"({"kind":"k","state":"queued","attempt":0,"progress":null})");
  CHECK(progress_line(queued, seconds(0), 60) == "k queued  0s");
  for (size_t columns = 0; columns < 60; ++columns)
    CHECK(display_width(progress_line(running, seconds(75), columns)) <= columns);
  for (const auto* odd : {R"({"progress":{"fraction":7}})", R"({"progress":{"fraction":-1}})",
                          R"({"progress":{"fraction":"x","message":1}})", "[]"})
    CHECK(display_width(progress_line(json::parse(odd), seconds(1), 60)) <= 60);
}
