#include "http/connections.hpp"

#include <algorithm>
#include <utility>

namespace errand {

namespace {

using std::chrono::milliseconds;

/// CAF allocates so much for each connection, idle or not.
constexpr size_t small_read = 2 * 1024;

/// While a body comes.
constexpr size_t large_read = 64 * 1024;
constexpr size_t medium_read = 16 * 1024;

/// So much may wait behind a request before its connection is not read any more.
constexpr size_t max_waiting = 16 * 1024;

/// Closing with input unread would reset the connection, and the client might lose the reply; so it
/// gets this long to read it and to end its side.
constexpr std::chrono::seconds linger_time{2};

/// A response buffer that one huge page has grown is not kept.
constexpr size_t kept_response = 256 * 1024;

milliseconds to_milliseconds(Seconds time) {
  return std::chrono::duration_cast<milliseconds>(time);
}

} // namespace

connections::connections(caf::io::abstract_broker* broker, const HttpOptions& options,
                         request_sink& sink, wall_clock now, logger_ptr log)
    : options_(options),
      limits_{options.max_header_bytes, options.max_uri_bytes, options.max_body_bytes,
              options.max_batch_bytes},
      sink_(sink),
      wire_(broker),
      writer_(std::move(now)),
      log_(std::move(log)),
      spare_parser_(std::make_unique<request_parser>(limits_)) {
  const auto shortest =
      std::min({options.request_timeout, options.idle_timeout, options.send_timeout});
  sweep_interval_ = std::clamp(to_milliseconds(shortest / 4), milliseconds{20}, milliseconds{1000});
}

void connections::accept_from(const std::vector<int>& listening) {
  for (const int socket : listening)
    acceptors_.push_back(wire_.accept_from(socket));
}

void connections::opened(handle which, steady_time now) {
  auto& client = open_[which];
  client.since = now;
  client.is_local = wire_.comes_from_loopback(which);
  wire_.read_at_most(which, small_read);
  if (open_.size() < options_.max_connections)
    return;
  if (!std::exchange(full_, true))
    log_->debug("all connections are taken; new ones wait",
                {{"max_connections", std::to_string(options_.max_connections)}});
  for (const auto& acceptor : acceptors_)
    wire_.stop_accepting(acceptor);
}

void connections::received(handle from, std::vector<char>& bytes, steady_time now) {
  const auto found = open_.find(from);
  if (found == open_.end())
    return;
  auto& client = found->second;
  const std::string_view input{bytes.data(), bytes.size()};
  if (client.now == phase::waiting || client.unsent > 0)
    wait_behind(from, client, input);
  else if (client.now != phase::lingering && client.now != phase::streaming)
    serve(from, client, input, now);
  // CAF takes the vector back and resizes it, which alone never gives memory back.
  if (!client.reads_much && bytes.capacity() > small_read)
    std::vector<char>{}.swap(bytes);
  settle();
}

bool connections::is_local(handle which) const {
  const auto found = open_.find(which);
  return found != open_.end() && found->second.is_local;
}

void connections::wait_behind(handle from, connection& client, std::string_view bytes) {
  if (client.now == phase::lingering || client.now == phase::streaming)
    return;
  client.waiting.append(bytes);
  if (client.waiting.size() > max_waiting) {
    // Also if it is halted already: an earlier go_on_reading() may take effect only after that.
    client.halted = true;
    wire_.stop_reading(from);
  }
}

/// Takes requests from the input until one is parked, its reply does not fit into the socket, or
/// the connection ends; what is left then waits.
void connections::serve(handle from, connection& client, std::string_view input, steady_time now) {
  client.since = client.now == phase::idle ? now : client.since;
  while (!input.empty() && client.unsent == 0
         && (client.now == phase::idle || client.now == phase::receiving)) {
    auto& parser = client.parser ? *client.parser : *spare_parser_;
    input.remove_prefix(parser.feed(input));
    switch (parser.now()) {
    case request_parser::progress::needs_more:
      keep_unfinished(from, client, now);
      continue;
    case request_parser::progress::refused:
      refuse(from, client, parser.why(), now);
      break;
    case request_parser::progress::whole:
      take(from, client, parser.request(), now);
      break;
    }
    if (client.parser)
      client.parser.reset();
    else
      parser.reset();
    client.continued = false;
    if (client.reads_much)
      read_little(from, client);
  }
  if (!input.empty())
    wait_behind(from, client, input);
}

void connections::serve_waiting(handle from, connection& client, steady_time now) {
  if (client.unsent > 0)
    return;
  if (!client.waiting.empty()) {
    const auto input = std::exchange(client.waiting, {});
    serve(from, client, input, now);
  }
  if (client.halted && client.waiting.size() <= max_waiting) {
    client.halted = false;
    wire_.go_on_reading(from);
  }
  if ((client.input_ended || drain_until_) && client.now == phase::idle)
    linger(from, client, now);
}

/// The request goes on with the next bytes: the connection needs a parser of its own.
void connections::keep_unfinished(handle from, connection& client, steady_time now) {
  if (!client.parser)
    client.parser = std::exchange(spare_parser_, std::make_unique<request_parser>(limits_));
  const auto& parser = *client.parser;
  if (client.now == phase::idle && parser.has_begun()) {
    client.now = phase::receiving;
    client.since = now;
  }
  if (parser.awaits_continue() && !client.continued) {
    client.continued = true;
    send(from, client, "HTTP/1.1 100 Continue\r\n\r\n", now);
  }
  if (parser.reads_body()) {
    const auto left = parser.body_bytes_left();
    client.reads_much = true;
    wire_.read_at_most(from,
                       static_cast<size_t>(std::clamp<uint64_t>(left, medium_read, large_read)));
  }
}

void connections::read_little(handle from, connection& client) {
  client.reads_much = false;
  wire_.read_at_most(from, small_read);
}

void connections::take(handle from, connection& client, const http_request& request,
                       steady_time now) {
  client.keep_alive = request.keep_alive && !drain_until_;
  client.is_http_1_0 = request.is_http_1_0;
  client.head_only = request.method == http_method::head;
  const auto id = request.header("X-Request-Id");
  if (id && is_request_id(*id))
    client.request_id = *id;
  else
    client.request_id = ids_.next();
  auto result = sink_.take(request, from);
  if (const auto* at_once = std::get_if<reply>(&result)) {
    write(from, client, *at_once, now);
    return;
  }
  client.exchange = std::get<exchange_number>(result);
  client.now = phase::waiting;
}

void connections::refuse(handle to, connection& client, const problem& why, steady_time now) {
  client.keep_alive = false;
  client.is_http_1_0 = false;
  client.head_only = false;
  client.request_id = ids_.next();
  if (log_->enabled(log_level::debug))
    log_->debug("refused what is not a request",
                {{"status", std::to_string(why.status)}, {"why", why.detail}});
  sink_.refused(why.status);
  write(to, client, problem_reply(why), now);
}

/// Null if that exchange's client is gone. Descriptors are used again, numbers of exchanges never.
connections::connection* connections::answered_to(handle to, exchange_number exchange) {
  const auto found = open_.find(to);
  return found == open_.end() || found->second.exchange != exchange ? nullptr : &found->second;
}

void connections::respond(handle to, exchange_number exchange, const reply& what, steady_time now) {
  auto* client = answered_to(to, exchange);
  if (!client)
    return;
  client->keep_alive &= !drain_until_;
  write(to, *client, what, now);
  serve_waiting(to, *client, now);
  settle();
}

void connections::begin_stream(handle to, exchange_number exchange, const reply& head,
                               steady_time now) {
  auto* client = answered_to(to, exchange);
  if (!client)
    return;
  client->now = phase::streaming;
  client->waiting.clear();
  client->keep_alive = false;
  render(*client, head);
  send(to, *client, out_, now);
  // Its end shows only when it is read.
  if (std::exchange(client->halted, false))
    wire_.go_on_reading(to);
}

stream_outcome connections::stream(handle to, exchange_number exchange, std::string_view bytes,
                                   steady_time now) {
  auto* client = answered_to(to, exchange);
  if (!client || client->now != phase::streaming)
    return stream_outcome::nobody;
  // A part of any size is fine for a client that has taken everything before.
  const bool too_slow = client->unsent > 0 && client->unsent + bytes.size() > stream_unsent_max;
  // Of a client that has ended its side nothing is read, so it would not be missed.
  if (too_slow || client->input_ended) {
    client->exchange = 0;
    if (too_slow) {
      wire_.abort(to);
      ended_.push_back(to);
      settle();
    } else {
      linger(to, *client, now);
    }
    return stream_outcome::nobody;
  }
  send(to, *client, bytes, now);
  return client->unsent == 0 ? stream_outcome::taken : stream_outcome::waits;
}

void connections::end_stream(handle to, exchange_number exchange, steady_time now) {
  auto* client = answered_to(to, exchange);
  if (!client)
    return;
  client->exchange = 0;
  linger(to, *client, now);
  settle();
}

void connections::render(connection& client, const reply& what) {
  out_.clear();
  writer_.write(what, {client.keep_alive, client.is_http_1_0, client.head_only, client.request_id},
                out_);
}

void connections::write(handle to, connection& client, const reply& what, steady_time now) {
  client.keep_alive &= !what.streams; // to HEAD: as it would be to GET
  render(client, what);
  client.exchange = 0;
  client.now = phase::idle;
  client.since = now;
  send(to, client, out_, now);
  if (out_.capacity() > kept_response)
    std::string{}.swap(out_);
  if (!client.keep_alive)
    linger(to, client, now);
}

void connections::send(handle to, connection& client, std::string_view bytes, steady_time now) {
  const bool waited = client.unsent > 0; // and still waits for the first byte to be taken
  client.unsent = wire_.send(to, bytes, client.unsent);
  if (client.unsent > 0 && !waited)
    client.since = now;
}

void connections::linger(handle to, connection& client, steady_time now) {
  client.now = phase::lingering;
  client.since = now;
  client.waiting.clear();
  if (client.unsent > 0)
    return; // See sent().
  wire_.end_sending(to);
  if (client.input_ended) {
    wire_.close(to);
    ended_.push_back(to);
  } else if (client.halted) {
    client.halted = false;
    wire_.go_on_reading(to);
  }
}

void connections::sent(handle to, size_t unsent, steady_time now) {
  const auto found = open_.find(to);
  if (found == open_.end())
    return;
  auto& client = found->second;
  client.unsent = unsent;
  client.since = now;
  if (unsent > 0)
    return;
  wire_.all_sent(to);
  if (client.now == phase::lingering)
    linger(to, client, now);
  else if (client.now == phase::streaming)
    sink_.drained(client.exchange);
  else if (client.now != phase::waiting)
    serve_waiting(to, client, now);
  settle();
}

void connections::closed(handle which, steady_time now) {
  auto node = open_.extract(which);
  if (node.empty())
    return;
  auto& client = node.mapped();
  if (client.exchange != 0 && sink_.outlives_input(client.exchange)) {
    if (const auto kept = wire_.keep_for_sending(which)) {
      client.input_ended = true;
      client.since = now;
      node.key() = *kept;
      sink_.moved(client.exchange, *kept);
      open_.insert(std::move(node));
      return;
    }
  }
  if (client.exchange != 0)
    sink_.abandoned(client.exchange);
  settle();
}

/// The socket takes more only once a third of it is free, which may be long after the client took
/// its first byte.
void connections::look_for_progress(handle at, connection& client, steady_time now) {
  const auto left = wire_.unacknowledged(at);
  if (left < client.unacknowledged)
    client.since = now;
  client.unacknowledged = left;
}

bool connections::is_overdue(const connection& client, steady_time now) const {
  const auto spent = now - client.since;
  if (client.unsent > 0 && drain_until_)
    return spent > linger_time || now > *drain_until_;
  if (client.unsent > 0)
    return spent > options_.send_timeout;
  switch (client.now) {
  case phase::idle:
    return spent > options_.idle_timeout;
  case phase::receiving:
    return spent > options_.request_timeout;
  case phase::waiting:
  case phase::streaming:
    return false; // The sink watches over that.
  case phase::lingering:
    return spent > linger_time;
  }
  return false;
}

void connections::end_overdue(handle which, connection& client, steady_time now) {
  if (client.now == phase::receiving && client.unsent == 0) {
    client.parser.reset();
    refuse(which, client, problems::request_timeout(to_milliseconds(options_.request_timeout)),
           now);
    return;
  }
  if (client.exchange != 0)
    sink_.abandoned(client.exchange);
  if (client.now == phase::idle && client.unsent == 0)
    wire_.close(which);
  else
    wire_.abort(which);
  ended_.push_back(which);
}

void connections::sweep(steady_time now) {
  for (auto& [which, client] : open_) {
    if (client.unsent > 0)
      look_for_progress(which, client, now);
    if (is_overdue(client, now))
      end_overdue(which, client, now);
  }
  settle();
}

void connections::drain(steady_time now) {
  drain_until_ = now + drain_send_time;
  for (const auto& acceptor : std::exchange(acceptors_, {}))
    wire_.close(acceptor);
  for (auto& [which, client] : open_) {
    client.keep_alive = false;
    if (client.unsent > 0)
      client.since = now; // What it let pass before, it was allowed.
    if (client.now == phase::idle && client.unsent == 0) {
      wire_.close(which);
      ended_.push_back(which);
    }
  }
  settle();
}

bool connections::all_taken() const {
  return std::all_of(open_.begin(), open_.end(),
                     [](const auto& each) { return each.second.unsent == 0; });
}

/// Forgets what has ended, and accepts again if that makes room.
void connections::settle() {
  for (const auto& which : std::exchange(ended_, {}))
    open_.erase(which);
  if (!full_ || open_.size() >= options_.max_connections)
    return;
  full_ = false;
  for (const auto& acceptor : acceptors_)
    wire_.go_on_accepting(acceptor);
}

} // namespace errand
