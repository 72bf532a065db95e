// A socket that sends exactly the bytes it is told to, and reads responses as they come.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace errand::test {

struct raw_response {
  int status = 0;
  std::map<std::string, std::string> headers; ///< Names in lower case.
  std::string body;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
  }
};

/// How long a test waits for what must come.
inline constexpr std::chrono::seconds client_patience{20};

class raw_client {
public:
  /// Connects; fails the test if it can't. `receive_buffer` in bytes, 0 for the system's choice.
  explicit raw_client(uint16_t port, const char* address = "127.0.0.1", int receive_buffer = 0);
  ~raw_client();
  raw_client(raw_client&& other) noexcept;
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;
  raw_client& operator=(raw_client&&) = delete;

  /// Sends all. False if the server has closed the connection.
  bool send(std::string_view bytes);

  /// Sends what the socket takes at once and returns how much that was.
  size_t send_some(std::string_view bytes);

  /// Tells the server that nothing more comes.
  void end_sending();

  /// The next response, or nothing if the connection ended before it was whole. `to_head` for the
  /// response to a HEAD, which has no body. Fails the test after `client_patience`.
  std::optional<raw_response> read(bool to_head = false);

  /// What came behind the last response's head, up to and with `mark`; all of it if the connection
  /// ends before. Fails the test after `client_patience`.
  std::string read_until(std::string_view mark);

  /// send() and read().
  std::optional<raw_response> ask(std::string_view bytes);

  /// Bytes that have come and were not read yet.
  size_t unread() const;

  /// Takes some of the next response, a few KB, for read(). False if nothing comes within
  /// `client_patience`, or the connection has ended.
  bool take_some();

  /// The server has ended its side and everything before that was read.
  bool is_closed_by_server();

  /// The server has reset the connection.
  bool is_reset();

  /// Nothing comes within that time, and the connection stays open.
  bool is_silent_for(std::chrono::milliseconds time);

private:
  bool fill(std::chrono::milliseconds wait);

  int socket_ = -1;
  bool ended_ = false;
  std::string unread_;
};

/// A GET with nothing but what HTTP demands.
std::string get(std::string_view target);

/// A POST of JSON with its length.
std::string post(std::string_view target, std::string_view body);

} // namespace errand::test
