// A real FRONT on a port of the system's choice, with doubles behind it.
#pragma once

#include "http/front.hpp"
#include "http/listener.hpp"
#include "tests/protocol/peer_doubles.hpp"
#include "tests/protocol/raw_client.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>

#include <functional>

namespace errand::test {

ingress_route ingress(http_method method, const char* path, const char* kind, const char* args,
                      int status, const char* body);

/// It has no token, and goes by the names that these tests call it, beside what every server does.
class front_fixture {
public:
  explicit front_fixture(const HttpOptions& options = {}, const std::string& host = "127.0.0.1",
                         std::chrono::milliseconds heartbeat = heartbeat_interval,
                         const std::function<void(front_setup&)>& adjust = {});
  ~front_fixture();

  raw_client connect(int receive_buffer = 0) const {
    return raw_client{port_, "127.0.0.1", receive_buffer};
  }
  uint16_t port() const { return port_; }
  const front_actor& front() const { return front_; }
  caf::actor_system& system() { return system_; }

private:
  struct config : caf::actor_system_config {
    config();
  };

  config config_;
  caf::actor_system system_;

public:
  peer_doubles peers;

private:
  uint16_t port_ = 0;
  front_actor front_;
};

} // namespace errand::test
