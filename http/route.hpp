// What a route is given and what it may give back: a reply at once, or a continuation that makes
// one of the actors' answers. Routes run in the front's thread and must not block.
#pragma once

#include "actors/messages.hpp"
#include "http/http_counters.hpp"
#include "http/query.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

namespace errand {

/// Whom an exchange can ask.
enum class peer : uint8_t {
  store,
  reader,
  events,
  dispatcher,
  scheduler,
  statistics,
  lessor,
  clerk,
  tasks
};

inline constexpr std::array all_peers = {peer::store,      peer::reader,    peer::events,
                                         peer::dispatcher, peer::scheduler, peer::statistics,
                                         peer::lessor,     peer::clerk,     peer::tasks};

/// "store".
std::string_view to_string(peer who);

/// "idle".
std::string_view to_string(worker_view::what state);

/// Names one of several questions that an exchange has open at a time: 0..14.
using question = unsigned;
inline constexpr question questions_per_exchange = 16;

/// Of each exchange itself: see exchanges::finish().
inline constexpr question keep_question = 15;

/// How the FRONT stands.
struct front_view {
  size_t mailbox = 0;
  size_t connections = 0;
  size_t connections_max = 0;
  size_t in_flight = 0; ///< Requests that wait for an answer.
  size_t streams = 0;   ///< Responses that are sent as they come; not in flight.
};

class continuation;

/// How an exchange talks to the actors. Each answer comes back to its continuation with the
/// question's name. Lives as long as the call that it is handed to. What can be sent to the STORE
/// by a POST takes the continuation that will get the answer, and goes with the request's key if it
/// has one.
class exchange_link {
public:
  virtual ~exchange_link() = default;

  virtual void submit(question name, task_spec_ptr spec, const continuation& rest) = 0;
  virtual void submit(question name, task_batch_ptr batch, const continuation& rest) = 0;
  virtual void order(question name, const task_id& id, task_order what,
                     const continuation& rest) = 0;

  /// Only the STORE knows whether it has answered a request with this key, and a route that asks
  /// others first has to know that before. An order for no task finds it out and does nothing else:
  /// its answer is not_found if the request is new.
  void look_up_key(question name, const continuation& rest) {
    order(name, task_id{}, task_order::cancel, rest);
  }

  virtual void configure(question name, const queue_order& what, const continuation& rest) = 0;
  virtual void fetch(question name, const task_id& id) = 0;
  virtual void list(question name, const list_request& request) = 0;
  virtual void search(question name, const search_request& request) = 0;
  virtual void orders(question name, found_tasks_ptr which, task_order what) = 0;
  virtual void place(question name, const task_id& id) = 0;
  virtual void watch(question name, const task_id& id) = 0;
  virtual void unwatch(question name, const task_id& id) = 0;
  virtual void follow(question name, const task_id& id) = 0; ///< Ended by unwatch().
  virtual void log(question name, const log_request& request) = 0;
  virtual void subscribe(question name, const subscription& wanted) = 0;
  virtual void leave(question name, const event_filter& filter) = 0;
  virtual void workers(question name) = 0;
  virtual void put_schedule(question name, schedule_put_ptr wanted) = 0;
  virtual void order_schedule(question name, const schedule_command& command,
                              const continuation& rest) = 0;
  virtual void schedule(question name, const std::string& which) = 0;
  virtual void schedules(question name, const schedule_list_request& request) = 0;
  virtual void queue(question name, const std::string& queue) = 0;
  virtual void queues(question name, const queue_list_request& request) = 0;
  virtual void totals(question name) = 0;
  virtual void statistics(question name, std::vector<std::string> queues) = 0;
  virtual void lease(question name, lease_request_ptr wanted) = 0;
  virtual void stop_leasing(question name) = 0; ///< What that question waits for, if it still does.
  virtual void keep_leases(question name, lease_signs_ptr signs, const continuation& rest) = 0;
  virtual void end_leases(question name, lease_ends_ptr ends, const continuation& rest) = 0;
  virtual void leases(question name) = 0;
  virtual void lease_workers(question name) = 0;
  virtual void release_worker(question name, const std::string& worker) = 0;
  virtual void probe(question name, peer who) = 0;

  /// How that actor stands, as an actor_view.
  virtual void look_at(question name, peer who) = 0;

  /// All that STATISTICS has counted since the start, with labels for these queues.
  virtual void metrics(question name, std::vector<std::string> queues) = 0;

  /// Tells EVENTS of something that has been done.
  virtual void announce(notice what) = 0;

  virtual front_view front() const = 0;
  virtual const http_counters& counted_requests() const = 0;

  /// Moves the exchange's deadline to so much later than now.
  virtual void set_patience(std::chrono::milliseconds patience) = 0;

  // Instead of making a reply a continuation may stream one: begin, bytes, and perhaps an end. Not
  // from a route's own call.

  /// Sends the head of a reply that `streams`.
  virtual void begin_stream(const reply& head) = 0;

  /// Sends a part of the body. False if the socket did not take all of it: drained() tells when it
  /// has. A client that is too far behind is cut off, and then the exchange is abandoned.
  virtual bool stream(std::string_view bytes) = 0;

  /// The body is complete. The exchange ends with the call to its continuation.
  virtual void end_stream() = 0;
};

/// How long the actors get to answer, unless a route says otherwise.
inline constexpr std::chrono::seconds default_patience{30};

/// Makes the reply of an answer that is no failure.
using reply_function = std::function<reply(const answer_content&)>;

/// The rest of a parked exchange. Ends with the reply that it returns.
class continuation {
public:
  virtual ~continuation() = default;

  /// An answer to one of its questions. Nothing returned means that more is to come.
  virtual std::optional<reply> answered(question name, const answer& what, exchange_link& link) = 0;

  /// The deadline is over. Nothing returned means that it has set a new one.
  virtual std::optional<reply> overdue(exchange_link& link);

  /// The client has taken all that was streamed, after it had not at once.
  virtual void drained(exchange_link&) {}

  /// Nobody waits for a reply any more: the client is gone, or the server ends the stream.
  virtual void abandoned(exchange_link&) {}

  /// What answered() makes of the STORE's success, for a request that may come twice: the STORE
  /// calls it in its own thread, and keeps the reply in the commit that makes it true. It holds
  /// copies. Nothing for a route that needs several answers; its reply is kept when it has ended.
  virtual reply_function reply_of_success() const { return {}; }

  /// Waits for a task on the client's wish, and not for an actor. Such an exchange ends with its
  /// connection, and is made overdue when the server stops. So is, without being asked, one that
  /// streams, but that is ended then.
  virtual bool is_waiting() const { return false; }
};

/// Says that the route has asked something. Its deadline is default_patience away unless it has set
/// another.
using parked = std::unique_ptr<continuation>;

using route_result = std::variant<reply, parked>;

struct route_call {
  const http_request& request;
  std::string_view path;    ///< Decoded.
  std::string_view capture; ///< What the first group of the route's pattern matched, or empty.
  const query_parameters& query;
  exchange_link& link;
};

/// Why a call that takes a JSON body and no query is refused before its body is read, if it is.
std::optional<reply> refuse_unless_json(const route_call& call);

/// 503: an actor did not answer in time.
reply no_answer_reply();

} // namespace errand
