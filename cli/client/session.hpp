// What a command of the client has at hand: the server, and where its output goes.
#pragma once

#include "cli/cli.hpp"
#include "cli/client/connection.hpp"
#include "cli/client/table.hpp"

#include <optional>
#include <string>
#include <utility>

namespace errand::client {

class session {
public:
  session(const cli_call& call, connection& to, bool prints_json)
      : server(to), as_json(prints_json), call_(call) {}

  connection& server;
  const bool as_json; ///< --json

  /// To standard output, at once. Throws failure if that fails, without a word if it is a pipe that
  /// nobody reads any more.
  void print(const std::string& text) const;
  void print(const table& rows) const;

  /// A line of JSON as the server sent it, but for what would move a terminal's cursor.
  void print_json(const std::string& text) const;
  void print_json(const json& value) const { print_json(value.dump()); }

  /// A line on standard error that begins with the program's name.
  void note(const std::string& text) const;

  const terminal& out_terminal() const { return call_.out_terminal; }
  const terminal& err_terminal() const { return call_.err_terminal; }
  std::string inked(ink colour, const std::string& text) const;

  /// What FLAG's value means: itself, with @FILE the file's content, with - standard input. Throws
  /// failure (usage) if the file can't be read.
  std::string content_of(const std::string& flag, const std::string& value) const;

  /// Straight to standard error, such as a progress bar.
  void draw(const std::string& text) const;

private:
  const cli_call& call_;
};

/// Of --tag: "tenant=acme" -> tenant and acme. Throws failure (usage) if it is not so.
std::pair<std::string, std::string> name_and_value(const std::string& tag);

/// The text of a string, the JSON of another value, "-" of null and of what is not there.
std::string text_of(const json& object, const char* name);

/// The number, or `otherwise`.
double number_of(const json& object, const char* name, double otherwise = 0);

/// The value there, or null.
const json& value_of(const json& object, const char* name);

/// Content of a whole file; throws failure (usage), naming `flag`, if it can't be read.
std::string file_content(const std::string& flag, const std::string& path);

} // namespace errand::client
