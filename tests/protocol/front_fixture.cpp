#include "tests/protocol/front_fixture.hpp"
#include "tests/support/silent_logger.hpp"

#include <caf/send.hpp>
#include <stdexcept>

namespace errand::test {

ingress_route ingress(http_method method, const char* path, const char* kind, const char* args,
                      int status, const char* body) {
  ingress_route route;
  route.method = method;
  route.path = path;
  route.spec.kind = kind;
  route.args = std::get<args_template>(args_template::parse(args));
  route.reply_status = status;
  route.reply_body = body;
  return route;
}

front_fixture::config::config() {
  load<caf::io::middleman>();
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", size_t{2});
  set("middleman.workers", size_t{0});
  set("middleman.max-consecutive-reads", size_t{1});
}

front_fixture::front_fixture(const HttpOptions& options, const std::string& host,
                             std::chrono::milliseconds heartbeat,
                             const std::function<void(front_setup&)>& adjust)
    : system_(config_), peers(system_) {
  auto opened = open_listener(host, 0);
  if (!opened.ok())
    throw std::runtime_error(opened.why().message());
  port_ = opened->port;
  front_setup setup;
  setup.options = options;
  setup.listening = opened->sockets;
  setup.peers = peers.handles();
  setup.ingress = {
      ingress(http_method::get, "/sleep", "sleep", R"({"seconds":5})", 200, "when i sleep"),
      ingress(http_method::post, "/hook", "noop", "{}", 418, "thanks")};
  setup.known_kinds = {"sleep", "noop", "echo"};
  setup.version = "1.2.3";
  setup.log = std::make_shared<silent_logger>();
  setup.now = system_now;
  setup.heartbeat = heartbeat;
  setup.access.own_names = {"h", "test", "x", "example.org"};
  if (adjust)
    adjust(setup);
  front_ = system_.middleman().spawn_broker(errand::front, std::move(setup));
}

front_fixture::~front_fixture() {
  caf::anon_send_exit(front_, caf::exit_reason::user_shutdown);
  front_ = front_actor{};
}

} // namespace errand::test
