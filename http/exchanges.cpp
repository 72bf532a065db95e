#include "http/exchanges.hpp"

#include <algorithm>
#include <utility>

namespace errand {

/// Speaks for one exchange during one call.
class exchanges::link : public exchange_link {
public:
  link(exchanges& all, exchange_number number, steady_time deadline, keyed_request* key)
      : all_(all), number_(number), deadline_(deadline), key_(key) {}

  /// For a request whose key is known only once its route is.
  void carry(keyed_request* key) { key_ = key; }

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
  front_view front() const override {
    const auto& clients = *all_.clients_;
    // The mailbox is one's own, and this its thread: see actors/tell_view.hpp. While CAF brings
    // bytes and no message the mailbox may be blocked: empty, and the next message is to wake the
    // FRONT. Asked for its size then, it would forget that.
    auto& mailbox = self()->mailbox();
    return {mailbox.blocked() ? 0 : mailbox.size(), clients.size(), clients.max_size(),
            all_.parked_.size() - all_.streams_, all_.streams_};
  }
  const http_counters& counted_requests() const override { return all_.counted_; }
  void metrics(question name, std::vector<std::string> queues) override {
    self()->send(all_.peers_.statistics, metrics_atom_v, client_actor{self()}, asked(name),
                 std::move(queues));
  }
  void probe(question name, peer who) override {
    with_peer(who, [&](const auto& to) {
      self()->send(to, probe_atom_v, client_actor{self()}, asked(name));
    });
  }
  void look_at(question name, peer who) override {
    with_peer(who, [&](const auto& to) {
      self()->send(to, mailbox_atom_v, client_actor{self()}, asked(name));
    });
  }
  void set_patience(std::chrono::milliseconds patience) override {
    deadline_ = self()->clock().now() + patience;
  }

  void begin_stream(const reply& head) override {
    auto& exchange = all_.parked_.at(number_);
    exchange.streams = true;
    ++all_.streams_;
    all_.count_answer(exchange.came, head.status);
    auto shown = head;
    all_.access_.pages().show_to(exchange.origin, shown);
    all_.clients_->begin_stream(exchange.came.from, number_, shown, self()->clock().now());
  }
  bool stream(std::string_view bytes) override {
    const auto client = all_.parked_.at(number_).came.from;
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

  template <class Use>
  void with_peer(peer who, Use use) const {
    const auto& peers = all_.peers_;
    switch (who) {
    case peer::store:
      return use(peers.store);
    case peer::reader:
      return use(peers.reader);
    case peer::events:
      return use(peers.events);
    case peer::dispatcher:
      return use(peers.dispatcher);
    case peer::scheduler:
      return use(peers.scheduler);
    case peer::statistics:
      return use(peers.statistics);
    case peer::lessor:
      return use(peers.lessor);
    case peer::clerk:
      return use(peers.clerk);
    case peer::tasks:
      return use(peers.tasks);
    }
  }

  exchanges& all_;
  exchange_number number_;
  steady_time deadline_;
  keyed_request* key_;        ///< Null without one.
  bool nobody_reads_ = false; ///< What was streamed.
  bool ended_ = false;        ///< The stream.
};

exchanges::exchanges(front_actor::broker_pointer self, front_peers peers, access_setup who_may,
                     size_t max_in_flight, logger_ptr log)
    : self_(self),
      peers_(std::move(peers)),
      access_(std::move(who_may)),
      max_in_flight_(max_in_flight),
      routes_(std::move(log)) {}

namespace {

/// What is asked most when a server is overloaded must not be refused for that.
bool asks_how_it_is(const http_request& request) {
  return asks_for_health(request) || request.target == "/metrics" || request.target == "/v1/actors";
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

void exchanges::count_requests() {
  for (const auto& route : routes_.table())
    counted_.add_route(route.method, readable_path(route.pattern));
}

void exchanges::count_answer(const arrival& of, int status) {
  counted_.answered(of.counted_at, status,
                    std::chrono::duration_cast<duration>(self_->clock().now() - of.at));
}

void exchanges::refused(int status) {
  counted_.answered(http_counters::of_no_request, status, duration{0});
}

std::variant<reply, exchange_number> exchanges::take(const http_request& request,
                                                     caf::io::connection_handle from) {
  arrival came{from, self_->clock().now(), http_counters::of_no_route(request.method)};
  auto result = serve(request, came);
  if (const auto* at_once = std::get_if<reply>(&result))
    count_answer(came, at_once->status);
  return result;
}

std::variant<reply, exchange_number> exchanges::serve(const http_request& request, arrival& came) {
  if (draining_)
    return problem_reply(problems::draining());
  // An overloaded server is alive; who restarts it for being busy makes it worse.
  if (parked_.size() - streams_ >= max_in_flight_ && !asks_how_it_is(request))
    return problem_reply(problems::too_busy(max_in_flight_));
  auto received = access_.receive(request, access_.is_closed() && clients_->is_local(came.from));
  if (auto* answer = std::get_if<reply>(&received))
    return std::move(*answer);
  const auto& who = std::get<caller>(received);
  auto result = route(request, who, came);
  if (auto* at_once = std::get_if<reply>(&result))
    access_.pages().show_to(who.origin, *at_once);
  return result;
}

std::variant<reply, exchange_number> exchanges::route(const http_request& request,
                                                      const caller& who, arrival& came) {
  const auto number = ++last_;
  link peers{*this, number, came.at + default_patience, nullptr};
  keyed_request_ptr key;
  auto result = routes_.route(request, peers, [&](scope_set needed) -> std::optional<reply> {
    if (auto refusal = access_.refuse(who, needed))
      return refusal;
    auto admitted = keys_.admit(request, who.name);
    if (auto* refusal = std::get_if<reply>(&admitted))
      return std::move(*refusal);
    key = std::move(std::get<keyed_request_ptr>(admitted));
    peers.carry(key.get());
    return std::nullopt;
  });
  if (const auto matched = routes_.last_matched())
    came.counted_at = http_counters::of_route(*matched);
  if (auto* at_once = std::get_if<reply>(&result))
    return std::move(*at_once);
  earliest_ = std::min(earliest_, peers.deadline());
  parked_.try_emplace(number, entry{came, std::move(std::get<parked>(result)), peers.deadline(),
                                    std::move(key), who.origin});
  return number;
}

bool exchanges::outlives_input(exchange_number number) const {
  const auto found = parked_.find(number);
  return found != parked_.end() && !found->second.streams && !found->second.rest->is_waiting();
}

void exchanges::moved(exchange_number number, caf::io::connection_handle to) {
  if (const auto found = parked_.find(number); found != parked_.end())
    found->second.came.from = to;
}

void exchanges::abandoned(exchange_number number) {
  auto node = parked_.extract(number);
  if (node.empty())
    return;
  if (node.mapped().streams)
    --streams_;
  else
    counted_.gone(node.mapped().came.counted_at);
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
  if (leases && !(*leases)->empty())
    self_->send(peers_.store, release_atom_v, tokens_of(**leases));
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
  clients_->end_stream(parked_.at(number).came.from, number, self_->clock().now());
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
  count_answer(node.mapped().came, what.status);
  access_.pages().show_to(node.mapped().origin, what);
  respond_(node.mapped().came.from, number, what);
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
