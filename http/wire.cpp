#include "http/wire.hpp"

#include "http/hosts.hpp"

#include <caf/io/abstract_broker.hpp>
#include <caf/io/doorman.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/receive_policy.hpp>
#include <caf/io/scribe.hpp>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace errand {

namespace {

int descriptor(caf::io::connection_handle handle) {
  return static_cast<int>(handle.id());
}

} // namespace

/// CAF collects what is to be added to its epoll set and removed from it, and does it at the end of
/// a turn. Both within one turn cancel each other out, and are forgotten: what was halted and
/// triggered stays halted, what was opened and closed stays open. So one of each pair waits.
template <class Action>
void wire::in_next_turn(Action action) {
  broker_->parent().run_later([action, alive = caf::strong_actor_ptr{broker_->ctrl()}] {
    action(*static_cast<caf::io::abstract_broker*>(alive->get()));
  });
}

bool wire::comes_from_loopback(caf::io::connection_handle which) const {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (getpeername(descriptor(which), reinterpret_cast<sockaddr*>(&peer), &size) != 0)
    return false; // It is gone already.
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* address = nullptr;
  if (peer.ss_family == AF_INET)
    address = &reinterpret_cast<const sockaddr_in&>(peer).sin_addr;
  else if (peer.ss_family == AF_INET6)
    address = &reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
  return address != nullptr
         && inet_ntop(peer.ss_family, address, text.data(), static_cast<socklen_t>(text.size()))
         && is_loopback(text.data());
}

size_t wire::unacknowledged(caf::io::connection_handle by) const {
  int bytes = 0;
  return ioctl(descriptor(by), SIOCOUTQ, &bytes) == 0 ? static_cast<size_t>(bytes) : 0;
}

size_t wire::send(caf::io::connection_handle to, std::string_view bytes, size_t unsent) {
  if (unsent == 0) {
    const auto sent =
        ::send(descriptor(to), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
      return 0; // The connection is broken, which CAF notices when it reads.
    if (sent > 0)
      bytes.remove_prefix(static_cast<size_t>(sent));
    if (bytes.empty())
      return 0;
    broker_->ack_writes(to, true);
  }
  auto& buffer = broker_->wr_buf(to);
  buffer.insert(buffer.end(), bytes.begin(), bytes.end());
  broker_->flush(to);
  return unsent + bytes.size();
}

void wire::end_sending(caf::io::connection_handle to) {
  ::shutdown(descriptor(to), SHUT_WR);
}

void wire::abort(caf::io::connection_handle which) {
  // With bytes to send CAF would keep the socket until the client takes them, and then the system
  // would; a reset makes both forget them.
  const linger at_once{1, 0};
  setsockopt(descriptor(which), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::shutdown(descriptor(which), SHUT_RDWR);
  in_next_turn([which](auto& broker) { broker.close(which); });
}

std::optional<caf::io::connection_handle>
wire::keep_for_sending(caf::io::connection_handle closed) {
  const int copy = fcntl(descriptor(closed), F_DUPFD_CLOEXEC, 0);
  if (copy < 0)
    return std::nullopt;
  return broker_->add_scribe(copy);
}

void wire::all_sent(caf::io::connection_handle from) {
  broker_->ack_writes(from, false);
}

void wire::close(caf::io::connection_handle which) {
  in_next_turn([which](auto& broker) { broker.close(which); });
}

void wire::stop_reading(caf::io::connection_handle from) {
  broker_->halt(from);
}

void wire::go_on_reading(caf::io::connection_handle from) {
  in_next_turn([from](auto& broker) { broker.trigger(from); });
}

void wire::stop_accepting(caf::io::accept_handle from) {
  broker_->halt(from);
}

void wire::go_on_accepting(caf::io::accept_handle from) {
  in_next_turn([from](auto& broker) { broker.trigger(from); });
}

caf::io::accept_handle wire::accept_from(int listening) {
  return broker_->add_doorman(listening);
}

void wire::close(caf::io::accept_handle which) {
  in_next_turn([which](auto& broker) { broker.close(which); });
}

void wire::read_at_most(caf::io::connection_handle from, size_t bytes) {
  broker_->configure_read(from, caf::io::receive_policy::at_most(bytes));
}

} // namespace errand
