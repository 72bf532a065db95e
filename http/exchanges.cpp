#include "http/exchanges.hpp"

#include <algorithm>
#include <utility>

namespace errand {

/// Speaks for one exchange during one call.
class exchanges::link : public exchange_link {
public:
  link(exchanges& all, exchange_number number, steady_time deadline)
      : all_(all), number_(number), deadline_(deadline) {}

  void submit(question name, task_spec_ptr spec) override {
    self()->send(all_.peers_.store, submit_atom_v, client_actor{self()}, asked(name),
                 std::move(spec));
  }
  void submit(question name, task_batch_ptr batch) override {
    self()->send(all_.peers_.store, submit_atom_v, client_actor{self()}, asked(name),
                 std::move(batch));
  }
  void order(question name, const task_id& id, task_order what) override {
    self()->send(all_.peers_.store, order_atom_v, client_actor{self()}, asked(name), id, what);
  }
  void fetch(question name, const task_id& id) override {
    self()->send(all_.peers_.reader, fetch_atom_v, client_actor{self()}, asked(name), id);
  }
  void list(question name, const list_request& request) override {
    self()->send(all_.peers_.reader, list_atom_v, client_actor{self()}, asked(name), request);
  }
  void watch(question name, const task_id& id) override {
    self()->send(all_.peers_.events, watch_atom_v, client_actor{self()}, asked(name), id);
  }
  void unwatch(question name, const task_id& id) override {
    self()->send(all_.peers_.events, unwatch_atom_v, client_actor{self()}, asked(name), id);
  }
  void workers(question name) override {
    self()->send(all_.peers_.dispatcher, workers_atom_v, client_actor{self()}, asked(name));
  }
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
    }
  }
  void set_patience(std::chrono::milliseconds patience) override {
    deadline_ = self()->clock().now() + patience;
  }

  steady_time deadline() const { return deadline_; }

private:
  front_actor::broker_pointer self() const { return all_.self_; }
  request_number asked(question name) const { return number_ * questions_per_exchange + name; }

  template <class Peer>
  void send_probe(const Peer& to, question name) {
    self()->send(to, probe_atom_v, client_actor{self()}, asked(name));
  }

  exchanges& all_;
  exchange_number number_;
  steady_time deadline_;
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

} // namespace

std::variant<reply, exchange_number> exchanges::take(const http_request& request,
                                                     caf::io::connection_handle from) {
  if (draining_)
    return problem_reply(problems::draining());
  if (parked_.size() >= max_in_flight_ && !asks_for_health(request))
    return problem_reply(problems::too_busy(max_in_flight_));
  const auto number = ++last_;
  link peers{*this, number, self_->clock().now() + default_patience};
  auto result = routes_.route(request, peers);
  if (auto* at_once = std::get_if<reply>(&result))
    return std::move(*at_once);
  earliest_ = std::min(earliest_, peers.deadline());
  parked_.try_emplace(number, entry{from, std::move(std::get<parked>(result)), peers.deadline()});
  return number;
}

bool exchanges::outlives_input(exchange_number number) const {
  const auto found = parked_.find(number);
  return found != parked_.end() && !found->second.rest->is_waiting();
}

void exchanges::moved(exchange_number number, caf::io::connection_handle to) {
  if (const auto found = parked_.find(number); found != parked_.end())
    found->second.client = to;
}

void exchanges::abandoned(exchange_number number) {
  auto node = parked_.extract(number);
  if (node.empty())
    return;
  link peers{*this, number, node.mapped().deadline};
  node.mapped().rest->abandoned(peers);
}

void exchanges::answered(const answer& what) {
  const exchange_number number = what.request / questions_per_exchange;
  const auto found = parked_.find(number);
  if (found == parked_.end())
    return;
  auto& exchange = found->second;
  link peers{*this, number, exchange.deadline};
  const auto name = static_cast<question>(what.request % questions_per_exchange);
  if (const auto made = exchange.rest->answered(name, what, peers)) {
    finish(number, *made);
  } else {
    exchange.deadline = peers.deadline();
    earliest_ = std::min(earliest_, exchange.deadline);
  }
}

void exchanges::finish(exchange_number number, const reply& what) {
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
  link peers{*this, number, exchange.deadline};
  if (const auto made = exchange.rest->overdue(peers))
    return finish(number, *made);
  exchange.deadline = peers.deadline();
  earliest_ = std::min(earliest_, exchange.deadline);
}

void exchanges::drain() {
  draining_ = true;
  std::vector<exchange_number> waiting;
  for (const auto& [number, exchange] : parked_)
    if (exchange.rest->is_waiting())
      waiting.push_back(number);
  for (const auto number : waiting)
    make_overdue(number);
}

} // namespace errand
