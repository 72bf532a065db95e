// An exchange's link to actors that are not there: it writes down what is asked.
#pragma once

#include "http/route.hpp"

#include <string>
#include <vector>

namespace errand::test {

class recording_link : public exchange_link {
public:
  void submit(question name, task_spec_ptr spec) override {
    note("submit", name);
    specs.push_back(std::move(spec));
  }
  void submit(question name, task_batch_ptr batch) override {
    note("submit", name);
    batches.push_back(std::move(batch));
  }
  void order(question name, const task_id&, task_order what) override {
    note("order " + std::to_string(static_cast<int>(what)), name);
  }
  void fetch(question name, const task_id&) override { note("fetch", name); }
  void list(question name, const list_request&) override { note("list", name); }
  void watch(question name, const task_id&) override { note("watch", name); }
  void unwatch(question name, const task_id&) override { note("unwatch", name); }
  void workers(question name) override { note("workers", name); }
  void probe(question name, peer) override { note("probe", name); }
  void set_patience(std::chrono::milliseconds time) override {
    asked.push_back("patience " + std::to_string(time.count()));
  }

  /// What was asked since the last call: "fetch 0", "patience 1000", …
  std::vector<std::string> take() { return std::exchange(asked, {}); }

  std::vector<std::string> asked;
  std::vector<task_spec_ptr> specs;
  std::vector<task_batch_ptr> batches;

private:
  void note(std::string what, question name) {
    asked.push_back(std::move(what) + ' ' + std::to_string(name));
  }
};

/// A request as the framing gives it.
inline http_request request_of(http_method method, std::string_view target) {
  http_request request;
  request.method = method;
  request.target = target;
  return request;
}

} // namespace errand::test
