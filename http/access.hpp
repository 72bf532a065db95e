// Who may use the server, decided before anything of a request is interpreted: which peers, which
// names of the server, which web pages, which tokens with which scopes. Pure; the front's thread.
#pragma once

#include "http/cors.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"
#include "http/scope.hpp"
#include "http/tokens.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace errand {

/// Its values are checked by whoever reads them.
struct access_setup {
  bool no_auth = false; ///< Everybody who can connect may do everything.
  std::vector<known_token> tokens;

  /// Names under which the server may be addressed, without ports. Addresses and "localhost" always
  /// do. Where tokens are needed, every name does if there is none here; with no_auth, names
  /// without a dot do, too.
  std::vector<std::string> hosts;

  /// Names that will do without being configured: the one that the server listens on.
  std::vector<std::string> own_names;

  std::vector<std::string> origins; ///< Of web pages that may use the server.
};

/// What a request says about who sent it.
struct caller {
  std::string name; ///< Of the token; empty without one.
  scope_set scopes;
  std::optional<reply> stranger; ///< What to answer one who has to be somebody, and is not.
  std::string origin;            ///< The configured one of the page that asks, or empty.
  bool is_foreign_page = false;
  bool is_navigation = false; ///< A person follows a link.
};

class access_control {
public:
  explicit access_control(access_setup setup);

  /// Looks at where the request came from and at its headers. A reply if that is enough to refuse
  /// it, or if it only asks whether a web page may ask.
  std::variant<caller, reply> receive(const http_request& request, bool from_this_machine) const;

  /// Why that caller may not use what asks for `needed`; nothing if it may.
  std::optional<reply> refuse(const caller& who, scope_set needed) const;

  const cors& pages() const { return cors_; }

  /// Whether the requests that are answered come from this machine only.
  bool is_closed() const { return !no_auth_ && tokens_.empty(); }

private:
  /// No token protects the server, and a page that rebinds its own name must not reach it.
  bool asks_nobody() const { return no_auth_ || tokens_.empty(); }

  bool is_own_name(std::string_view host) const;
  bool checks_names() const { return asks_nobody() || has_hosts_; }
  void read_page(const http_request& request, caller& who) const;
  void read_token(const http_request& request, caller& who) const;

  bool no_auth_;
  bool has_hosts_;
  token_ring tokens_;
  std::vector<std::string> names_;
  cors cors_;
};

/// Those that are to be answered whoever asks: they tell nothing but that the server is well.
bool asks_for_health(const http_request& request);

} // namespace errand
