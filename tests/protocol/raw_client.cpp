#include "tests/protocol/raw_client.hpp"

#include <algorithm>
#include <cctype>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace errand::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

raw_response parse_head(std::string_view head) {
  raw_response response;
  auto line_end = head.find("\r\n");
  response.status = std::stoi(std::string{head.substr(9, 3)});
  while (line_end + 2 < head.size()) {
    const auto begin = line_end + 2;
    line_end = head.find("\r\n", begin);
    const auto line = head.substr(begin, line_end - begin);
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos)
      response.headers[lower(std::string{line.substr(0, colon)})] = line.substr(colon + 2);
  }
  return response;
}

} // namespace

raw_client::raw_client(uint16_t port, const char* address, int receive_buffer) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address, std::to_string(port).c_str(), &hints, &found) != 0)
    throw std::runtime_error("not an address");
  socket_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // parts go out as they are cut
  if (receive_buffer > 0)
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const int connected = connect(socket_, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  if (connected != 0)
    throw std::runtime_error("can't connect");
}

raw_client::~raw_client() {
  if (socket_ >= 0)
    close(socket_);
}

raw_client::raw_client(raw_client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      ended_(other.ended_),
      unread_(std::move(other.unread_)) {}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0)
      return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

size_t raw_client::send_some(std::string_view bytes) {
  const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? 0 : static_cast<size_t>(sent);
}

void raw_client::end_sending() {
  shutdown(socket_, SHUT_WR);
}

/// Waits for bytes or the end. False if neither came.
bool raw_client::fill(milliseconds wait) {
  pollfd what{socket_, POLLIN, 0};
  if (ended_ || poll(&what, 1, static_cast<int>(wait.count())) <= 0)
    return false;
  char buffer[16 * 1024];
  const auto got = recv(socket_, buffer, sizeof buffer, 0);
  if (got > 0)
    unread_.append(buffer, static_cast<size_t>(got));
  else
    ended_ = true;
  return true;
}

size_t raw_client::unread() const {
  int in_socket = 0;
  ioctl(socket_, FIONREAD, &in_socket);
  return unread_.size() + static_cast<size_t>(in_socket);
}

bool raw_client::take_some() {
  return fill(client_patience) && !ended_;
}

std::optional<raw_response> raw_client::read(bool to_head) {
  const auto deadline = steady_clock::now() + client_patience;
  const auto more = [&] {
    if (ended_)
      return false;
    if (!fill(std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now())))
      throw std::runtime_error("no whole response in time, but: " + unread_);
    return true;
  };
  size_t head_end = 0;
  while ((head_end = unread_.find("\r\n\r\n")) == std::string::npos)
    if (!more())
      return std::nullopt;
  auto response = parse_head(std::string_view{unread_}.substr(0, head_end + 2));
  unread_.erase(0, head_end + 4);
  const auto length = response.header("content-length");
  if (to_head || length.empty())
    return response;
  const auto size = static_cast<size_t>(std::stoul(length));
  while (unread_.size() < size)
    if (!more())
      return std::nullopt;
  response.body = unread_.substr(0, size);
  unread_.erase(0, size);
  return response;
}

std::string raw_client::read_until(std::string_view mark) {
  const auto deadline = steady_clock::now() + client_patience;
  size_t found = 0;
  while ((found = unread_.find(mark)) == std::string::npos && !ended_)
    if (!fill(std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now())))
      throw std::runtime_error("no mark in time, but: " + unread_);
  const auto size = found == std::string::npos ? unread_.size() : found + mark.size();
  auto text = unread_.substr(0, size);
  unread_.erase(0, size);
  return text;
}

std::optional<raw_response> raw_client::ask(std::string_view bytes) {
  return send(bytes) ? read() : std::nullopt;
}

bool raw_client::is_closed_by_server() {
  const auto deadline = steady_clock::now() + client_patience;
  while (!ended_ && steady_clock::now() < deadline)
    fill(milliseconds{100});
  return ended_ && unread_.empty();
}

bool raw_client::is_reset() {
  pollfd what{socket_, 0, 0};
  return poll(&what, 1, 0) > 0 && (what.revents & (POLLERR | POLLHUP)) != 0;
}

bool raw_client::is_silent_for(milliseconds time) {
  return !fill(time) && unread_.empty() && !ended_;
}

std::string get(std::string_view target) {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

std::string post(std::string_view target, std::string_view body) {
  return "POST " + std::string{target} + " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json"
         + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

} // namespace errand::test
