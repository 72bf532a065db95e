// Requests to one server, with the token, and what is told when they fail. Everything blocks, with
// time limits; one thread.
#pragma once

#include "cli/client/failure.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace errand::client {

/// In the order of the text, so that what is printed looks like what was sent.
using json = nlohmann::ordered_json;

/// What the server answered, as text and as value.
struct document {
  std::string text;
  json value;
};

/// As the server sent it, with any status.
struct reply {
  int status = 0;
  std::string body;
};

using header_list = std::vector<std::pair<std::string, std::string>>;

struct order {
  std::string method = "GET";
  std::string path; ///< With its query, percent-encoded where need be.
  std::string body{};
  header_list headers{};
  std::chrono::seconds patience{30}; ///< For the answer to begin, and between its bytes.
};

class connection {
public:
  /// Connects at the first request. Throws failure (usage) if `url` is none or `token`, which may
  /// be empty, can't be one.
  connection(const std::string& url, std::string token);
  ~connection();

  const std::string& url() const { return url_; }

  /// Throws failure (unreachable) if no answer comes.
  reply send(const order& o);

  /// The JSON of a 2xx answer; null for one without a body. Throws failure also if the server
  /// refuses (refused), or if what answers is no Errand (unreachable).
  document ask(const order& o);
  document get(const std::string& path);

  /// The same for an answer that is text.
  std::string get_text(const std::string& path);

  /// Gives an endless answer to `on_bytes` as it comes, until that says false or the connection
  /// ends or falls silent. Throws failure if no answer begins, or if the server refuses.
  void stream(const order& o, const std::function<bool(std::string_view)>& on_bytes);

private:
  struct impl;
  [[noreturn]] void refuse(const reply& r) const;
  failure no_answer(const std::string& why) const;

  std::string url_;
  bool has_token_;
  std::unique_ptr<impl> impl_;
};

/// For a segment of a path, or a name or value of a query.
std::string percent_encoded(std::string_view text);

/// Adds a parameter to the query of `path`, unless the value is empty.
void add_parameter(std::string& path, std::string_view name, std::string_view value);

} // namespace errand::client
