#include "server/route_tables.hpp"

#include "http/spec_fields.hpp"
#include "server/routes.hpp"
#include "task/near_name.hpp"

#include <algorithm>
#include <array>

namespace errand {

namespace {

using nlohmann::json;

constexpr std::string_view family = "routes";

/// What a route has beside the fields of its task.
constexpr std::array<std::string_view, 4> route_keys{"method", "path", "public", "reply"};
constexpr std::array<std::string_view, 3> reply_keys{"status", "content_type", "body"};

bool is_in(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string meant(std::string_view name, const auto& names) {
  const auto near = near_name(name, names);
  return near ? "; did you mean " + std::string(*near) + "?" : "";
}

/// Reads one table; what has the wrong type is told at its place.
class route_reader {
public:
  route_reader(const json& table, size_t index, const config_tree& tree,
               std::vector<std::string>& errors)
      : table_(table), index_(index), tree_(tree), errors_(errors) {}

  RouteOptions read() {
    RouteOptions route;
    read_text(table_, "method", "", route.method);
    read_text(table_, "path", "", route.path);
    if (const auto found = table_.find("public"); found != table_.end()) {
      if (found->is_boolean())
        route.is_public = found->get<bool>();
      else
        refuse("/public", "must be true or false");
    }
    if (const auto found = table_.find("reply"); found != table_.end())
      read_reply(*found, route);
    auto task = json::object();
    for (const auto& [key, value] : table_.items())
      if (find_spec_field(key) != nullptr)
        task[key] = value;
      else if (!is_in(route_keys, key))
        refuse('/' + key, "is not a key of a route" + meant(key, route_keys)
                              + "; there are method, path, public, reply and the fields of a task");
    route.task_json = task.dump(-1, ' ', false, json::error_handler_t::replace);
    return route;
  }

private:
  void read_reply(const json& reply, RouteOptions& route) {
    if (!reply.is_object())
      return refuse("/reply", "must be a table such as {status = 200, body = \"thanks\"}");
    for (const auto& [key, value] : reply.items())
      if (!is_in(reply_keys, key))
        refuse("/reply/" + key, "is not a key of a reply" + meant(key, reply_keys)
                                    + "; there are status, content_type and body");
    read_text(reply, "content_type", "/reply", route.content_type);
    read_text(reply, "body", "/reply", route.body);
    if (const auto found = reply.find("status"); found != reply.end()) {
      constexpr int64_t least = -1, most = 1000; // what lies beyond is refused as these are
      if (found->is_number_integer())
        route.status = static_cast<int>(std::clamp(found->get<int64_t>(), least, most));
      else
        refuse("/reply/status", "must be a whole number from 200 to 599");
    }
  }

  void read_text(const json& from, const char* key, const std::string& above, std::string& to) {
    const auto found = from.find(key);
    if (found == from.end())
      return;
    if (found->is_string())
      to = found->get<std::string>();
    else
      refuse(above + '/' + key, "must be a string");
  }

  void refuse(const std::string& pointer, const std::string& detail) {
    errors_.push_back(tree_.place_of('/' + std::to_string(index_) + pointer) + ": "
                      + name_of({index_, pointer, {}}) + ' ' + detail);
  }

  const json& table_;
  size_t index_;
  const config_tree& tree_;
  std::vector<std::string>& errors_;
};

std::string toml_of(const json& value) {
  if (value.is_array() || value.is_object()) {
    std::string text;
    for (const auto& [key, inner] : value.items())
      text += (text.empty() ? "" : ", ") + (value.is_object() ? json(key).dump() + " = " : "")
              + toml_of(inner);
    return value.is_array() ? '[' + text + ']' : '{' + text + '}';
  }
  return value.dump(); // which has the same form in both
}

} // namespace

bool take_routes(const config_entry& entry, loaded_settings& loaded) {
  if (entry.path[0] != family)
    return false;
  const auto* value = std::get_if<foreign_value>(&entry.value);
  const auto* tree = value ? value->as<std::shared_ptr<const config_tree>>() : nullptr;
  const auto* names = value ? value->as<std::vector<std::string>>() : nullptr;
  loaded.options.routes.clear();
  if (names && names->empty())
    return true; // routes = []
  if (!tree) {
    loaded.errors.push_back(entry.key_place
                            + ": routes must be tables: a line [[routes]] for each route, and its "
                              "keys below");
    return true;
  }
  auto& errors = loaded.errors;
  const auto errors_before = errors.size();
  errors.insert(errors.end(), (*tree)->errors.begin(), (*tree)->errors.end());
  for (const auto& table : (*tree)->value)
    loaded.options.routes.push_back(
        route_reader{table, loaded.options.routes.size(), **tree, errors}.read());
  if (errors.size() > errors_before)
    return true;
  for (const auto& fault : check_routes(loaded.options.routes).faults)
    errors.push_back((*tree)->place_of('/' + std::to_string(fault.route) + fault.pointer) + ": "
                     + name_of(fault) + ' ' + fault.detail);
  return true;
}

std::string routes_to_toml(const Options& options) {
  std::string text;
  for (const auto& route : options.routes) {
    text += "\n[[routes]]\nmethod = " + json(route.method).dump()
            + "\npath = " + json(route.path).dump() + "\n";
    const auto task = json::parse(route.task_json);
    for (const auto& [key, value] : task.items())
      text += key + " = " + toml_of(value) + "\n";
    text +=
        "reply = "
        + toml_of(
            {{"status", route.status}, {"content_type", route.content_type}, {"body", route.body}});
    text += route.is_public ? "\npublic = true\n" : "\n";
  }
  return text;
}

} // namespace errand
