#include "cli/client/top_view.hpp"

#include "cli/client/display_width.hpp"
#include "cli/client/queue_rows.hpp"
#include "cli/client/times.hpp"
#include "server/printable.hpp"

#include <algorithm>
#include <array>

namespace errand::client {

namespace {

std::string numbers(const json& object, const std::vector<const char*>& names) {
  std::string text;
  for (const auto* name : names)
    text += (text.empty() ? "" : "  ") + std::string(name) + ' ' + text_of(object, name);
  return text;
}

std::string spread(const json& spans, const std::string& title) {
  if (number_of(spans, "count") == 0)
    return title + " -";
  return title + ' ' + span_text(number_of(spans, "p50")) + " / "
         + span_text(number_of(spans, "p95")) + " / " + span_text(number_of(spans, "p99"));
}

std::string workers_line(const json& answer) {
  size_t total = 0, running = 0, stuck = 0, outside = 0, leased = 0;
  for (const auto& worker : value_of(answer, "workers")) {
    ++total;
    running += text_of(worker, "state") == "running";
    stuck += text_of(worker, "state") == "stuck";
  }
  for (const auto& worker : value_of(answer, "lease_workers")) {
    ++outside;
    leased += value_of(worker, "leases").size();
  }
  auto text = std::to_string(running) + " of " + std::to_string(total) + " busy";
  if (stuck > 0)
    text += ", " + std::to_string(stuck) + " stuck";
  if (outside > 0)
    text += "; outside " + std::to_string(outside) + " with " + std::to_string(leased) + " tasks";
  return text;
}

/// How much a queue or a worker has to say, so that what does not fit is what rests.
double weight_of_queue(const json& queue) {
  const auto& counts = value_of(queue, "counts");
  return number_of(counts, "running") * 1e9 + number_of(counts, "queued")
         + number_of(counts, "retrying");
}

double weight_of_worker(const json& worker) {
  const auto state = text_of(worker, "state");
  return state == "stuck" ? 2 : state == "running" ? 1 : 0;
}

json sorted(const json& array, double (*weight)(const json&)) {
  json result = array.is_array() ? array : json::array();
  std::stable_sort(result.begin(), result.end(),
                   [weight](const json& a, const json& b) { return weight(a) > weight(b); });
  return result;
}

} // namespace

std::string top_text(const snapshot& data, const view_options& view) {
  std::string text;
  const auto line = [&](const std::string& raw, ink colour = ink::plain) {
    auto safe = without_controls(raw);
    if (view.columns)
      safe = fitted(safe, *view.columns);
    text += inked(colour, safe, view.has_colours) + '\n';
  };
  const auto& stats = data.stats;
  const auto& age = value_of(stats, "oldest_queued_age_s");
  line("Errand at " + view.url + "  " + local_time(view.now), ink::bold);
  if (!view.trouble.empty())
    line(view.trouble, ink::red);
  line("now      "
       + numbers(value_of(stats, "counts"),
                 {"queued", "running", "retrying", "scheduled", "waiting", "failed"})
       + (age.is_number() ? "  oldest " + age_text(age.get<double>()) : ""));
  line("minute   "
       + numbers(value_of(stats, "last_minute"),
                 {"submitted", "started", "succeeded", "failed", "retried"}));
  line("p50/95/99  " + spread(value_of(stats, "wait_s"), "waited") + "  "
       + spread(value_of(stats, "run_s"), "ran") + "  "
       + spread(value_of(stats, "commit_s"), "commits"));
  line("workers  " + workers_line(data.workers) + "; " + text_of(stats, "connections")
       + " connections");
  text +=
      '\n' + queue_rows(sorted(data.queues, weight_of_queue)).text(view.columns, view.has_colours);
  text += '\n'
          + worker_rows(sorted(value_of(data.workers, "workers"), weight_of_worker), view.now)
                .text(view.columns, view.has_colours);
  if (const auto& outside = value_of(data.workers, "lease_workers"); !outside.empty())
    text += '\n' + lease_rows(outside, view.now).text(view.columns, view.has_colours);
  return text;
}

} // namespace errand::client
