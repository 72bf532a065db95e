// A server in inline mode with two kinds of its own, and what its tests ask of texts.
#pragma once

#include "tests/server/embedding.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace errand::test {

using nlohmann::json;

inline Options silent_options() {
  auto options = quiet_options();
  options.store = "sqlite:/no/such/folder/is/opened.db";
  return options;
}

struct inline_fixture {
  explicit inline_fixture(Options options = silent_options()) : server(std::move(options)) {
    server.handle("note", [this](TaskContext& task) -> json {
      notes.push_back(task.args().is_string() ? task.args().get<std::string>() : "");
      return task.args();
    });
    server.handle("fail", [this](TaskContext&) -> json {
      ++failures;
      throw std::runtime_error("no");
    });
  }

  TaskId note(const std::string& text, TaskSpec spec = {.kind = "note"}) {
    spec.args = text;
    return server.submit(spec);
  }

  TaskState state(const TaskId& id) { return server.get(id).state; }

  TaskServer server;
  InlineClock& clock = server.inline_mode();
  std::vector<std::string> notes;
  int failures = 0;
};

using strings = std::vector<std::string>;

inline std::string what_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

} // namespace errand::test
