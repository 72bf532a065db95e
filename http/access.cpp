#include "http/access.hpp"

#include "http/hosts.hpp"

#include <algorithm>
#include <iterator>

namespace errand {

namespace {

constexpr std::string_view challenge = "Bearer realm=\"errand\"";

reply with_challenge(const problem& why, std::string_view more) {
  auto made = problem_reply(why);
  made.headers.emplace_back("WWW-Authenticate", std::string(challenge) + std::string(more));
  return made;
}

/// What stands behind "Bearer"; nothing if the credentials are of another scheme.
std::optional<std::string_view> bearer_token(std::string_view credentials) {
  constexpr std::string_view scheme = "Bearer";
  if (!equals_ignoring_case(credentials.substr(0, scheme.size()), scheme)
      || (credentials.size() > scheme.size() && credentials[scheme.size()] != ' '))
    return std::nullopt;
  return trimmed(credentials.substr(scheme.size()));
}

/// "app.example.org:81" of "https://app.example.org:81"; empty if it is no origin of a page that
/// came by HTTP, such as "null".
std::string_view authority_of(std::string_view origin) {
  const auto scheme = origin.find("://");
  return scheme == std::string_view::npos ? std::string_view{} : origin.substr(scheme + 3);
}

} // namespace

bool asks_for_health(const http_request& request) {
  const auto path = request.target.substr(0, request.target.find('?'));
  return path == "/livez" || path == "/readyz";
}

access_control::access_control(access_setup setup)
    : no_auth_(setup.no_auth),
      has_hosts_(!setup.hosts.empty()),
      tokens_(std::move(setup.tokens)),
      names_(std::move(setup.hosts)),
      cors_(std::move(setup.origins)) {
  std::move(setup.own_names.begin(), setup.own_names.end(), std::back_inserter(names_));
}

bool access_control::is_own_name(std::string_view host) const {
  const auto name = without_port(host);
  // No web page can have made a browser send one of the first three for another server's name. Nor,
  // as a rule, a name without a dot: containers have such names, and nobody on the Internet.
  return name.empty() || is_ip_address(name) || equals_ignoring_case(name, "localhost")
         || (no_auth_ && is_single_label(name))
         || std::any_of(names_.begin(), names_.end(),
                        [name](const auto& known) { return equals_ignoring_case(known, name); });
}

std::variant<caller, reply> access_control::receive(const http_request& request,
                                                    bool from_this_machine) const {
  if (asks_for_health(request))
    return caller{{}, {scope::read}, {}, {}, false, false};
  if (is_closed() && !from_this_machine)
    return problem_reply(problems::no_token_configured());
  if (const auto host = request.header("Host").value_or(""); checks_names() && !is_own_name(host))
    return problem_reply(problems::misdirected(host));
  if (auto answer = cors_.preflight(request))
    return std::move(*answer);
  caller who;
  read_page(request, who);
  read_token(request, who);
  return who;
}

/// Origin comes with what a page sends by a script or a form; Sec-Fetch-Site with all that a
/// browser sends, pictures and links included.
void access_control::read_page(const http_request& request, caller& who) const {
  if (const auto origin = request.header("Origin")) {
    const auto authority = authority_of(*origin);
    const auto own = request.header("Host").value_or("");
    if (cors_.allows(*origin))
      who.origin = *origin;
    else
      who.is_foreign_page = authority.empty() || !equals_ignoring_case(authority, own);
    return;
  }
  const auto site = request.header("Sec-Fetch-Site").value_or("none");
  who.is_foreign_page = site != "none" && site != "same-origin";
  who.is_navigation = request.header("Sec-Fetch-Mode") == "navigate";
}

void access_control::read_token(const http_request& request, caller& who) const {
  if (asks_nobody()) {
    who.scopes = {scope::admin};
    return;
  }
  static constexpr std::string_view name = "Authorization";
  const auto times =
      std::count_if(request.headers.begin(), request.headers.end(),
                    [](const http_header& each) { return equals_ignoring_case(each.name, name); });
  const auto token = times == 1 ? bearer_token(*request.header(name)) : std::nullopt;
  if (times > 1) {
    who.stranger = with_challenge(
        problems::bad_request("The request has several Authorization headers; send one."),
        ", error=\"invalid_request\"");
  } else if (!token) {
    who.stranger = with_challenge(problems::token_missing(), {});
  } else if (const auto* known = tokens_.find(*token)) {
    who.name = known->name;
    who.scopes = known->scopes;
  } else {
    who.stranger = with_challenge(problems::token_unknown(), ", error=\"invalid_token\"");
  }
}

std::optional<reply> access_control::refuse(const caller& who, scope_set needed) const {
  if (needed.empty() && !is_closed())
    return std::nullopt;
  const bool only_looks = needed.contains(scope::read);
  if (who.is_foreign_page && !(who.is_navigation && only_looks))
    return problem_reply(problems::foreign_page());
  if (needed.empty())
    return std::nullopt;
  if (who.stranger)
    return who.stranger;
  if (!who.scopes.suffices_for(needed))
    return with_challenge(problems::scope_missing(to_string(needed), to_string(who.scopes)),
                          ", error=\"insufficient_scope\", scope=\"" + to_string(needed) + '"');
  return std::nullopt;
}

} // namespace errand
