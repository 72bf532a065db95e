// How long an idle server takes from a client's submit call to the start of the task's handler:
// server and client in one process, so that one steady clock sees both; they talk over loopback.
// Usage: pickup PATH-OF-A-NEW-STORE. Prints the 50th and the 99th percentile in milliseconds.
#include <errand/errand.hpp>

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using steady = std::chrono::steady_clock;

constexpr size_t samples = 1000;
constexpr auto rest = std::chrono::milliseconds(5); ///< Between tasks, so that all fall idle.

/// Where the handler leaves the time at which it began.
class start_time {
public:
  void set() {
    std::lock_guard guard{mutex_};
    time_ = steady::now();
    is_set_ = true;
    changed_.notify_one();
  }

  steady::time_point take() {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [this] { return is_set_; });
    is_set_ = false;
    return time_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_set_ = false;
  steady::time_point time_;
};

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "Usage: pickup PATH-OF-A-NEW-STORE\n";
    return 2;
  }
  errand::Options options;
  options.store = std::string{"sqlite:"} + argv[1];
  options.http.port = 0;
  options.log_level = errand::LogLevel::warn;

  start_time began;
  errand::TaskServer server{options};
  server.handle("pickup", [&began](errand::TaskContext&) -> nlohmann::json {
    began.set();
    return nullptr;
  });
  server.start();

  httplib::Client client{"127.0.0.1", server.port()};
  client.set_keep_alive(true);
  client.set_tcp_nodelay(true);
  std::vector<double> milliseconds;
  for (size_t i = 0; i < samples; ++i) {
    std::this_thread::sleep_for(rest);
    const auto submitted = steady::now();
    const auto answer = client.Post("/v1/tasks", R"({"kind": "pickup"})", "application/json");
    if (!answer || answer->status != 202) {
      std::cerr << "pickup: a submit was not accepted\n";
      return 1;
    }
    milliseconds.push_back(
        std::chrono::duration<double, std::milli>(began.take() - submitted).count());
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  std::cout << milliseconds[samples / 2] << ' ' << milliseconds[samples * 99 / 100] << '\n';
}
