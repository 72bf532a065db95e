// Closures that need no durability: TaskServer::defer() beside a plain pool of threads; and durable
// submits of a program, without HTTP. Prints a line of JSON for each.
// Usage: defer_bench PATH-OF-A-NEW-STORE
#include <errand/errand.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <iostream>
#include <latch>
#include <mutex>
#include <semaphore>
#include <thread>
#include <vector>

namespace {

using steady = std::chrono::steady_clock;
using nlohmann::json;

constexpr int threads = 4; // as tornado_executor.py has
constexpr int closures = 300'000;
constexpr int starts = 3'000;
constexpr int submitters = 8;
constexpr std::chrono::seconds submit_time{5};

double seconds_since(steady::time_point begun) {
  return std::chrono::duration<double>(steady::now() - begun).count();
}

/// What most programs have in place of a task server.
class thread_pool {
public:
  explicit thread_pool(int size) {
    for (int i = 0; i < size; ++i)
      threads_.emplace_back([this] { run(); });
  }

  ~thread_pool() {
    {
      const std::lock_guard lock{mutex_};
      is_over_ = true;
    }
    added_.notify_all();
    for (auto& each : threads_)
      each.join();
  }

  void add(std::function<void()> closure) {
    {
      const std::lock_guard lock{mutex_};
      waiting_.push_back(std::move(closure));
    }
    added_.notify_one();
  }

private:
  void run() {
    for (;;) {
      std::unique_lock lock{mutex_};
      added_.wait(lock, [this] { return is_over_ || !waiting_.empty(); });
      if (waiting_.empty())
        return;
      const auto closure = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      closure();
    }
  }

  std::mutex mutex_;
  std::condition_variable added_;
  std::deque<std::function<void()>> waiting_;
  bool is_over_ = false;
  std::vector<std::thread> threads_;
};

template <class Defer>
void measure(const char* name, Defer defer) {
  std::latch all{closures};
  const auto begun = steady::now();
  for (int i = 0; i < closures; ++i)
    defer([&] { all.count_down(); });
  all.wait();
  const auto rate = closures / seconds_since(begun);

  std::vector<double> waits_ms;
  for (int i = 0; i < starts; ++i) {
    std::binary_semaphore ended{0};
    double wait_s = 0;
    const auto called = steady::now();
    defer([&] {
      wait_s = seconds_since(called);
      ended.release();
    });
    ended.acquire();
    waits_ms.push_back(wait_s * 1000);
  }
  std::sort(waits_ms.begin(), waits_ms.end());
  std::cout << json{{"name", name},
                    {"rate", rate},
                    {"p50_ms", waits_ms[starts / 2]},
                    {"p99_ms", waits_ms[starts * 99 / 100]}}
            << std::endl;
}

double durable_submits(errand::TaskServer& server) {
  std::atomic<int> done = 0;
  std::vector<std::jthread> all;
  const auto begun = steady::now();
  for (int i = 0; i < submitters; ++i)
    all.emplace_back([&] {
      while (steady::now() - begun < submit_time) {
        server.submit({.kind = "noop"});
        ++done;
      }
    });
  all.clear();
  return done / seconds_since(begun);
}

void run(const char* path) {
  errand::Options options;
  options.store = std::string("sqlite:") + path;
  options.http.port = 0;
  options.log_level = errand::LogLevel::warn;
  options.defer_workers = threads;
  options.max_deferred = closures;
  errand::TaskServer server{options};
  server.start();
  measure("Errand, defer", [&](auto closure) { server.defer(closure); });
  {
    thread_pool pool{threads};
    measure("std::thread pool", [&](auto closure) { pool.add(closure); });
  }
  std::cout << json{{"name", "durable submits"}, {"rate", durable_submits(server)}} << std::endl;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "Usage: defer_bench PATH-OF-A-NEW-STORE\n";
    return 2;
  }
  try {
    run(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "defer_bench: " << error.what() << '\n';
    return 1;
  }
}
