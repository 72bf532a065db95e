// An HTTP server of the tests on a port of loopback that answers exactly the bytes that a test
// gives it, whether they make sense or not, and keeps what it was asked.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace errand::test {

struct seen_request {
  std::string method;
  std::string target;
  std::string head; ///< Request line and headers, as they came.
  std::string body;
  int connection = 0; ///< Counted from 1.

  /// The value of that header, or empty.
  std::string header(std::string_view name) const;
};

class answering_server {
public:
  /// What a script does with its connection. Ends with the connection or the server.
  class connection {
  public:
    explicit connection(int fd) : fd_(fd) {}

    /// False if the other side does not take it any more.
    bool send(std::string_view bytes) const;

    /// Blocks until the other side has closed.
    void wait_for_close() const;

    /// No further request is read from it.
    void close() { open_ = false; }
    bool is_open() const { return open_; }

  private:
    int fd_;
    bool open_ = true;
  };
  using script = std::function<void(const seen_request&, connection&)>;

  explicit answering_server(script answer);
  ~answering_server();

  int port() const { return port_; }

  /// "http://127.0.0.1:PORT" and that.
  std::string url(std::string_view target = "/") const;

  /// All requests so far.
  std::vector<seen_request> seen() const;

private:
  void accept_all();
  void serve(int fd, int number);

  script answer_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_; ///< For the rest.
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::vector<seen_request> seen_;
  std::thread accepting_;
};

/// A whole answer: status line, those header lines ("X: y\r\n"), Content-Length, body.
std::string response(int status, std::string_view body = "", std::string_view headers = "");

} // namespace errand::test
