#include "http/exchanges.hpp"

#include <algorithm>
#include <utility>

namespace errand {

/// Speaks for one exchange during one call.
class exchanges::link : public exchange_link {
public:
  link(exchanges& all, exchange_number number, steady_time deadline, keyed_request* key)
      : all_(all), number_(number), deadline_(deadline), key_(key) {}

  void submit(question name, task_spec_ptr spec, const continuation& rest) override {
    self()->send(all_.peers_.store, submit_atom_v, client_actor{self()}, asked(name),
                 std::move(spec), key_for(name, rest));
  }
  void submit(question name, task_batch_ptr batch, const continuation& rest) override {
    self()->send(all_.peers_.store, submit_atom_v, client_actor{self()}, asked(name),
                 std::move(batch), key_for(name, rest));
  }
  void order(question name, const task_id& id, task_order what, const continuation& rest) override {
    self()->send(all_.peers_.store, order_atom_v, client_actor{self()}, asked(name), id, what,
                 key_for(name, rest));
  }
  void configure(question name, const queue_order& what, const continuation& rest) override {
    self()->send(all_.peers_.store, queue_atom_v, client_actor{self()}, asked(name), what,
                 key_for(name, rest));
  }
  void fetch(question name, const task_id& id) override {
    self()->send(all_.peers_.reader, fetch_atom_v, client_actor{self()}, asked(name), id);
  }
  void list(question name, const list_request& request) override {
    self()->send(all_.peers_.reader, list_atom_v, client_actor{self()}, asked(name), request);
  }
  void search(question name, const search_request& request) override {
    self()->send(all_.peers_.reader, search_atom_v, client_actor{self()}, asked(name), request);
  }
  void orders(question name, found_tasks_ptr which, task_order what) override {
    self()->send(all_.peers_.store, orders_atom_v, client_actor{self()}, asked(name),
                 std::move(which), what);
  }
  void place(question name, const task_id& id) override {
    self()->send(all_.peers_.reader, place_atom_v, client_actor{self()}, asked(name), id);
  }
  void watch(question name, const task_id& id) override {
    self()->send(all_.peers_.events, watch_atom_v, client_actor{self()}, asked(name), id);
  }
  void unwatch(question name, const task_id& id) override {
    self()->send(all_.peers_.events, unwatch_atom_v, client_actor{self()}, asked(name), id);
  }
  void follow(question name, const task_id& id) override {
    self()->send(all_.peers_.events, follow_atom_v, client_actor{self()}, asked(name), id);
  }
  void log(question name, const log_request& request) override {
    self()->send(all_.peers_.reader, log_atom_v, client_actor{self()}, asked(name), request);
  }
  void subscribe(question name, const subscription& wanted) override {
    self()->send(all_.peers_.events, subscribe_atom_v, client_actor{self()}, asked(name), wanted);
  }
  void leave(question name, const event_filter& filter) override {
    self()->send(all_.peers_.events, leave_atom_v, client_actor{self()}, asked(name), filter);
  }
  void workers(question name) override {
    self()->send(all_.peers_.dispatcher, workers_atom_v, client_actor{self()}, asked(name));
  }
  void put_schedule(question name, schedule_put_ptr wanted) override {
    self()->send(all_.peers_.store, schedule_atom_v, client_actor{self()}, asked(name),
                 std::move(wanted));
  }
  void order_schedule(question name, const schedule_command& command,
                      const continuation& rest) override {
    self()->send(all_.peers_.store, schedule_atom_v, client_actor{self()}, asked(name), command,
                 key_for(name, rest));
  }
  void schedule(question name, const std::string& which) override {
    self()->send(all_.peers_.reader, schedule_atom_v, client_actor{self()}, asked(name), which);
  }
  void schedules(question name, const schedule_list_request& request) override {
    self()->send(all_.peers_.reader, schedules_atom_v, client_actor{self()}, asked(name), request);
  }
  void queue(question name, const std::string& queue) override {
    self()->send(all_.peers_.reader, queue_atom_v, client_actor{self()}, asked(name), queue);
  }
  void queues(question name, const queue_list_request& request) override {
    self()->send(all_.peers_.reader, queues_atom_v, client_actor{self()}, asked(name), request);
  }
  void totals(question name) override {
    self()->send(all_.peers_.reader, totals_atom_v, client_actor{self()}, asked(name));
  }
  void statistics(question name, std::vector<std::string> queues) override {
    self()->send(all_.peers_.statistics, stats_atom_v, client_actor{self()}, asked(name),
                 std::move(queues));
  }
  void lease(question name, lease_request_ptr wanted) override {
    self()->send(all_.peers_.lessor, lease_atom_v, client_actor{self()}, asked(name),
                 std::move(wanted));
  }
  void stop_leasing(question name) override {
    self()->send(all_.peers_.lessor, leave_atom_v, client_actor{self()}, asked(name));
  }
  void keep_leases(question name, lease_signs_ptr signs, const continuation& rest) override {
    self()->send(all_.peers_.store, note_atom_v, client_actor{self()}, asked(name),
                 std::move(signs), key_for(name, rest));
  }
  void end_leases(question name, lease_ends_ptr ends, const continuation& rest) override {
    self()->send(all_.peers_.store, finish_atom_v, client_actor{self()}, asked(name),
                 std::move(ends), key_for(name, rest));
  }
  void leases(question name) override {
    self()->send(all_.peers_.reader, leases_atom_v, client_actor{self()}, asked(name));
  }
  void lease_workers(question name) override {
    self()->send(all_.peers_.lessor, workers_atom_v, client_actor{self()}, asked(name));
  }
  void release_worker(question name, const std::string& worker) override {
    self()->send(all_.peers_.lessor, release_atom_v, client_actor{self()}, asked(name), worker);
  }
  void announce(notice what) override {
    self()->send(all_.peers_.events, notices_atom_v,
                 std::make_shared<const std::vector<notice>>(1, std::move(what)));
  }
  size_t open_connections() const override { return all_.clients_->size(); }
  void probe(question name, peer who) override {
    switch (who) {
    case peer::store:
      return send_probe(all_.peers_.store, name);
    case peer::reader:
      return send_probe(all_.peers_.reader, name);
    case peer::events:
      return send_probe(all_.peers_.events, name);
    case peer::dispatcher:
      return send_probe(all_.peers_.dispatcher, name);
    case peer::scheduler:
      return send_probe(all_.peers_.scheduler, name);
    case peer::statistics:
      return send_probe(all_.peers_.statistics, name);
    case peer::lessor:
      return send_probe(all_.peers_.lessor, name);
    }
  }
  void set_patience(std::chrono::milliseconds patience) override {
    deadline_ = self()->clock().now() + patience;
  }

  void begin_stream(const reply& head) override {
    auto& exchange = all_.parked_.at(number_);
    exchange.streams = true;
    ++all_.streams_;
    all_.clients_->begin_stream(exchange.client, number_, head, self()->clock().now());
  }
  bool stream(std::string_view bytes) override {
    const auto client = all_.parked_.at(number_).client;
    const auto outcome = all_.clients_->stream(client, number_, bytes, self()->clock().now());
    nobody_reads_ |= outcome == stream_outcome::nobody;
    return outcome == stream_outcome::taken;
  }
  void end_stream() override { ended_ = true; }

  steady_time deadline() const { return deadline_; }
  bool nobody_reads() const { return nobody_reads_; }
  bool ended() const { return ended_; }

private:
  front_actor::broker_pointer self() const { return all_.self_; }
  request_number asked(question name) const { return number_ * questions_per_exchange + name; }

  request_key_ptr key_for(question name, const continuation& rest) const {
    return key_ ? key_->asking(name, rest.reply_of_success()) : nullptr;
  }

  template <class Peer>
  void send_probe(const Peer& to, question name) {
    self()->send(to, probe_atom_v, client_actor{self()}, asked(name));
  }

  exchanges& all_;
  exchange_number number_;
  steady_time deadline_;
  keyed_request* key_;        ///< Null without one.
  bool nobody_reads_ = false; ///< What was streamed.
  bool ended_ = false;        ///< The stream.
};

exchanges::exchanges(front_actor::broker_pointer self, front_peers peers, size_t max_in_flight,
                     logger_ptr log)
    : self_(self),
      peers_(std::move(peers)),
      max_in_flight_(max_in_flight),
      routes_(std::move(log)) {}

namespace {

/// An overloaded server is alive; who restarts it for being busy makes it worse.
bool asks_for_health(const http_request& request) {
  return request.target == "/livez" || request.target == "/readyz";
}

/// Has its reply, and gives it once the STORE has kept it, or says that it can't: what the reply
/// tells is true all the same.
class keeping_rest final : public continuation {
public:
  explicit keeping_rest(reply made) : made_(std::move(made)) {}

  std::optional<reply> answered(question name, const answer&, exchange_link&) override {
    return name == keep_question ? std::optional{std::move(made_)} : std::nullopt;
  }
  std::optional<reply> overdue(exchange_link&) override { return std::move(made_); }

private:
  reply made_;
};

} // namespace

std::variant<reply, exchange_number> exchanges::take(const http_request& request,
                                                     caf::io::connection_handle from) {
  if (draining_)
    return problem_reply(problems::draining());
  if (parked_.size() - streams_ >= max_in_flight_ && !asks_for_health(request))
    return problem_reply(problems::too_busy(max_in_flight_));
  auto admitted = keys_.admit(request);
  if (auto* refusal = std::get_if<reply>(&admitted))
    return std::move(*refusal);
  auto& key = std::get<keyed_request_ptr>(admitted);
  const auto number = ++last_;
  link peers{*this, number, self_->clock().now() + default_patience, key.get()};
  auto result = routes_.route(request, peers);
  if (auto* at_once = std::get_if<reply>(&result))
    return std::move(*at_once);
  earliest_ = std::min(earliest_, peers.deadline());
  parked_.try_emplace(
      number, entry{from, std::move(std::get<parked>(result)), peers.deadline(), std::move(key)});
  return number;
}

bool exchanges::outlives_input(exchange_number number) const {
  const auto found = parked_.find(number);
  return found != parked_.end() && !found->second.streams && !found->second.rest->is_waiting();
}

void exchanges::moved(exchange_number number, caf::io::connection_handle to) {
  if (const auto found = parked_.find(number); found != parked_.end())
    found->second.client = to;
}

void exchanges::abandoned(exchange_number number) {
  auto node = parked_.extract(number);
  if (node.empty())
    return;
  streams_ -= node.mapped().streams ? 1 : 0;
  link peers{*this, number, node.mapped().deadline, node.mapped().key.get()};
  node.mapped().rest->abandoned(peers);
}

void exchanges::drained(exchange_number number) {
  const auto found = parked_.find(number);
  if (found == parked_.end())
    return;
  link peers{*this, number, found->second.deadline, found->second.key.get()};
  found->second.rest->drained(peers);
  goes_on(number, found->second, peers);
}

void exchanges::answered(const answer& what) {
  const exchange_number number = what.request / questions_per_exchange;
  const auto found = parked_.find(number);
  if (found == parked_.end())
    return put_back(what);
  auto& exchange = found->second;
  if (const auto* kept = std::get_if<kept_reply_ptr>(&what.content))
    return finish(number, given_again(**kept));
  link peers{*this, number, exchange.deadline, exchange.key.get()};
  const auto name = static_cast<question>(what.request % questions_per_exchange);
  if (auto made = exchange.rest->answered(name, what, peers)) {
    if (exchange.key && !exchange.key->is_kept_with(name))
      keep_and_finish(number, exchange, std::move(*made));
    else
      finish(number, std::move(*made));
  } else {
    goes_on(number, exchange, peers);
  }
}

/// Nobody hears that answer any more. What was leased with it would else be nobody's until its time
/// is over.
void exchanges::put_back(const answer& unheard) {
  const auto* leases = std::get_if<leases_ptr>(&unheard.content);
  if (!leases || (*leases)->empty())
    return;
  std::vector<lease_token> tokens;
  for (const auto& each : **leases)
    tokens.push_back(each.token);
  self_->send(peers_.store, release_atom_v, std::move(tokens));
}

/// Does what a call to the continuation asked for by its link.
void exchanges::goes_on(exchange_number number, entry& exchange, const link& said) {
  if (said.ended() || (draining_ && exchange.streams))
    return end_stream(number);
  if (said.nobody_reads())
    return abandoned(number);
  exchange.deadline = said.deadline();
  earliest_ = std::min(earliest_, exchange.deadline);
}

void exchanges::end_stream(exchange_number number) {
  clients_->end_stream(parked_.at(number).client, number, self_->clock().now());
  abandoned(number);
}

/// For a request with a key whose reply the STORE does not know yet.
void exchanges::keep_and_finish(exchange_number number, entry& exchange, reply what) {
  if (what.status >= 400)
    return finish(number, std::move(what)); // The client is to try again.
  self_->send(peers_.store, keep_atom_v, client_actor{self_},
              number * questions_per_exchange + keep_question, exchange.key->to_keep(what));
  // Who comes with the key from now on is behind that message.
  exchange.key.reset();
  exchange.rest = std::make_unique<keeping_rest>(std::move(what));
  exchange.deadline = self_->clock().now() + default_patience;
  earliest_ = std::min(earliest_, exchange.deadline);
}

void exchanges::finish(exchange_number number, reply what) {
  const auto node = parked_.extract(number);
  respond_(node.mapped().client, number, what);
}

void exchanges::sweep(steady_time now) {
  if (now < earliest_)
    return;
  std::vector<exchange_number> overdue;
  earliest_ = steady_time::max();
  for (const auto& [number, exchange] : parked_) {
    if (exchange.deadline <= now)
      overdue.push_back(number);
    else
      earliest_ = std::min(earliest_, exchange.deadline);
  }
  for (const auto number : overdue)
    make_overdue(number);
}

void exchanges::make_overdue(exchange_number number) {
  const auto found = parked_.find(number);
  if (found == parked_.end())
    return;
  auto& exchange = found->second;
  link peers{*this, number, exchange.deadline, exchange.key.get()};
  if (auto made = exchange.rest->overdue(peers))
    return exchange.key ? keep_and_finish(number, exchange, std::move(*made))
                        : finish(number, std::move(*made));
  goes_on(number, exchange, peers);
}

void exchanges::drain() {
  draining_ = true;
  std::vector<exchange_number> waiting, streaming;
  for (const auto& [number, exchange] : parked_)
    if (exchange.streams)
      streaming.push_back(number);
    else if (exchange.rest->is_waiting())
      waiting.push_back(number);
  for (const auto number : waiting)
    make_overdue(number);
  for (const auto number : streaming)
    end_stream(number);
}

} // namespace errand
