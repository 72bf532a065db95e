// How fast the store is on its own, without actors and HTTP: one writer, batches as its actor makes
// them, then lists and a drain at the full backlog. Numbers are of this machine and this disk.
//
//   store_bench [URL] [TASKS]      default: sqlite:store_bench.db 1000000; the file must not exist
#include "store/store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <time.h>

namespace {

using namespace errand;
using clock_type = std::chrono::steady_clock;

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

void require(const status& result, const char* what) {
  if (result.ok())
    return;
  std::fprintf(stderr, "%s: %s\n", what, result.message().c_str());
  std::exit(1);
}

template <class T>
T require(status_or<T> result, const char* what) {
  if (!result.ok())
    require(result.why(), what);
  return std::move(*result);
}

/// CPU time of this thread: what a busy machine and a slow disk do not change.
double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) + double(t.tv_nsec) / 1e9;
}

long resident_mb() {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;)
    if (word == "VmRSS:") {
      long kb = 0;
      in >> kb;
      return kb / 1024;
    }
  return 0;
}

/// Wall times of single calls, in ms.
class latencies {
public:
  template <class F>
  auto time(F f) {
    const auto start = clock_type::now();
    auto result = f();
    ms_.push_back(seconds_since(start) * 1000);
    return result;
  }

  std::string text() {
    std::sort(ms_.begin(), ms_.end());
    const auto at = [&](double q) { return ms_[static_cast<size_t>(q * double(ms_.size() - 1))]; };
    char line[100];
    std::snprintf(line, sizeof line, "p50 %.2f  p99 %.2f  max %.2f ms", at(0.5), at(0.99), at(1));
    return line;
  }

private:
  std::vector<double> ms_;
};

task_spec spec_number(size_t i) {
  task_spec spec;
  spec.kind = "noop";
  spec.args_json = R"({"n": 12345})";
  if (i % 1000 == 7)
    spec.tags = {{"order", std::to_string(i)}};
  if (i % 10 == 3)
    spec.kind = "echo";
  return spec;
}

size_t inserted = 0;

void insert(store& db, size_t n, size_t batch) {
  latencies commits;
  const auto start = clock_type::now();
  const auto cpu = cpu_seconds();
  for (size_t done = 0; done < n; done += batch) {
    require(db.begin(), "begin");
    const auto now = system_now();
    for (size_t i = 0; i < batch; ++i)
      db.insert(spec_number(inserted++), now);
    require(commits.time([&] { return db.commit(); }), "commit");
  }
  const auto s = seconds_since(start);
  std::printf("insert, %4zu per commit: %7.0f/s  %6.1f us (cpu %5.1f) each   commit %s\n", batch,
              double(n) / s, s * 1e6 / double(n), (cpu_seconds() - cpu) * 1e6 / double(n),
              commits.text().c_str());
}

std::vector<batch_entry> entries(size_t n) {
  std::vector<batch_entry> all(n);
  for (auto& entry : all)
    entry.spec = spec_number(inserted++);
  return all;
}

/// From what a client wrote to durable rows.
void insert_batch(store& db, std::vector<batch_entry> tasks, std::optional<batch_entry> then,
                  const char* what) {
  const auto start = clock_type::now();
  const auto cpu = cpu_seconds();
  const auto n = tasks.size() + (then ? 1 : 0);
  const auto batch = require(arrange(std::move(tasks), std::move(then)), "arrange");
  require(db.begin(), "begin");
  db.insert_batch(batch, system_now());
  require(db.commit(), "commit");
  const auto s = seconds_since(start);
  std::printf("%s: %7.0f/s  %6.1f us (cpu %5.1f) each\n", what, double(n) / s, s * 1e6 / double(n),
              (cpu_seconds() - cpu) * 1e6 / double(n));
}

/// As the store's actor does it: one transaction finishes what the last one claimed, and claims.
void drain(store& db, size_t n, size_t batch, const char* what) {
  claim_request request;
  request.idle_workers = {"worker-1", "worker-2", "worker-3", "worker-4"};
  request.idle_workers.resize(std::min(batch, request.idle_workers.size()));
  request.ahead = batch - request.idle_workers.size();
  latencies commits;
  std::vector<attempt_spec> claimed;
  size_t finished = 0;
  const auto start = clock_type::now();
  const auto cpu = cpu_seconds();
  while (finished < n) {
    require(db.begin(), "begin");
    const auto now = system_now();
    for (const auto& attempt : claimed) {
      attempt_report report;
      report.ref = attempt.ref;
      report.outcome = attempt_outcome::succeeded;
      report.worker = "worker-1";
      report.started_at = report.finished_at = now;
      db.finish(report);
    }
    finished += claimed.size();
    claimed = db.claim(request, now).attempts;
    require(commits.time([&] { return db.commit(); }), "commit");
    if (claimed.empty())
      break;
  }
  const auto s = seconds_since(start);
  std::printf("%s, %4zu per commit: %7.0f/s  %6.1f us (cpu %5.1f) each   commit %s\n", what, batch,
              double(finished) / s, s * 1e6 / double(finished),
              (cpu_seconds() - cpu) * 1e6 / double(finished), commits.text().c_str());
}

/// Deletes all that succeeded, and gives the space back, in steps as the store's actor makes them.
void prune(store& db) {
  latencies steps;
  size_t pruned = 0;
  prune_request request;
  request.ended_before = system_now();
  const auto start = clock_type::now();
  const auto cpu = cpu_seconds();
  for (bool more = true; more;) {
    require(db.begin(), "begin");
    const auto [n, next] = steps.time([&] {
      auto result = db.prune(request);
      require(db.commit(), "commit");
      return result;
    });
    pruned += n;
    more = next.has_value();
    request.after = next.value_or(0);
  }
  std::printf("prune, %zu per commit: %7.0f/s  (cpu %5.1f us) each   step %s\n", request.max,
              double(pruned) / seconds_since(start), (cpu_seconds() - cpu) * 1e6 / double(pruned),
              steps.text().c_str());

  latencies shrinks;
  const auto shrinking = clock_type::now();
  size_t n = 0;
  for (bool more = true; more; ++n) {
    require(db.begin(), "begin");
    more = shrinks.time([&] {
      const bool goes_on = db.shrink();
      require(db.commit(), "commit");
      return goes_on;
    });
  }
  std::printf("shrink: %zu steps in %.1f s   step %s\n", n, seconds_since(shrinking),
              shrinks.text().c_str());
}

/// Batches of 10,000: on their own, fanning in to one task, and as chains.
void batches(store& db) {
  constexpr size_t n = 10'000;
  for (int i = 0; i < 3; ++i)
    insert_batch(db, entries(n), std::nullopt, "batch of 10000");
  drain(db, 3 * n, 256, "claim+finish");
  insert_batch(db, entries(n), entries(1).front(), "batch of 10000 and then");
  drain(db, n + 1, 256, "claim+finish, fan-in");
  auto chain = entries(1000);
  for (size_t i = 0; i < chain.size(); ++i) {
    chain[i].ref = std::to_string(i);
    if (i > 0)
      chain[i].siblings = {{0, std::to_string(i - 1)}};
  }
  insert_batch(db, std::move(chain), std::nullopt, "chain of 1000");
  drain(db, 1000, 256, "claim+finish, chain");
}

void list(store_reader& reader, const char* what, const list_request& request) {
  latencies pages;
  size_t rows = 0;
  for (int i = 0; i < 20; ++i)
    rows = require(pages.time([&] { return reader.list(request); }), "list").tasks.size();
  std::printf("list %-28s %4zu rows   %s\n", what, rows, pages.text().c_str());
}

void list_all(store_reader& reader) {
  list_request plain;
  list(reader, "newest", plain);
  auto asked = plain;
  asked.ascending = true;
  list(reader, "oldest", asked);
  asked = plain;
  asked.limit = 1000;
  list(reader, "newest 1000", asked);
  asked = plain;
  asked.filter.states = {task_state::succeeded};
  list(reader, "succeeded", asked);
  asked.filter.states = {task_state::succeeded, task_state::failed, task_state::running};
  list(reader, "3 states", asked);
  asked = plain;
  asked.filter.kind = "echo";
  list(reader, "kind echo", asked);
  asked.filter.states = {task_state::succeeded};
  list(reader, "kind echo, succeeded", asked);
  asked = plain;
  asked.filter.queue = "none";
  list(reader, "queue without tasks", asked);
  asked = plain;
  asked.filter.tags = {{"order", "5007"}};
  list(reader, "tag", asked);
  asked = plain;
  const auto oldest = [&] {
    list_request first;
    first.ascending = true;
    first.limit = 1;
    return require(reader.list(first), "list").tasks.at(0).created_at;
  }();
  asked.filter.created_before = oldest + std::chrono::seconds(1);
  list(reader, "created_before, at the end", asked);
}

} // namespace

int main(int argc, char** argv) {
  const store_options options{argc > 1 ? argv[1] : "sqlite:store_bench.db", durability::commit};
  const auto tasks = argc > 2 ? size_t(std::strtoull(argv[2], nullptr, 10)) : size_t{1'000'000};
  auto db = require(open_store(options), "open");

  for (const size_t batch : {1, 16, 64, 256, 512}) {
    const auto n = std::min<size_t>(batch * 1000, 50'000);
    insert(*db, n, batch);
    drain(*db, n, batch, "claim+finish");
  }
  batches(*db);
  std::printf("\n%zu tasks\n", tasks);
  insert(*db, tasks, 256);
  drain(*db, std::min<size_t>(tasks, 100'000), 256, "claim+finish of the backlog");
  insert(*db, 5000, 1);
  std::printf("resident: %ld MB\n\n", resident_mb());

  auto reader = require(db->open_reader(), "open_reader");
  list_all(*reader);
  std::printf("resident: %ld MB\n", resident_mb());
  prune(*db);
  const auto start = clock_type::now();
  reader.reset();
  db.reset();
  std::printf("close: %.0f ms\n", seconds_since(start) * 1000);
  const auto again = clock_type::now();
  db = require(open_store(options), "open");
  std::printf("open: %.0f ms\n", seconds_since(again) * 1000);
}
