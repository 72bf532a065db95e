// The FRONT: a CAF broker that answers HTTP. Runs in CAF's multiplexer thread; nothing here blocks.
// http/connections has the bytes, http/exchanges the requests, http/*_routes what they mean.
#pragma once

#include "http/event_stream.hpp"
#include "http/exchanges.hpp"
#include "http/ingress_routes.hpp"
#include "http/program_routes.hpp"
#include "http/redaction.hpp"

#include <string>
#include <vector>

namespace errand {

struct front_setup {
  HttpOptions options;
  std::vector<int> listening; ///< From open_listener(); the FRONT's own from then on.
  front_peers peers;
  access_setup access;
  redaction_ptr redact = std::make_shared<const redaction>(); ///< Of what clients are shown.
  std::vector<ingress_route> ingress;
  std::vector<program_route> program_routes;
  std::vector<std::string> known_kinds; ///< Submitting another kind earns a warning.
  std::string version;
  logger_ptr log;
  wall_clock now;
  std::chrono::milliseconds heartbeat = heartbeat_interval; ///< Of streams.
};

/// Every path that there is, save for "*". There is no other place where one is added.
void add_all_routes(router& to, const front_setup& setup);

/// Everything the FRONT remembers.
struct front_state {
  std::unique_ptr<exchanges> requests;
  std::unique_ptr<connections> clients;      ///< Refers to `requests`.
  steady_time sweep_at = steady_time::max(); ///< When the newest timer fires.
  std::vector<caf::typed_response_promise<done_atom>> drained;
  static inline const char* name = "front";
};

/// To be spawned by the middleman's spawn_broker().
front_actor::behavior_type front(front_pointer self, front_setup setup);

} // namespace errand
