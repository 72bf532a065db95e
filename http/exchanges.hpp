// Every request that waits for an actor's answer: takes requests to their routes, carries questions
// to the actors and answers to the continuations, and watches the deadlines. The front's thread.
//
// A question's number is its exchange's number times sixteen plus the question's name; numbers are
// never used twice, so an answer that comes too late finds nobody.
//
// An exchange that streams stays here until its client or its continuation ends it; its deadlines
// are the moments at which it is to show that it lives.
#pragma once

#include "http/access.hpp"
#include "http/connections.hpp"
#include "http/front_actor.hpp"
#include "http/keyed_request.hpp"
#include "http/router.hpp"

#include <functional>
#include <unordered_map>

namespace errand {

/// A response can't be later than its question by less: timers are no finer.
inline constexpr std::chrono::milliseconds deadline_step{20};

class exchanges : public request_sink {
public:
  /// Brings a parked request's reply to its connection.
  using respond_function =
      std::function<void(caf::io::connection_handle, exchange_number, const reply&)>;

  exchanges(front_actor::broker_pointer self, front_peers peers, access_setup who_may,
            size_t max_in_flight, logger_ptr log);

  /// Where requests go to. Routes are added before the first request comes.
  router& routes() { return routes_; }

  /// To be called once all routes are there.
  void count_requests();

  void respond_by(respond_function respond) { respond_ = std::move(respond); }

  /// Where streams go. Must outlive this.
  void stream_to(connections& clients) { clients_ = &clients; }

  // request_sink
  std::variant<reply, exchange_number> take(const http_request& request,
                                            caf::io::connection_handle from) override;
  bool outlives_input(exchange_number exchange) const override;
  void moved(exchange_number exchange, caf::io::connection_handle to) override;
  void abandoned(exchange_number exchange) override;
  void drained(exchange_number exchange) override;
  void refused(int status) override;

  /// What the actors say.
  void answered(const answer& what);

  /// Ends or goes on with each exchange whose deadline is over.
  void sweep(steady_time now);

  /// Nothing falls due before.
  steady_time earliest_deadline() const { return earliest_; }

  /// Refuses what is new, and lets nobody wait for a task any longer.
  void drain();

  bool empty() const { return parked_.empty(); }

private:
  class link;

  /// A request, once it is whole.
  struct arrival {
    caf::io::connection_handle from;
    steady_time at;
    http_counters::place counted_at;
  };
  struct entry {
    arrival came;
    parked rest;
    steady_time deadline;
    keyed_request_ptr key; ///< Null without one, and once the reply is kept or about to be.
    std::string origin;    ///< Of the web page that asks; see caller::origin.
    bool streams = false;
  };

  std::variant<reply, exchange_number> serve(const http_request& request, arrival& came);
  std::variant<reply, exchange_number> route(const http_request& request, const caller& who,
                                             arrival& came);
  void count_answer(const arrival& of, int status);
  void put_back(const answer& unheard);
  void goes_on(exchange_number number, entry& exchange, const link& said);
  void end_stream(exchange_number number);
  void finish(exchange_number number, reply what);
  void keep_and_finish(exchange_number number, entry& exchange, reply what);
  void make_overdue(exchange_number number);

  front_actor::broker_pointer self_;
  front_peers peers_;
  access_control access_;
  size_t max_in_flight_;
  router routes_;
  http_counters counted_;
  request_keys keys_; ///< Outlives what is parked.
  respond_function respond_;
  connections* clients_ = nullptr;
  exchange_number last_ = 0;
  std::unordered_map<exchange_number, entry> parked_;
  steady_time earliest_ = steady_time::max(); ///< No deadline lies before; there may be none then.
  size_t streams_ = 0; ///< How many of `parked_` stream: they hold a connection, but nobody's time.
  bool draining_ = false;
};

} // namespace errand
