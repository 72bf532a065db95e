// A real server program as a child process, with what a test needs to talk to it and to kill it.
#pragma once

#include <httplib.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace errand::test {

class server_process {
public:
  /// Starts `program` with `arguments` and port 0; its log goes to `log_file` as JSON lines. Waits
  /// until the log names the address. Throws std::runtime_error with the log if that does not come.
  server_process(const std::string& program, std::vector<std::string> arguments,
                 const std::string& log_file);

  /// SIGKILL, if it still runs.
  ~server_process();

  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  void signal(int number);

  /// The wait status once it has ended; nothing if it has not within `patience`.
  std::optional<int> wait_for_end(std::chrono::milliseconds patience = std::chrono::seconds{30});

  /// SIGKILL and its end.
  void kill();

  pid_t pid() const { return pid_; }
  int port() const { return port_; }
  std::string log() const;

  /// A connection of one's own, with timeouts.
  httplib::Client client() const;

private:
  std::string log_file_;
  pid_t pid_ = -1;
  int port_ = 0;
  std::optional<int> ended_;
};

/// Submits over `client`; the task, or nothing unless the answer was 202.
std::optional<nlohmann::json> submit(httplib::Client& client, const nlohmann::json& spec);

/// The task with that id; null if there is none or no answer.
nlohmann::json get_task(httplib::Client& client, const std::string& id);

/// Every task that matches `query` ("state=queued&kind=noop" or empty), page by page. Throws
/// std::runtime_error if a page is not answered with 200.
std::vector<nlohmann::json> list_all(httplib::Client& client, const std::string& query);

} // namespace errand::test
