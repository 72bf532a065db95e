#include "server/access_setup.hpp"

#include "http/hosts.hpp"
#include "server/token_options.hpp"

#include <algorithm>

namespace errand {

access_setup make_access_setup(const Options& options) {
  access_setup setup;
  setup.no_auth = options.no_auth;
  for (const auto& [name, token] : options.tokens) {
    scope_set scopes;
    for (const auto& each : token.scopes)
      if (const auto known = parse_scope(each))
        scopes.add(*known);
    if (const auto hash = parse_token_hash(token.hash))
      setup.tokens.push_back({name, *hash, scopes});
  }
  if (!options.token.empty())
    setup.tokens.push_back(
        {std::string(token_variable), hash_of_token(options.token), {scope::admin}});
  setup.hosts = options.http.hosts;
  setup.own_names = {options.http.listen};
  setup.origins = options.http.cors_origins;
  return setup;
}

void warn_of_access(const Options& options, const listener& listening, logger& log) {
  const bool is_private =
      std::all_of(listening.addresses.begin(), listening.addresses.end(),
                  [](const std::string& address) { return is_loopback(without_port(address)); });
  if (is_private)
    return;
  if (options.no_auth)
    log.warn("everybody who can reach this server may use all of it, since it was told no_auth",
             {{"address", listening.addresses.front()}});
  else if (options.tokens.empty() && options.token.empty())
    log.warn("no token is configured, so that only this machine is answered: set ERRAND_TOKEN, or "
             "see `errand token new`",
             {{"address", listening.addresses.front()}});
}

} // namespace errand
