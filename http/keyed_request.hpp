// Idempotency-Key: which requests carry one, which of those are in flight, and how a reply is kept
// to be given again. What was answered before is for the STORE to know. The front's thread.
#pragma once

#include "http/reply.hpp"
#include "http/request.hpp"
#include "http/route.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <variant>

namespace errand {

/// A request with a key, while it is in flight.
class keyed_request {
public:
  keyed_request(request_mark mark, std::unordered_set<std::string>& in_flight);
  ~keyed_request();
  keyed_request(const keyed_request&) = delete;
  keyed_request& operator=(const keyed_request&) = delete;

  /// What goes to the STORE with that question, whose answer `make` turns into the reply; it may be
  /// empty.
  request_key_ptr asking(question name, reply_function make);

  /// Whether the STORE has kept the reply that is made of the answer to that question.
  bool is_kept_with(question name) const { return kept_with_ == name; }

  kept_reply_ptr to_keep(const reply& what) const;

private:
  request_mark mark_;
  std::optional<question> kept_with_;
  std::unordered_set<std::string>& in_flight_;
};

using keyed_request_ptr = std::unique_ptr<keyed_request>;

class request_keys {
public:
  /// Null for a request without a key, and for any but POST: those that only look, and those that
  /// may be sent twice by nature. A refusal if the key is none, or in flight. Each token (`owner`,
  /// its name) has keys of its own.
  std::variant<keyed_request_ptr, reply> admit(const http_request& request, std::string_view owner);

private:
  std::unordered_set<std::string> in_flight_;
};

/// A kept reply, saying that it is one.
reply given_again(const kept_reply& kept);

} // namespace errand
