// How many tasks of the kind `http` a server runs to their end, against the least server there can
// be, which runs beside it in a process of its own. Numbers are of this machine and this disk.
//
//   http_bench FOLDER [TASKS] [WORKERS]      default: 30000 32; the folder must be empty
#include <errand/errand.hpp>

#include "store/store.hpp"

#include <httplib.h>

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <netinet/tcp.h>
#include <string>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace errand;
using namespace std::chrono_literals;

void require(bool good, const std::string& what) {
  if (good)
    return;
  std::fprintf(stderr, "http_bench: %s\n", what.c_str());
  std::exit(1);
}

/// Answers whatever comes with 200, one answer for each read: requests are small and not pipelined.
[[noreturn]] void answer_all(int listener) {
  constexpr std::string_view reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  const int loop = epoll_create1(0);
  const auto watch = [loop](int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
  };
  watch(listener);
  for (;;) {
    epoll_event events[64];
    const int n = epoll_wait(loop, events, 64, -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[i].data.fd;
      char buffer[4096];
      if (fd == listener) {
        const int client = accept(listener, nullptr, nullptr);
        const int on = 1;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(client);
      } else if (read(fd, buffer, sizeof buffer) <= 0
                 || write(fd, reply.data(), reply.size()) < 0) {
        close(fd);
      }
    }
  }
}

struct target {
  pid_t process;
  int port;
};

/// Before there are threads.
target start_target() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  require(bind(listener, generic, size) == 0 && listen(listener, 1024) == 0
              && getsockname(listener, generic, &size) == 0,
          "the target can't listen");
  const auto process = fork();
  if (process == 0)
    answer_all(listener);
  close(listener);
  return {process, ntohs(address.sin_port)};
}

void fill(const std::string& store_url, size_t n, const std::string& url) {
  auto opened = open_store({store_url});
  require(opened.ok(), opened.ok() ? "" : opened.why().message());
  auto& db = **opened;
  task_spec spec;
  spec.kind = "http";
  spec.args_json = R"({"url":")" + url + R"(","json":{"n":1}})";
  for (size_t i = 0; i < n;) {
    require(db.begin().ok(), "begin");
    for (size_t step = 0; step < 1000 && i < n; ++step, ++i)
      require(db.insert(spec, system_now()).has_value(), "insert");
    require(db.commit().ok(), "commit");
  }
}

size_t succeeded(httplib::Client& client) {
  const auto answer = client.Get("/v1/queues/default");
  require(answer && answer->status == 200, "the queue can't be read");
  return nlohmann::json::parse(answer->body)["counts"]["succeeded"].get<size_t>();
}

double cpu_s() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return double(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
         + double(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

} // namespace

int main(int argc, char** argv) {
  require(argc > 1, "usage: http_bench FOLDER [TASKS] [WORKERS]");
  const std::string store_url = "sqlite:" + std::string(argv[1]) + "/http.db";
  const size_t tasks = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 30'000;
  const size_t workers = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 32;
  const auto [process, port] = start_target();
  fill(store_url, tasks, "http://127.0.0.1:" + std::to_string(port) + "/hook");

  Options options;
  options.store = store_url;
  options.workers = workers;
  options.http.port = 0;
  options.log_level = LogLevel::warn;
  options.http_task.allow = {"127.0.0.1"};
  options.http_task.secrets = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
  TaskServer server{options};
  const auto start = std::chrono::steady_clock::now();
  const auto cpu_before = cpu_s();
  server.start();
  httplib::Client client{"127.0.0.1", server.port()};
  client.set_keep_alive(true);
  while (succeeded(client) < tasks)
    std::this_thread::sleep_for(5ms);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%zu http tasks with %zu workers: %.0f/s, %.0f us of CPU each\n", tasks, workers,
              double(tasks) / took.count(), (cpu_s() - cpu_before) * 1e6 / double(tasks));
  server.stop();
  kill(process, SIGTERM);
  waitpid(process, nullptr, 0);
}
