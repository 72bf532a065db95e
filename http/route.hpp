// What a route is given and what it may give back: a reply at once, or a continuation that makes
// one of the actors' answers. Routes run in the front's thread and must not block.
#pragma once

#include "actors/messages.hpp"
#include "http/query.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

namespace errand {

/// Whom an exchange can ask.
enum class peer : uint8_t { store, reader, events, dispatcher, scheduler };

/// Names one of several questions that an exchange has open at a time: 0..7.
using question = unsigned;
inline constexpr question questions_per_exchange = 8;

/// How an exchange talks to the actors. Each answer comes back to its continuation with the
/// question's name. Lives as long as the call that it is handed to.
class exchange_link {
public:
  virtual ~exchange_link() = default;

  virtual void submit(question name, task_spec_ptr spec) = 0;
  virtual void submit(question name, task_batch_ptr batch) = 0;
  virtual void order(question name, const task_id& id, task_order what) = 0;
  virtual void fetch(question name, const task_id& id) = 0;
  virtual void list(question name, const list_request& request) = 0;
  virtual void watch(question name, const task_id& id) = 0;
  virtual void unwatch(question name, const task_id& id) = 0;
  virtual void workers(question name) = 0;
  virtual void probe(question name, peer who) = 0;

  /// Moves the exchange's deadline to so much later than now.
  virtual void set_patience(std::chrono::milliseconds patience) = 0;
};

/// How long the actors get to answer, unless a route says otherwise.
inline constexpr std::chrono::seconds default_patience{30};

/// The rest of a parked exchange. Ends with the reply that it returns.
class continuation {
public:
  virtual ~continuation() = default;

  /// An answer to one of its questions. Nothing returned means that more is to come.
  virtual std::optional<reply> answered(question name, const answer& what, exchange_link& link) = 0;

  /// The deadline is over. Nothing returned means that it has set a new one.
  virtual std::optional<reply> overdue(exchange_link& link);

  /// Nobody waits for a reply any more: the client is gone.
  virtual void abandoned(exchange_link&) {}

  /// Waits for a task on the client's wish, and not for an actor. Such an exchange ends with its
  /// connection, and is made overdue when the server stops.
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
