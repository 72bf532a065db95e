#include "http/listener.hpp"

#include "task/utf8.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace errand {

namespace {

/// How many connections may wait to be accepted; the system's own limit (net.core.somaxconn) is
/// lower or equal.
constexpr int backlog = 4096;

/// With port 0 the port that one address got may be taken on another.
constexpr int port_attempts = 16;

struct addrinfo_deleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using address_list = std::unique_ptr<addrinfo, addrinfo_deleter>;

/// Sockets that are closed again unless all could be had.
struct open_sockets {
  std::vector<int> sockets;

  open_sockets() = default;
  open_sockets(open_sockets&& other) noexcept { sockets.swap(other.sockets); }
  open_sockets& operator=(open_sockets&& other) noexcept {
    sockets.swap(other.sockets);
    return *this;
  }
  ~open_sockets() {
    for (const int socket : sockets)
      close(socket);
  }
};

void set_port(sockaddr_storage& address, uint16_t port) {
  // Both families keep it at the same place, but the standard does not say so.
  if (address.ss_family == AF_INET6)
    reinterpret_cast<sockaddr_in6&>(address).sin6_port = htons(port);
  else
    reinterpret_cast<sockaddr_in&>(address).sin_port = htons(port);
}

uint16_t bound_port(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

std::string name_of(const addrinfo& at, uint16_t port) {
  std::array<char, NI_MAXHOST> host{};
  getnameinfo(at.ai_addr, at.ai_addrlen, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST);
  const std::string address{host.data()};
  return (at.ai_family == AF_INET6 ? '[' + address + ']' : address) + ':' + std::to_string(port);
}

std::string advice(int error) {
  switch (error) {
  case EADDRINUSE:
    return "another program (or another errand) has it; stop that one or choose another port";
  case EADDRNOTAVAIL:
    return "no interface of this machine has that address; choose one that `ip address` shows";
  case EACCES:
  case EPERM:
    return "ports below 1024 are for privileged programs; choose a higher one or grant "
           "CAP_NET_BIND_SERVICE";
  default:
    return std::strerror(error);
  }
}

/// A listening socket, or -1 with errno set.
int open_socket(const addrinfo& at, uint16_t port) {
  const int opened = socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (opened < 0)
    return -1;
  const int on = 1;
  setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (at.ai_family == AF_INET6)
    setsockopt(opened, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on); // so that IPv4 has its own
  sockaddr_storage address{};
  std::memcpy(&address, at.ai_addr, at.ai_addrlen);
  set_port(address, port);
  if (bind(opened, reinterpret_cast<sockaddr*>(&address), at.ai_addrlen) == 0
      && listen(opened, backlog) == 0)
    return opened;
  const int why = errno;
  close(opened);
  errno = why;
  return -1;
}

/// Names lead to addresses that a machine without IPv6 does not have; the others will do.
bool is_absent(int error) {
  return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

/// /etc/hosts may name an address twice.
bool is_repeated(const addrinfo* list, const addrinfo* at) {
  for (const addrinfo* earlier = list; earlier != at; earlier = earlier->ai_next)
    if (earlier->ai_addrlen == at->ai_addrlen
        && std::memcmp(earlier->ai_addr, at->ai_addr, at->ai_addrlen) == 0)
      return true;
  return false;
}

/// Listens on all addresses of the list. Says with errno's value why one could not be had.
struct attempt {
  open_sockets opened;
  std::vector<std::string> addresses;
  uint16_t port = 0;
  int error = 0;
  std::string failed_at;
};

attempt listen_on_all(const addrinfo* list, uint16_t port) {
  attempt result;
  result.port = port;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    if (is_repeated(list, at))
      continue;
    const int socket = open_socket(*at, result.port);
    if (socket < 0) {
      result.error = errno;
      result.failed_at = name_of(*at, result.port);
      if (is_absent(result.error))
        continue;
      return result;
    }
    result.opened.sockets.push_back(socket);
    if (result.port == 0)
      result.port = bound_port(socket);
    result.addresses.push_back(name_of(*at, result.port));
  }
  if (!result.opened.sockets.empty())
    result.error = 0;
  return result;
}

status_or<address_list> addresses_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  const bool any = host.empty() || host == "*";
  const bool loopback = host == "localhost"; // RFC 6761: whatever /etc/hosts says, or does not
  hints.ai_flags = any ? AI_PASSIVE : 0;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const auto name = bracketed ? host.substr(1, host.size() - 2) : host;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(any || loopback ? nullptr : name.c_str(), "0", &hints, &list);
  if (error != 0)
    return status{ec::invalid, "can't listen on " + errand::quoted(host) + ": "
                                   + gai_strerror(error)
                                   + "; give an address such as 127.0.0.1 or ::1, a name that "
                                     "this machine knows, or * for all"};
  return address_list{list};
}

} // namespace

std::string listener::url() const {
  return "http://" + (addresses.empty() ? std::string{} : addresses.front());
}

status_or<listener> open_listener(const std::string& host, uint16_t port) {
  auto found = addresses_of(host);
  if (!found.ok())
    return found.why();
  attempt last;
  for (int i = 0; i < port_attempts; ++i) {
    last = listen_on_all(found->get(), port);
    if (last.error != EADDRINUSE || port != 0)
      break;
  }
  if (last.error != 0)
    return status{ec::invalid, "can't listen on " + last.failed_at + ": " + advice(last.error)};
  return listener{std::exchange(last.opened.sockets, {}), last.port, std::move(last.addresses)};
}

bool is_answered(const listener& where, std::chrono::milliseconds patience) {
  // To connect to "all addresses" is to connect to this machine.
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(where.sockets.front(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return false;
  const int fd = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return false;
  constexpr std::string_view request =
      "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  bool answered = false;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), length) == 0
      && ::send(fd, request.data(), request.size(), MSG_NOSIGNAL)
             == static_cast<ssize_t>(request.size())) {
    pollfd readable{fd, POLLIN, 0};
    char first = 0;
    answered = ::poll(&readable, 1, static_cast<int>(patience.count())) == 1
               && ::recv(fd, &first, 1, 0) == 1;
  }
  ::close(fd);
  return answered;
}

} // namespace errand
