#include "http/event_routes.hpp"

#include "http/event_query.hpp"
#include "http/streaming.hpp"

namespace errand {

namespace {

constexpr question subscribed = 0;

/// Catches up in steps, each when the client has taken the one before; from then on each slice that
/// EVENTS sends goes out as it comes.
class events_rest final : public streaming {
public:
  events_rest(subscription wanted, std::chrono::milliseconds heartbeat_every,
              std::shared_ptr<event_texts> texts, exchange_link& link)
      : streaming(heartbeat_every), wanted_(std::move(wanted)), texts_(std::move(texts)) {
    go_on(link);
  }

  std::optional<reply> answered(question, const answer& what, exchange_link& link) override {
    const auto& slice = std::get<event_slice_ptr>(what.content);
    if (is_live_) {
      link.stream(texts_->of(slice));
      return std::nullopt;
    }
    begin(link);
    is_live_ = !slice->more;
    wanted_.after = slice->last;
    std::string bytes{texts_->of(slice)};
    append_position(bytes, slice->last);
    const bool taken = link.stream(bytes);
    if (slice->more && taken)
      go_on(link);
    else if (slice->more)
      fall_behind();
    return std::nullopt;
  }

  void abandoned(exchange_link& link) override { link.leave(subscribed, wanted_.filter); }

private:
  void go_on(exchange_link& link) override { link.subscribe(subscribed, wanted_); }

  subscription wanted_;
  std::shared_ptr<event_texts> texts_;
  bool is_live_ = false; ///< Nothing is left to catch up with.
};

/// What a client that comes back has seen last. What can't be an id of ours is one that was never
/// given, and so resumes with a gap.
std::optional<uint64_t> last_event_id(const http_request& request) {
  const auto text = request.header("Last-Event-ID");
  if (!text || text->empty())
    return std::nullopt;
  return parse_decimal(*text).value_or(0);
}

route_result stream_events(const route_call& call, std::chrono::milliseconds heartbeat_every,
                           const std::shared_ptr<event_texts>& texts) {
  auto parsed = parse_event_query(call.query);
  if (auto* errors = std::get_if<std::vector<field_error>>(&parsed))
    return problem_reply(problems::invalid(std::move(*errors)));
  if (call.request.method == http_method::head)
    return event_stream_head();
  subscription wanted{std::move(std::get<event_filter>(parsed)), last_event_id(call.request)};
  return std::make_unique<events_rest>(std::move(wanted), heartbeat_every, texts, call.link);
}

} // namespace

void add_event_routes(router& to, std::chrono::milliseconds heartbeat_every) {
  to.add(http_method::get, "/v1/events", {scope::read},
         [heartbeat_every, texts = std::make_shared<event_texts>()](const route_call& call) {
           return stream_events(call, heartbeat_every, texts);
         });
}

} // namespace errand
