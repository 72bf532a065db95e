// How the server itself does, as metrics.
#include "http/metric_families.hpp"

#include <map>

namespace errand {

namespace {

double seconds_of(duration time) {
  return std::chrono::duration<double>(time).count();
}

double whole(uint64_t number) {
  return static_cast<double>(number);
}

} // namespace

void add_http_metrics(exposition& to, const http_counters& counted, const front_view& front) {
  to.counter("errand_http_requests_total",
             "Requests, by how they were answered; 501 and 505 count as 4xx.");
  for (const auto& sort : counted.sorts())
    for (const auto how : all_request_ends)
      if (const auto n = sort.n[static_cast<size_t>(how)])
        to.add({{"method", sort.method}, {"route", sort.path}, {"status", to_string(how)}},
               whole(n));
  to.histogram("errand_http_request_seconds",
               "How long requests took until they were answered; streams, until they began.");
  for (const auto& sort : counted.sorts())
    if (sort.took.count() > 0)
      to.add_seconds({{"method", sort.method}, {"route", sort.path}}, sort.took);
  to.gauge("errand_http_connections", "Open connections.").add(whole(front.connections));
  to.gauge("errand_http_connections_max", "Connections at which no more are accepted.")
      .add(whole(front.connections_max));
  to.gauge("errand_http_requests_in_flight",
           "Requests that wait for an answer; this one is among them.")
      .add(whole(front.in_flight));
  to.gauge("errand_http_streams", "Responses that are sent as they come.")
      .add(whole(front.streams));
}

void add_worker_metrics(exposition& to, const std::vector<worker_view>& workers) {
  using what = worker_view::what;
  std::map<std::string, std::map<what, uint64_t>> pools;
  for (const auto& worker : workers)
    ++pools[worker.pool][worker.state];
  to.gauge("errand_workers", "Workers of this server, by pool and by what they do.");
  for (auto& [pool, states] : pools)
    for (const auto state : {what::idle, what::running, what::stuck})
      to.add({{"pool", pool}, {"state", to_string(state)}}, whole(states[state]));
}

void add_actor_metrics(exposition& to, const actor_survey& survey,
                       const std::vector<actor_survey::row>& rows) {
  to.gauge("errand_actor_up", "Whether the actor answered within 2 s.");
  for (const auto& row : rows)
    to.add({{"actor", row.name}}, row.view ? 1 : 0);
  to.gauge("errand_actor_mailbox_messages", "Messages that wait for the actor.");
  for (const auto& row : rows)
    if (row.view)
      to.add({{"actor", row.name}}, whole(row.view->mailbox));
  to.gauge("errand_actor_answer_seconds", "How long the actor took to answer, just now.");
  for (const auto& row : rows)
    if (row.view)
      to.add({{"actor", row.name}}, seconds_of(row.took));
  if (const auto lost = survey.figure(peer::dispatcher, "lost_workers"))
    to.counter("errand_workers_lost_total", "Workers that died and were replaced.")
        .add(whole(*lost));
  if (const auto waiting = survey.figure(peer::lessor, "waiting"))
    to.gauge("errand_lease_requests_waiting", "Requests of workers outside that wait for tasks.")
        .add(whole(*waiting));
  if (const auto subscribers = survey.figure(peer::events, "subscribers"))
    to.gauge("errand_event_subscribers", "Streams of events that are up to date.")
        .add(whole(*subscribers));
}

void add_process_metrics(exposition& to, const metrics_view& counted) {
  to.gauge("errand_start_time_seconds",
           "When this server began to count, in seconds since 1970-01-01 UTC.")
      .add(seconds_of(counted.since.time_since_epoch()));
  if (!counted.process)
    return;
  const auto& process = *counted.process;
  to.gauge("process_start_time_seconds",
           "When the process started, in seconds since 1970-01-01 UTC.")
      .add(seconds_of(process.started.time_since_epoch()));
  to.counter("process_cpu_seconds_total", "CPU time, in user and kernel mode.")
      .add(process.cpu_time.count());
  to.gauge("process_resident_memory_bytes", "Resident memory.").add(whole(process.resident_bytes));
  to.gauge("process_virtual_memory_bytes", "Virtual memory.").add(whole(process.virtual_bytes));
  to.gauge("process_open_fds", "Open file descriptors.").add(whole(process.open_fds));
  to.gauge("process_max_fds", "File descriptors that may be open.").add(whole(process.max_fds));
}

void add_build_metrics(exposition& to, const std::string& version) {
  to.gauge("errand_build_info", "Always 1; the labels tell what runs.")
      .add({{"version", version}}, 1);
}

} // namespace errand
