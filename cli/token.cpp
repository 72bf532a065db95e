// `errand token new`: a token for who is to use the server, and what the server is to know of it.
#include "cli/commands.hpp"
#include "http/tokens.hpp"
#include "server/named_options.hpp"
#include "server/printable.hpp"
#include "server/token_options.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

namespace errand {

namespace {

/// In the order in which they came first.
std::vector<std::string> each_once(const std::vector<std::string>& given) {
  std::vector<std::string> once;
  for (const auto& each : given)
    if (std::find(once.begin(), once.end(), each) == once.end())
      once.push_back(each);
  return once;
}

} // namespace

int new_token(const cli_call& call, const std::string& name, const std::vector<std::string>& given,
              bool as_json) {
  const auto scopes = each_once(given);
  std::vector<std::string> errors;
  if (name.empty())
    errors.emplace_back("--name is missing: say whose token it is, such as --name web");
  else if (auto fault = token_name_fault(name))
    errors.push_back("--name " + string_literal(name) + ' ' + *fault);
  if (scopes.empty())
    errors.emplace_back("--scope is missing: say what the token is for, such as --scope submit");
  std::string list;
  for (const auto& scope : scopes) {
    if (!parse_scope(scope))
      errors.push_back("--scope is " + string_literal(scope)
                       + ", but must be one or more of read, submit, work and admin");
    list.append(list.empty() ? "" : ", ").append(string_literal(scope));
  }
  if (!errors.empty()) {
    tell(call, errors);
    return exit_usage;
  }
  const auto token = new_token();
  if (as_json) {
    call.out << nlohmann::ordered_json{{"token", token},
                                       {"name", name},
                                       {"hash", to_string(hash_of_token(token))},
                                       {"scopes", scopes}}
                    .dump()
             << '\n';
    return exit_done;
  }
  call.out << token << '\n';
  call.out.flush();
  call.err << "# The token is shown only now. For errand.toml, which the server reads at start:\n"
           << '[' << table_name("tokens", name) << "]\n"
           << "hash = \"" << to_string(hash_of_token(token)) << "\"\n"
           << "scopes = [" << list << "]\n";
  return exit_done;
}

} // namespace errand
