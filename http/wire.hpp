// Bytes to clients: what CAF's broker does, and what it does not. Here stands all that relies on
// CAF 0.17 calling a connection by its file descriptor. The front's thread.
#pragma once

#include <caf/io/accept_handle.hpp>
#include <caf/io/connection_handle.hpp>
#include <caf/io/fwd.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace errand {

class wire {
public:
  explicit wire(caf::io::abstract_broker* broker) : broker_(broker) {}

  /// Whether the client runs on this machine and came by its loopback interface.
  bool comes_from_loopback(caf::io::connection_handle which) const;

  /// Sends what the socket takes at once and gives the rest to CAF, which reports on it by
  /// data_transferred_msg until nothing is left. Returns the size of that rest. `unsent` is what
  /// CAF has still to send from before.
  ///
  /// CAF alone would send only in its loop's next turn, and change the epoll set before and after;
  /// that costs a fifth of the front's throughput.
  size_t send(caf::io::connection_handle to, std::string_view bytes, size_t unsent);

  /// Bytes in the socket that the client has not acknowledged.
  size_t unacknowledged(caf::io::connection_handle by) const;

  /// Nothing is left to be sent: no more reports.
  void all_sent(caf::io::connection_handle from);

  /// Tells the client that nothing more comes; it may go on sending.
  void end_sending(caf::io::connection_handle to);

  /// Lets go of the connection, in the next turn of CAF's loop and once CAF has sent what it has.
  void close(caf::io::connection_handle which);

  /// Lets go of the connection, in the next turn, and of what is unsent.
  void abort(caf::io::connection_handle which);

  /// For a client that has ended its sending side (`nc -N`), which CAF takes for a lost connection:
  /// the same socket under a new handle, to send an answer to. Only while CAF tells that the old
  /// one is closed. Nothing is read from it.
  std::optional<caf::io::connection_handle> keep_for_sending(caf::io::connection_handle closed);

  /// To stop takes effect at once, to go on in the next turn of CAF's loop.
  void stop_reading(caf::io::connection_handle from);
  void go_on_reading(caf::io::connection_handle from);
  void stop_accepting(caf::io::accept_handle from);
  void go_on_accepting(caf::io::accept_handle from);

  /// The socket is CAF's from now on.
  caf::io::accept_handle accept_from(int listening);
  void close(caf::io::accept_handle which);

  /// CAF allocates as much for the connection.
  void read_at_most(caf::io::connection_handle from, size_t bytes);

private:
  template <class Action>
  void in_next_turn(Action action);

  caf::io::abstract_broker* broker_;
};

} // namespace errand
