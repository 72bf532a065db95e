// Every open connection: what it is doing, how long it may, and the bytes that wait on it. One
// request at a time is taken from each, in order; what is pipelined behind it waits. Knows nothing
// of routes: whole requests go to a request_sink. The front's thread.
#pragma once

#include "http/framing.hpp"
#include "http/reply.hpp"
#include "http/request_id.hpp"
#include "http/wire.hpp"
#include "task/logger.hpp"

#include <errand/options.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace errand {

/// The number of a parked request; never used twice.
using exchange_number = uint64_t;

/// Who answers requests.
class request_sink {
public:
  virtual ~request_sink() = default;

  /// A reply at once, or the number under which `respond` will bring it. The request's views end
  /// with the call.
  virtual std::variant<reply, exchange_number> take(const http_request& request,
                                                    caf::io::connection_handle from) = 0;

  /// The client has ended its sending side. False if the exchange ends with that.
  virtual bool outlives_input(exchange_number exchange) const = 0;

  /// That exchange's connection goes by another handle now.
  virtual void moved(exchange_number exchange, caf::io::connection_handle to) = 0;

  /// The connection is gone; nobody waits for that reply any more.
  virtual void abandoned(exchange_number exchange) = 0;

  /// The client has taken all that was streamed to it, after it had not at once.
  virtual void drained(exchange_number exchange) = 0;

  /// Something that was no whole request was answered so, without the sink.
  virtual void refused(int status) = 0;
};

/// A client to which more is streamed while so much waits for it already (bytes) is cut off: nobody
/// waits for it, and a thousand of them must not hold much memory.
inline constexpr size_t stream_unsent_max = 256 * 1024;

/// In a drain, clients that go on taking their answers get so long for that.
inline constexpr std::chrono::seconds drain_send_time{8};

enum class stream_outcome : uint8_t {
  taken,  ///< By the socket, all of it.
  waits,  ///< Some of it; the sink's drained() will tell.
  nobody, ///< There is no such stream (any more).
};

class connections {
public:
  /// `options.max_connections` lies below what the process may open: out of descriptors, CAF would
  /// try to accept for ever.
  connections(caf::io::abstract_broker* broker, const HttpOptions& options, request_sink& sink,
              wall_clock now, logger_ptr log);

  /// Sockets to accept from; the connections' own from now on.
  void accept_from(const std::vector<int>& listening);

  // What CAF tells.
  void opened(caf::io::connection_handle which, steady_time now);
  void received(caf::io::connection_handle from, std::vector<char>& bytes, steady_time now);
  void sent(caf::io::connection_handle to, size_t unsent, steady_time now);
  void closed(caf::io::connection_handle which, steady_time now);

  /// The reply to a parked request; then the connection goes on with what waits.
  void respond(caf::io::connection_handle to, exchange_number exchange, const reply& what,
               steady_time now);

  /// The same in parts: the head of a reply that `streams`, bytes as they come, and the end, with
  /// which the connection ends. The sink is not told that a client was cut off, since it asks.
  void begin_stream(caf::io::connection_handle to, exchange_number exchange, const reply& head,
                    steady_time now);
  stream_outcome stream(caf::io::connection_handle to, exchange_number exchange,
                        std::string_view bytes, steady_time now);
  void end_stream(caf::io::connection_handle to, exchange_number exchange, steady_time now);

  /// Ends what has taken too long.
  void sweep(steady_time now);

  /// How often sweep() is to be called while any connection is open.
  std::chrono::milliseconds sweep_interval() const { return sweep_interval_; }

  /// Accepts no more, closes what is idle, and ends each other connection with its next reply. A
  /// client that takes nothing of that for a while, or not all of it in drain_send_time, is cut
  /// off.
  void drain(steady_time now);

  /// Whether clients have taken all that they were sent.
  bool all_taken() const;

  bool empty() const { return open_.empty(); }
  size_t size() const { return open_.size(); }
  size_t max_size() const { return options_.max_connections; }

  /// Whether that client runs on this machine.
  bool is_local(caf::io::connection_handle which) const;

private:
  enum class phase : uint8_t {
    idle,      ///< Between requests.
    receiving, ///< Part of a request has come.
    waiting,   ///< For the sink, which has the request.
    streaming, ///< The sink sends the response as it comes; what the client sends is dropped.
    lingering, ///< All is said; what comes is dropped until the client ends its side.
  };

  struct connection {
    phase now = phase::idle;
    bool is_local = false;        ///< The client runs on this machine.
    bool keep_alive = true;       ///< After the reply that is due or on its way.
    bool is_http_1_0 = false;     ///< The request that is being answered.
    bool head_only = false;       ///< Likewise.
    bool input_ended = false;     ///< The client sends no more.
    bool halted = false;          ///< We read no more for the moment.
    bool reads_much = false;      ///< The read buffer has grown for a body.
    bool continued = false;       ///< 100 Continue was sent.
    exchange_number exchange = 0; ///< While parked or streaming.
    size_t unsent = 0;            ///< Bytes that the client does not take.
    size_t unacknowledged = 0;    ///< Bytes before those, in the socket, when last looked at.
    steady_time since;            ///< Idle, receiving or lingering; the last byte taken, if unsent.
    std::unique_ptr<request_parser> parser; ///< While receiving.
    std::string request_id;                 ///< Of the request that is being answered.
    std::string waiting; ///< What came behind the request that is being answered.
  };

  using handle = caf::io::connection_handle;
  using table = std::unordered_map<handle, connection>;

  void serve(handle from, connection& client, std::string_view input, steady_time now);
  void serve_waiting(handle from, connection& client, steady_time now);
  void keep_unfinished(handle from, connection& client, steady_time now);
  void take(handle from, connection& client, const http_request& request, steady_time now);
  void refuse(handle to, connection& client, const problem& why, steady_time now);
  void write(handle to, connection& client, const reply& what, steady_time now);
  void send(handle to, connection& client, std::string_view bytes, steady_time now);
  connection* answered_to(handle to, exchange_number exchange);
  void render(connection& client, const reply& what);
  void linger(handle to, connection& client, steady_time now);
  void wait_behind(handle from, connection& client, std::string_view bytes);
  void read_little(handle from, connection& client);
  void look_for_progress(handle at, connection& client, steady_time now);
  bool is_overdue(const connection& client, steady_time now) const;
  void end_overdue(handle which, connection& client, steady_time now);
  void settle();

  HttpOptions options_;
  framing_limits limits_;
  std::chrono::milliseconds sweep_interval_;
  request_sink& sink_;
  wire wire_;
  reply_writer writer_;
  request_id_source ids_;
  logger_ptr log_;

  table open_;
  std::unique_ptr<request_parser> spare_parser_; ///< For connections that have none; never begun.
  std::string out_;                              ///< The response that is being written.
  std::vector<handle> ended_;                    ///< To be forgotten by settle().
  std::vector<caf::io::accept_handle> acceptors_;
  bool full_ = false;                      ///< Not accepting, since max_connections are open.
  std::optional<steady_time> drain_until_; ///< Draining: when clients have had their time.
};

} // namespace errand
