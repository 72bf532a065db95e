#include "http/ingress_args.hpp"

#include "http/json_codec.hpp"
#include "http/json_text.hpp"
#include "http/json_writer.hpp"
#include "task/near_name.hpp"
#include "task/spec_rules.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace errand {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> placeholder_names{"$body", "$query", "$header"};
constexpr std::string_view default_name = "default";
constexpr std::string_view is_missing = "is missing, and this path makes its task of it; send it";

/// What such a header holds is nobody's but the server's, and a task's args can be read.
constexpr std::array<std::string_view, 3> secret_headers{"Authorization", "Proxy-Authorization",
                                                         "Cookie"};

bool begins_with_dollar(const json& value) {
  return value.is_object() && std::any_of(value.items().begin(), value.items().end(), [](auto& i) {
           return i.key().starts_with('$');
         });
}

/// application/json, application/cloudevents+json, with or without parameters.
bool is_json_type(std::string_view content_type) {
  const auto type = trimmed(content_type.substr(0, content_type.find(';')));
  constexpr std::string_view suffix = "+json";
  return equals_ignoring_case(type, "application/json")
         || (type.size() > suffix.size()
             && equals_ignoring_case(type.substr(type.size() - suffix.size()), suffix));
}

/// What is wrong with a text that should be JSON. It is read by itself first, so that it can't end
/// what it is put into.
std::optional<problem> why_not_json(std::string_view body) {
  if (auto why = why_no_text(body, "a JSON value, as the Content-Type says"))
    return why;
  if (json::accept(body))
    return std::nullopt;
  try {
    const auto never = json::parse(body);
    static_cast<void>(never);
  } catch (const json::parse_error& error) {
    return problems::not_json(syntax_error(error.byte, {}, error.what()));
  } catch (const json::exception&) {
    // A number that no double can hold is told by whoever reads the args.
  }
  return std::nullopt;
}

std::string json_text(std::string_view text) {
  std::string out;
  json_writer(out).string(text);
  return out;
}

} // namespace

/// Writes the args anew, and begins another piece with each placeholder.
class args_template::compiler {
public:
  explicit compiler(args_template& into) : pieces_(into.pieces_) { pieces_.assign(1, {}); }

  std::vector<field_error> faults;

  void write(const json& value, const std::string& pointer) {
    if (begins_with_dollar(value))
      return placeholder(value, pointer);
    if (value.is_object()) {
      text() += '{';
      const char* separator = "";
      for (const auto& [key, inner] : value.items()) {
        text().append(separator).append(json_text(key)).append(":");
        write(inner, pointer + pointer_step(key));
        separator = ",";
      }
      text() += '}';
    } else if (value.is_array()) {
      text() += '[';
      for (size_t i = 0; i < value.size(); ++i) {
        text() += i == 0 ? "" : ",";
        write(value[i], pointer + '/' + std::to_string(i));
      }
      text() += ']';
    } else {
      text() += value.dump();
    }
  }

private:
  std::string& text() { return pieces_.back().text; }

  void placeholder(const json& value, const std::string& pointer) {
    const auto known = std::find_if(placeholder_names.begin(), placeholder_names.end(),
                                    [&](auto name) { return value.contains(std::string(name)); });
    for (const auto& [key, inner] : value.items())
      if (known == placeholder_names.end() ? key.starts_with('$')
                                           : key != *known && key != default_name)
        refuse(pointer + pointer_step(key), unknown(key));
    if (known == placeholder_names.end())
      return;
    const auto& what = value.at(std::string(*known));
    const auto below = pointer + '/' + std::string(*known);
    auto& piece = pieces_.back();
    if (*known == "$body") {
      piece.from = source::body;
      if (what != json(true))
        refuse(below, "must be true");
    } else {
      piece.from = *known == "$query" ? source::query : source::header;
      if (what.is_string())
        piece.name = what.get<std::string>();
      check_name(below, piece);
    }
    if (value.contains(std::string(default_name)))
      piece.fallback = value.at(std::string(default_name)).dump();
    pieces_.emplace_back();
  }

  void check_name(const std::string& pointer, const piece& what) {
    if (what.from == source::query && what.name.empty())
      refuse(pointer, "must be the name of a parameter of the query, such as \"name\"");
    if (what.from == source::header && !is_token(what.name))
      refuse(pointer, "must be the name of a header, such as \"X-Name\"");
    for (const auto secret : secret_headers)
      if (what.from == source::header && equals_ignoring_case(what.name, secret))
        refuse(pointer, "is a header that holds secrets, and args are shown; leave it out");
  }

  static std::string unknown(const std::string& key) {
    if (!key.starts_with('$'))
      return "stands beside a name that begins with $, and there may be nothing there but "
             "\"default\"";
    if (std::find(placeholder_names.begin(), placeholder_names.end(), key)
        != placeholder_names.end())
      return "stands beside another of $body, $query and $header; keep one of them";
    const auto near = near_name(key, placeholder_names);
    return "begins with $, and is none of $body, $query and $header"
           + (near ? "; did you mean " + std::string(*near) + "?" : std::string());
  }

  void refuse(std::string pointer, std::string detail) {
    faults.push_back({std::move(pointer), std::move(detail)});
  }

  std::vector<piece>& pieces_;
};

std::variant<args_template, std::vector<field_error>>
args_template::parse(std::string_view args_json) {
  args_template made;
  compiler into(made);
  into.write(json::parse(args_json), "");
  if (!into.faults.empty())
    return std::move(into.faults);
  return made;
}

std::optional<problem> args_template::append_body(const piece& what, const http_request& request,
                                                  std::string& out) {
  if (request.body.empty()) {
    out += what.fallback.value_or("null");
  } else if (is_json_type(request.header("Content-Type").value_or(""))) {
    if (auto why = why_not_json(request.body))
      return why;
    out += request.body;
  } else {
    json_writer(out).string(request.body);
  }
  return std::nullopt;
}

std::optional<std::string> args_template::append_parameter(const piece& what,
                                                           const query_parameters& query,
                                                           std::string& out) {
  const auto is_it = [&](const query_parameter& each) { return each.name == what.name; };
  const auto found = std::find_if(query.begin(), query.end(), is_it);
  if (found == query.end() && !what.fallback)
    return std::string(is_missing);
  if (found == query.end())
    out += *what.fallback;
  else if (std::count_if(found, query.end(), is_it) > 1)
    return "is given more than once; give it once";
  else
    json_writer(out).string(found->value);
  return std::nullopt;
}

std::optional<std::string>
args_template::append_header(const piece& what, const http_request& request, std::string& out) {
  std::optional<std::string> value;
  for (const auto& each : request.headers)
    if (equals_ignoring_case(each.name, what.name))
      value = value ? *value + ", " + std::string(each.value) : std::string(each.value);
  if (value)
    json_writer(out).string(*value);
  else if (what.fallback)
    out += *what.fallback;
  else
    return std::string(is_missing);
  return std::nullopt;
}

std::variant<std::string, problem> args_template::fill(const http_request& request,
                                                       const query_parameters& query) const {
  std::string args;
  std::vector<field_error> lacking;
  bool has_foreign_json = false;
  for (const auto& each : pieces_) {
    args += each.text;
    std::optional<std::string> why;
    std::string pointer = each.name;
    if (each.from == source::body) {
      has_foreign_json = true;
      if (auto refusal = append_body(each, request, args))
        return std::move(*refusal);
    } else if (each.from == source::query) {
      pointer.insert(0, 1, '?');
      why = append_parameter(each, query, args);
    } else if (each.from == source::header) {
      why = append_header(each, request, args);
    }
    // The same part may stand for several values.
    const auto is_told = [&](const field_error& told) { return told.pointer == pointer; };
    if (why && std::none_of(lacking.begin(), lacking.end(), is_told))
      lacking.push_back({std::move(pointer), std::move(*why)});
  }
  if (!lacking.empty())
    return problems::invalid(std::move(lacking));
  if (!has_foreign_json)
    return args;
  // Whatever holds for the args of a submit (depth, numbers, names given twice) holds here.
  auto decoded = decode_spec(R"({"kind":"any","args":)" + args + '}');
  if (auto* why = std::get_if<problem>(&decoded))
    return std::move(*why);
  return std::move(std::get<task_spec>(decoded).args_json);
}

} // namespace errand
