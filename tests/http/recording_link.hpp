// An exchange's link to actors that are not there: it writes down what is asked.
#pragma once

#include "http/route.hpp"
#include "http/scope.hpp"

#include <string>
#include <vector>

namespace errand::test {

/// The first header of that name; empty if there is none.
inline std::string header_of(const reply& from, std::string_view name) {
  for (const auto& [key, value] : from.headers)
    if (key == name)
      return value;
  return {};
}

class recording_link : public exchange_link {
public:
  void submit(question name, task_spec_ptr spec, const continuation&) override {
    note("submit", name);
    specs.push_back(std::move(spec));
  }
  void submit(question name, task_batch_ptr batch, const continuation&) override {
    note("submit", name);
    batches.push_back(std::move(batch));
  }
  void order(question name, const task_id&, task_order what, const continuation&) override {
    note("order " + std::to_string(static_cast<int>(what)), name);
  }
  void fetch(question name, const task_id&) override { note("fetch", name); }
  void list(question name, const list_request&) override { note("list", name); }
  void search(question name, const search_request& request) override {
    note("search", name);
    searches.push_back(request);
  }
  void orders(question name, found_tasks_ptr which, task_order what) override {
    note("orders " + std::to_string(static_cast<int>(what)), name);
    ordered.push_back(std::move(which));
  }
  void place(question name, const task_id&) override { note("place", name); }
  void watch(question name, const task_id&) override { note("watch", name); }
  void unwatch(question name, const task_id&) override { note("unwatch", name); }
  void follow(question name, const task_id&) override { note("follow", name); }
  void log(question name, const log_request& request) override {
    note("log after " + std::to_string(request.after), name);
  }
  void subscribe(question name, const subscription&) override { note("subscribe", name); }
  void leave(question name, const event_filter&) override { note("leave", name); }
  void lease(question name, lease_request_ptr) override { note("lease", name); }
  void stop_leasing(question name) override { note("stop_leasing", name); }
  void keep_leases(question name, lease_signs_ptr, const continuation&) override {
    note("keep_leases", name);
  }
  void end_leases(question name, lease_ends_ptr, const continuation&) override {
    note("end_leases", name);
  }
  void leases(question name) override { note("leases", name); }
  void lease_workers(question name) override { note("lease_workers", name); }
  void release_worker(question name, const std::string& worker) override {
    note("release_worker " + worker, name);
  }
  void begin_stream(const reply&) override { asked.emplace_back("begin_stream"); }
  bool stream(std::string_view bytes) override {
    asked.push_back("stream " + std::string(bytes));
    return takes_all;
  }
  void end_stream() override { asked.emplace_back("end_stream"); }
  void put_schedule(question name, schedule_put_ptr) override { note("put_schedule", name); }
  void order_schedule(question name, const schedule_command&, const continuation&) override {
    note("order_schedule", name);
  }
  void schedule(question name, const std::string&) override { note("schedule", name); }
  void schedules(question name, const schedule_list_request&) override { note("schedules", name); }
  void configure(question name, const queue_order& what, const continuation&) override {
    queue_orders.push_back(what);
    note("configure", name);
  }
  void queue(question name, const std::string& queue) override { note("queue " + queue, name); }
  void queues(question name, const queue_list_request&) override { note("queues", name); }
  void totals(question name) override { note("totals", name); }
  void statistics(question name, std::vector<std::string> queues) override {
    note("statistics of " + std::to_string(queues.size()), name);
  }
  void announce(notice what) override { notices.push_back(std::move(what)); }
  front_view front() const override { return {2, 3, 1000, 1, 0}; }
  const http_counters& counted_requests() const override { return counted; }
  void look_at(question name, peer who) override {
    note("look_at " + std::string(to_string(who)), name);
  }
  void metrics(question name, std::vector<std::string> queues) override {
    note("metrics with " + std::to_string(queues.size()), name);
  }
  void workers(question name) override { note("workers", name); }
  void probe(question name, peer) override { note("probe", name); }
  void set_patience(std::chrono::milliseconds time) override {
    asked.push_back("patience " + std::to_string(time.count()));
  }

  /// What was asked since the last call: "fetch 0", "patience 1000", …
  std::vector<std::string> take() { return std::exchange(asked, {}); }

  bool takes_all = true; ///< Of what is streamed.
  std::vector<std::string> asked;
  std::vector<task_spec_ptr> specs;
  std::vector<search_request> searches;
  std::vector<found_tasks_ptr> ordered;
  std::vector<task_batch_ptr> batches;
  std::vector<queue_order> queue_orders;
  std::vector<notice> notices;
  http_counters counted;

private:
  void note(std::string what, question name) {
    asked.push_back(std::move(what) + ' ' + std::to_string(name));
  }
};

/// Whoever asks may use any route.
inline std::optional<reply> open_gate(scope_set) {
  return std::nullopt;
}

/// A request as the framing gives it.
inline http_request request_of(http_method method, std::string_view target) {
  http_request request;
  request.method = method;
  request.target = target;
  return request;
}

} // namespace errand::test
