#include "actors/deferred_threads.hpp"

#include <string>
#include <system_error>
#include <utility>

namespace errand {

namespace {

void run_closures(deferred_queue& from, logger& log) {
  while (const auto job = from.next()) {
    job->run(log);
    from.ended();
  }
}

} // namespace

deferred_threads::deferred_threads(std::shared_ptr<deferred_queue> from, size_t count,
                                   logger_ptr log, starter start)
    : from_(std::move(from)), count_(count), log_(std::move(log)), start_(std::move(start)) {}

deferred_threads::~deferred_threads() {
  for (auto& each : threads_)
    each.detach();
}

bool deferred_threads::start() {
  const std::lock_guard lock{mutex_};
  threads_.reserve(count_);
  try {
    while (threads_.size() < count_)
      threads_.push_back(start_([from = from_, log = log_] { run_closures(*from, *log); }));
  } catch (const std::system_error& error) {
    if (!std::exchange(has_warned_, true))
      log_->warn("the system has not as many threads for deferred closures as configured",
                 {{"defer_workers", std::to_string(threads_.size())},
                  {"configured", std::to_string(count_)},
                  {"reason", error.what()}});
  }
  return !threads_.empty();
}

void deferred_threads::join() {
  const std::lock_guard lock{mutex_};
  for (auto& each : threads_)
    each.join();
  threads_.clear();
}

std::thread deferred_threads::start_thread(std::function<void()> work) {
  return std::thread{std::move(work)};
}

} // namespace errand
