#include "server/routes.hpp"

#include "http/json_codec.hpp"
#include "server/printable.hpp"
#include "task/schedule.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace errand {

namespace {

constexpr size_t path_bytes_max = 1024;
constexpr size_t body_bytes_max = 64 * 1024;

constexpr std::string_view path_rule =
    "'/' and up to 1023 more bytes, decoded, without '?', '#', '%', blanks and control characters";

/// The server's own, now or in the API's version 1.
constexpr std::array<std::string_view, 7> own_paths{
    "/", "/v1", "/livez", "/readyz", "/version", "/metrics", "/openapi.json"};
constexpr std::array<std::string_view, 2> own_folders{"/v1/", "/problems/"};

bool is_own_path(std::string_view path) {
  return std::find(own_paths.begin(), own_paths.end(), path) != own_paths.end()
         || std::any_of(own_folders.begin(), own_folders.end(),
                        [path](auto folder) { return path.starts_with(folder); });
}

bool is_path(std::string_view path) {
  return path.starts_with('/') && path.size() <= path_bytes_max && is_printable(path)
         && path.find_first_of("?#% ") == path.npos;
}

bool may_have_body(int status) {
  return status != 204 && status != 304;
}

/// Reads one route; what is wrong goes to `faults`.
class route_checker {
public:
  route_checker(const RouteOptions& from, size_t index, std::vector<route_fault>& faults)
      : from_(from), index_(index), faults_(faults) {}

  ingress_route check() {
    ingress_route made;
    const auto method = parse_route_method(from_.method);
    if (!method)
      refuse("/method", "is " + string_literal(from_.method)
                            + ", but must be GET, POST, PUT, PATCH or DELETE");
    made.method = method.value_or(http_method::get);
    if (from_.path.empty())
      refuse("/path", "is missing; it must be " + std::string(path_rule));
    else if (const auto fault = path_fault(from_.path))
      refuse("/path", *fault);
    made.path = from_.path;
    read_task(made);
    read_reply(made);
    made.is_public = from_.is_public;
    return made;
  }

private:
  void read_task(ingress_route& made) {
    auto decoded = decode_spec(from_.task_json);
    if (const auto* why = std::get_if<problem>(&decoded)) {
      for (const auto& error : why->errors)
        refuse(error.pointer, error.detail);
      if (why->errors.empty())
        refuse("", "has no task: " + why->detail);
      return;
    }
    made.spec = std::move(std::get<task_spec>(decoded));
    if (made.spec.run_at)
      refuse("/run_at", "is a moment, and each request has its own; leave it out, or give delay_s");
    if (made.spec.expires_at)
      refuse("/expires_at", "is a moment, and each request has its own; give expires_in_s");
    if (!made.spec.after.empty())
      refuse("/after", "names tasks, which end once, and requests come again; leave it out");
    auto args = args_template::parse(made.spec.args_json);
    if (const auto* errors = std::get_if<std::vector<field_error>>(&args))
      for (const auto& error : *errors)
        refuse("/args" + error.pointer, error.detail);
    else
      made.args = std::move(std::get<args_template>(args));
  }

  void read_reply(ingress_route& made) {
    if (from_.status < 200 || from_.status > 599)
      refuse("/reply/status",
             "is " + std::to_string(from_.status) + ", but must be a whole number from 200 to 599");
    else if (!may_have_body(from_.status) && !from_.body.empty())
      refuse("/reply/body", "goes with the status " + std::to_string(from_.status)
                                + ", which has none; leave it out, or choose another status");
    if (from_.body.size() > body_bytes_max)
      refuse("/reply/body",
             "has " + std::to_string(from_.body.size()) + " bytes, but may have at most 65536");
    if (from_.content_type.empty() || !is_field_value(from_.content_type))
      refuse("/reply/content_type", "is " + string_literal(from_.content_type)
                                        + ", but must be a media type such as text/plain");
    made.reply_status = from_.status;
    made.reply_content_type = from_.content_type;
    made.reply_body = from_.body;
  }

  void refuse(std::string pointer, std::string detail) {
    faults_.push_back({index_, std::move(pointer), std::move(detail)});
  }

  const RouteOptions& from_;
  size_t index_;
  std::vector<route_fault>& faults_;
};

} // namespace

checked_routes check_routes(const std::vector<RouteOptions>& routes) {
  checked_routes checked;
  std::set<std::pair<std::string, std::string>> seen;
  for (size_t i = 0; i < routes.size(); ++i) {
    checked.routes.push_back(route_checker{routes[i], i, checked.faults}.check());
    if (!seen.emplace(routes[i].method, routes[i].path).second)
      checked.faults.push_back({i, "/path",
                                "is " + string_literal(routes[i].path)
                                    + ", which another route has with the same method; each "
                                      "method and path has one route"});
  }
  if (routes.size() > max_routes)
    checked.faults.push_back({0, "",
                              "is one of " + std::to_string(routes.size())
                                  + " routes, but there may be at most "
                                  + std::to_string(max_routes)});
  return checked;
}

std::vector<std::string> routes_without_handler(const std::vector<RouteOptions>& routes,
                                                const std::vector<std::string>& kinds) {
  std::vector<std::string> lines;
  for (const auto& each : check_routes(routes).routes) {
    const auto& kind = each.spec.kind;
    if (!kind.empty() && std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
      lines.push_back("the route " + std::string(to_string(each.method)) + ' ' + each.path
                      + " makes tasks of the kind " + kind
                      + ", for which there is no handler: they stay queued until somebody takes "
                        "them");
  }
  return lines;
}

std::optional<std::string> path_fault(std::string_view path) {
  if (!is_path(path))
    return "is " + string_literal(path) + ", but must be " + std::string(path_rule);
  if (is_own_path(path))
    return "is " + string_literal(path) + ", which is one of the server's own; choose another";
  return std::nullopt;
}

std::optional<http_method> parse_route_method(std::string_view name) {
  const auto method = parse_http_method(name);
  if (method == http_method::head || method == http_method::options)
    return std::nullopt;
  return method;
}

std::string name_of(const route_fault& fault) {
  auto name = "routes[" + std::to_string(fault.route) + ']' + fault.pointer;
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

std::vector<std::string> wrong_routes(const Options& options) {
  std::vector<std::string> wrong;
  for (const auto& fault : check_routes(options.routes).faults)
    wrong.push_back("option " + name_of(fault) + ' ' + fault.detail);
  return wrong;
}

} // namespace errand
