// What groups and limits cost: the same tasks inserted, claimed and finished without them, in
// groups, and in queues with limits that are never reached. In turn, so that what the machine does
// at the time befalls all of them.
//     turns_bench [STORE] [TASKS]
#include "store/store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <vector>

using namespace errand;

namespace {

constexpr size_t batch = 256;
constexpr int rounds = 3;

template <class T>
T require(status_or<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s\n", value.why().message().c_str());
    std::exit(1);
  }
  return std::move(*value);
}

void require(const status& result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.message().c_str());
    std::exit(1);
  }
}

struct meter {
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  clock_t cpu = std::clock();

  /// Microseconds of CPU each.
  double per(size_t n) const {
    return double(std::clock() - cpu) * 1e6 / CLOCKS_PER_SEC / double(n);
  }
};

struct situation {
  const char* name;
  std::string queue;
  size_t groups = 0;
  size_t kinds = 1;
  queue_settings settings = {};
};

struct costs {
  std::vector<double> insert, run;
};

void run(store& db, const situation& what, size_t tasks, costs& told) {
  const meter inserting;
  for (size_t done = 0; done < tasks; done += batch) {
    require(db.begin());
    for (size_t i = done; i < done + batch; ++i) {
      task_spec spec;
      spec.kind = "kind-" + std::to_string(i % what.kinds);
      spec.queue = what.queue;
      if (what.groups > 0)
        spec.group = "tenant-" + std::to_string(i % what.groups);
      db.insert(spec, system_now());
    }
    require(db.commit());
  }
  told.insert.push_back(inserting.per(tasks));

  claim_request request;
  request.idle_workers = {"worker-1", "worker-2"};
  request.ahead = batch - request.idle_workers.size();
  std::vector<attempt_spec> claimed;
  const meter running;
  for (size_t finished = 0; finished < tasks;) {
    require(db.begin());
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
    require(db.commit());
  }
  told.run.push_back(running.per(tasks));
}

double median(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
  const auto db =
      require(open_store({argc > 1 ? argv[1] : "sqlite:turns_bench.db", durability::relaxed}));
  const auto tasks = argc > 2 ? size_t(std::strtoull(argv[2], nullptr, 10)) : size_t{102'400};

  queue_settings limited;
  limited.concurrency = 1'000'000;
  limited.group_concurrency = 1'000'000;
  limited.rate = rate_limit{1'000'000, std::chrono::seconds(1)};
  std::vector<situation> all{
      {"one kind, no groups", "plain"},
      {"ten kinds, no groups", "kinds", 0, 10},
      {"two groups", "two", 2},
      {"10,000 groups", "many", 10'000},
      {"100,000 groups", "most", 100'000},
      {"no groups, all limits set", "limited", 0, 1, limited},
      {"10,000 groups, all limits set", "both", 10'000, 1, limited},
  };
  for (const auto& each : all) {
    require(db->begin());
    db->configure_queue({each.queue, queue_order::what::put, each.settings}, system_now());
    require(db->commit());
  }
  std::map<const char*, costs> told;
  for (int round = 0; round < rounds; ++round)
    for (const auto& each : all)
      run(*db, each, tasks, told[each.name]);
  std::printf("us of CPU for each task, median of %d rounds of %zu\n\n", rounds, tasks);
  std::printf("| tasks | insert | claim and finish |\n|---|---:|---:|\n");
  for (const auto& each : all)
    std::printf("| %s | %.1f | %.1f |\n", each.name, median(told[each.name].insert),
                median(told[each.name].run));
}
