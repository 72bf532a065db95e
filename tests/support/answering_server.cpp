#include "tests/support/answering_server.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdlib>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace errand::test {

namespace {

/// Reads into `input` until it holds so many bytes; false if the other side closed before.
bool read_until(int fd, std::string& input, const std::function<bool(const std::string&)>& enough) {
  char buffer[16384];
  while (!enough(input)) {
    const auto n = recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0)
      return false;
    input.append(buffer, static_cast<size_t>(n));
  }
  return true;
}

} // namespace

std::string seen_request::header(std::string_view name) const {
  for (size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
    const auto line = std::string_view(head).substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const auto colon = line.find(':');
    if (colon == name.size() && strncasecmp(line.data(), name.data(), colon) == 0)
      return std::string(line.substr(line.find_first_not_of(' ', colon + 1)));
  }
  return {};
}

bool answering_server::connection::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0)
      return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

void answering_server::connection::wait_for_close() const {
  char byte = 0;
  while (recv(fd_, &byte, 1, 0) > 0) {
  }
}

answering_server::answering_server(script answer) : answer_(std::move(answer)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 64) != 0
      || getsockname(listener_, generic, &size) != 0)
    throw std::runtime_error("answering_server can't listen");
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { accept_all(); });
}

answering_server::~answering_server() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  close(listener_);
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock{mutex_};
    for (const int fd : open_)
      shutdown(fd, SHUT_RDWR);
    threads.swap(threads_);
  }
  for (auto& thread : threads)
    thread.join();
}

std::string answering_server::url(std::string_view target) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(target);
}

std::vector<seen_request> answering_server::seen() const {
  const std::lock_guard lock{mutex_};
  return seen_;
}

void answering_server::accept_all() {
  for (int number = 1; !stopping_; ++number) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0)
      return;
    const std::lock_guard lock{mutex_};
    open_.push_back(fd);
    threads_.emplace_back([this, fd, number] { serve(fd, number); });
  }
}

void answering_server::serve(int fd, int number) {
  connection out{fd};
  for (std::string input; out.is_open();) {
    seen_request request;
    if (!read_until(fd, input, [](const auto& text) { return text.find("\r\n\r\n") != text.npos; }))
      break;
    const auto end = input.find("\r\n\r\n") + 4;
    request.head = input.substr(0, end);
    const auto first = request.head.find(' '), second = request.head.find(' ', first + 1);
    request.method = request.head.substr(0, first);
    request.target = request.head.substr(first + 1, second - first - 1);
    request.connection = number;
    const auto length = std::strtoul(request.header("content-length").c_str(), nullptr, 10);
    if (!read_until(fd, input, [&](const auto& text) { return text.size() >= end + length; }))
      break;
    request.body = input.substr(end, length);
    input.erase(0, end + length);
    {
      const std::lock_guard lock{mutex_};
      seen_.push_back(request);
    }
    answer_(request, out);
  }
  const std::lock_guard lock{mutex_};
  open_.erase(std::find(open_.begin(), open_.end(), fd));
  close(fd);
}

std::string response(int status, std::string_view body, std::string_view headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Some Reason\r\n" + std::string(headers)
         + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

} // namespace errand::test
