// Sends requests for tasks: over connections that are kept, to addresses that tasks may connect to,
// along a few redirects, and no longer than its task wants to wait.
#pragma once

#include "handlers/address_rules.hpp"
#include "handlers/curl_handle.hpp"
#include "handlers/http_answer.hpp"
#include "handlers/http_args.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace errand {

struct http_sender_options {
  address_policy addresses;
  std::vector<std::string> keys; ///< To sign with; see webhook_key().
  size_t body_max = 64 * 1024;   ///< Bytes of an answer that are kept.
  size_t redirects_max = 5;
  std::chrono::milliseconds connect_timeout{10'000};
  std::string ca_file; ///< Whom to trust; empty: as the system does.
  std::string user_agent = "errand";

  /// Names that are not asked of a resolver, as CURLOPT_RESOLVE takes them. Asked anew for each
  /// request, so that a test can let a name change its address.
  std::function<std::vector<std::string>()> pinned_names;
};

/// Of whom a request tells.
struct http_cause {
  std::string id;      ///< For webhook-id: the same as long as the same thing is sent.
  header_list headers; ///< Errand-Task-Id and its kin.
};

class http_sender {
public:
  explicit http_sender(http_sender_options options) : options_(std::move(options)) {}

  /// Sends it and returns the answer, whatever its status. Redirects are followed unless their
  /// status is `expected`. Blocks until then; `should_stop` is asked about every 50 ms. Throws
  /// PermanentError if that can never work (an address that is refused, too many redirects), and
  /// std::runtime_error if it may work later (no connection, a connection that breaks, a stop).
  /// Any thread.
  http_answer send(http_message message, const http_cause& cause, const std::vector<int>& expected,
                   const std::function<bool()>& should_stop);

private:
  http_answer send_once(curl_client& client, const http_message& message,
                        const header_list& own_headers, const std::function<bool()>& should_stop);

  const http_sender_options options_;
  curl_pool clients_;
};

} // namespace errand
