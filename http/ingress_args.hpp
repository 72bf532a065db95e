// The args of an ingress route, which may refer to the request: what stands for what, and the JSON
// that comes of it. Pure; the front's thread.
#pragma once

#include "http/problem.hpp"
#include "http/query.hpp"
#include "http/request.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace errand {

/// JSON in which these objects stand for parts of the request, wherever a value may be:
///   {"$body": true}      the body: a value if its Content-Type is JSON, else text; null without
///   one
///   {"$query": "name"}   the query's parameter, a string
///   {"$header": "name"}  the header, a string; several of that name with ", " between them
/// Each may have a "default", any JSON, for a request without that. Without a default, a body may
/// be missing and the others may not.
class args_template {
public:
  /// {}
  args_template() = default;

  /// Of args that are JSON already. Errors have pointers into the args; they are never empty.
  static std::variant<args_template, std::vector<field_error>> parse(std::string_view args_json);

  /// The args for that request, or why it can't have any: all that it lacks at once, a parameter of
  /// the query as "?name" and a header by its name.
  std::variant<std::string, problem> fill(const http_request& request,
                                          const query_parameters& query) const;

private:
  enum class source : uint8_t { nothing, body, query, header };

  /// Text, and what is put behind it.
  struct piece {
    std::string text;
    source from = source::nothing;
    std::string name;
    std::optional<std::string> fallback;
  };

  class compiler;

  static std::optional<problem> append_body(const piece& what, const http_request& request,
                                            std::string& out);
  static std::optional<std::string>
  append_parameter(const piece& what, const query_parameters& query, std::string& out);
  static std::optional<std::string> append_header(const piece& what, const http_request& request,
                                                  std::string& out);

  std::vector<piece> pieces_{{"{}", source::nothing, {}, {}}}; ///< Nothing is behind the last.
};

} // namespace errand
