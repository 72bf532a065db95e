// How long lists take on a large store: the first page and one from the middle, for each filter
// that a dashboard would use. Numbers are of this machine; the file should fit into memory.
//
//   list_bench [URL] [TASKS]      default: sqlite:list_bench.db 1000000; a file with tasks is used
//   as
//                                 it is
#include "store/store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace errand;
using clock_type = std::chrono::steady_clock;

constexpr size_t pages_timed = 200;
constexpr std::chrono::seconds patience{1}; ///< So long at most, for all of them.
constexpr size_t per_commit = 500;

void require(const status& result) {
  if (result.ok())
    return;
  std::fprintf(stderr, "%s\n", result.message().c_str());
  std::exit(1);
}

template <class T>
T require(status_or<T> result) {
  if (!result.ok())
    require(result.why());
  return std::move(*result);
}

/// As a busy installation has them: few queues, more kinds, a tag with many values and one with
/// few; most tasks succeeded, one in a hundred failed (half of them of one kind), some wait.
void fill(store& db, size_t tasks) {
  std::mt19937 random(1);
  const auto below = [&](size_t end) { return random() % end; };
  auto now = system_now() - std::chrono::hours(24);
  for (size_t done = 0; done < tasks; done += per_commit) {
    require(db.begin());
    now += std::chrono::milliseconds(40);
    for (size_t i = 0; i < per_commit; ++i) {
      task_spec spec;
      const auto dice = below(100);
      spec.queue = dice < 70 ? "default" : dice < 90 ? "mail" : dice < 99 ? "reports" : "rare";
      spec.kind = "kind-" + std::to_string(std::min(below(20), below(20)));
      spec.tags["tenant"] = "tenant-" + std::to_string(below(2000));
      if (below(10) == 0)
        spec.tags["plan"] = below(2) == 0 ? "free" : "paid";
      db.insert(spec, now);
    }
    const bool last = done + 2 * per_commit > tasks;
    for (const auto& attempt :
         db.claim({std::vector<std::string>(last ? 0 : per_commit, "w"), 0, {}}, now).attempts) {
      attempt_report report;
      report.ref = attempt.ref;
      const bool fails = below(200) == 0 || (attempt.kind == "kind-7" && below(8) == 0);
      report.outcome = fails ? attempt_outcome::failed_for_good : attempt_outcome::succeeded;
      report.error_type = fails ? "exception" : "";
      report.started_at = report.finished_at = now;
      db.finish(report);
    }
    require(db.commit());
  }
}

struct timed {
  double p50, p99;
  size_t rows;
};

timed measure(store_reader& reader, const list_request& request) {
  std::vector<double> ms;
  size_t rows = 0;
  const auto end = clock_type::now() + patience;
  while (ms.size() < pages_timed && (ms.size() < 5 || clock_type::now() < end)) {
    const auto start = clock_type::now();
    rows = require(reader.list(request)).tasks.size();
    ms.push_back(std::chrono::duration<double, std::milli>(clock_type::now() - start).count());
  }
  std::sort(ms.begin(), ms.end());
  return {ms[ms.size() / 2], ms[ms.size() * 99 / 100], rows};
}

void show(store_reader& reader, int64_t middle, const char* what, const list_filter& filter) {
  list_request request;
  request.filter = filter;
  const auto first = measure(reader, request);
  request.after = middle;
  const auto deep = measure(reader, request);
  request.ascending = true;
  const auto up = measure(reader, request);
  std::printf("%-42s first %4zu rows p50 %7.2f p99 %7.2f   deep %4zu rows p50 %7.2f p99 %7.2f   "
              "ascending p50 %7.2f p99 %7.2f ms\n",
              what, first.rows, first.p50, first.p99, deep.rows, deep.p50, deep.p99, up.p50,
              up.p99);
}

list_filter filter_of(std::vector<task_state> states, std::optional<std::string> queue,
                      std::optional<std::string> kind, tag_map tags, std::optional<timestamp> after,
                      std::optional<timestamp> before) {
  list_filter filter;
  filter.states = std::move(states);
  filter.queue = std::move(queue);
  filter.kind = std::move(kind);
  filter.tags = std::move(tags);
  filter.created_after = after;
  filter.created_before = before;
  return filter;
}

void show_all(store_reader& reader) {
  list_request ends;
  ends.limit = 1;
  const auto newest = require(reader.list(ends)).tasks.at(0);
  ends.ascending = true;
  const auto oldest = require(reader.list(ends)).tasks.at(0);
  const auto middle = oldest.id.sequence() + (newest.id.sequence() - oldest.id.sequence()) / 2;
  const auto show_one = [&](const char* what, const list_filter& filter) {
    show(reader, middle, what, filter);
  };
  using states = std::vector<task_state>;
  using enum task_state;
  const tag_map tenant{{"tenant", "tenant-7"}}, paid{{"plan", "paid"}};
  const std::optional<std::string> any, plain{"default"}, rare{"rare"}, seven{"kind-7"},
      common{"kind-0"}, nothing{"kind-99"};
  const std::optional<timestamp> always;
  show_one("everything", {});
  show_one("succeeded", filter_of(states{succeeded}, any, any, {}, always, always));
  show_one("failed", filter_of(states{failed}, any, any, {}, always, always));
  show_one("queued", filter_of(states{queued}, any, any, {}, always, always));
  show_one("not ended",
           filter_of(states{scheduled, queued, running, retrying}, any, any, {}, always, always));
  show_one("running (none)", filter_of(states{running}, any, any, {}, always, always));
  show_one("queue default", filter_of({}, plain, any, {}, always, always));
  show_one("queue rare", filter_of({}, rare, any, {}, always, always));
  show_one("kind-7", filter_of({}, any, seven, {}, always, always));
  show_one("kind-99 (none)", filter_of({}, any, nothing, {}, always, always));
  show_one("tenant", filter_of({}, any, any, tenant, always, always));
  show_one("plan paid", filter_of({}, any, any, paid, always, always));
  show_one("failed, queue default", filter_of(states{failed}, plain, any, {}, always, always));
  show_one("failed, queue rare", filter_of(states{failed}, rare, any, {}, always, always));
  show_one("failed, kind-7", filter_of(states{failed}, any, seven, {}, always, always));
  show_one("failed, kind-0", filter_of(states{failed}, any, common, {}, always, always));
  show_one("failed, tenant", filter_of(states{failed}, any, any, tenant, always, always));
  show_one("failed, plan paid", filter_of(states{failed}, any, any, paid, always, always));
  show_one("succeeded, queue default",
           filter_of(states{succeeded}, plain, any, {}, always, always));
  show_one("succeeded, queue rare", filter_of(states{succeeded}, rare, any, {}, always, always));
  show_one("succeeded, kind-7", filter_of(states{succeeded}, any, seven, {}, always, always));
  show_one("succeeded, plan paid", filter_of(states{succeeded}, any, any, paid, always, always));
  show_one("queued, queue rare", filter_of(states{queued}, rare, any, {}, always, always));
  show_one("queued, kind-7", filter_of(states{queued}, any, seven, {}, always, always));
  show_one("cancelled (none), queue default",
           filter_of(states{cancelled}, plain, any, {}, always, always));
  show_one("cancelled (none), kind-0",
           filter_of(states{cancelled}, any, common, {}, always, always));
  show_one("queue rare, kind-7", filter_of({}, rare, seven, {}, always, always));
  show_one("queue default, kind-7", filter_of({}, plain, seven, {}, always, always));
  show_one("queue default, plan paid", filter_of({}, plain, any, paid, always, always));
  show_one("queue rare, plan paid", filter_of({}, rare, any, paid, always, always));
  show_one("failed, rare, kind-7", filter_of(states{failed}, rare, seven, {}, always, always));
  show_one("failed, rare, kind-7, paid",
           filter_of(states{failed}, rare, seven, paid, always, always));
  const auto hour = std::optional(oldest.created_at + (newest.created_at - oldest.created_at) / 3);
  show_one("created_before a third", filter_of({}, any, any, {}, always, hour));
  show_one("failed, created_before a third", filter_of(states{failed}, any, any, {}, always, hour));
  show_one("failed, default, created_after a third",
           filter_of(states{failed}, plain, any, {}, hour, always));
}

} // namespace

int main(int argc, char** argv) {
  const auto tasks = argc > 2 ? size_t(std::strtoull(argv[2], nullptr, 10)) : size_t{1'000'000};
  const auto db =
      require(open_store({argc > 1 ? argv[1] : "sqlite:list_bench.db", durability::relaxed}));
  const auto reader = require(db->open_reader());
  if (require(reader->list({})).tasks.empty())
    fill(*db, tasks);
  show_all(*reader);
}
