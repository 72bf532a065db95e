// One setting: its names, and the rule that reads, checks and shows its value. The table of all of
// them is in settings.hpp. Plain functions over constants, for any thread.
#pragma once

#include "task/status.hpp"

#include <errand/options.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace errand {

struct config_tree;

// -- A value as its source wrote it ---------------------------------------------------------------

/// From a flag or variable: text that may stand for any type.
struct untyped_text {
  std::string text;
};

/// From a file, of a type that no setting of the table has: to that shown in the error message, and
/// no more.
struct foreign_value {
  std::string description; ///< "true (a boolean)"

  /// A boolean, an array of which each element is a string, or an array of tables, if it is that.
  std::variant<std::monostate, bool, std::vector<std::string>, std::shared_ptr<const config_tree>>
      content = {};

  template <class T>
  const T* as() const {
    return std::get_if<T>(&content);
  }
};

/// A file's values have types, and they must fit: "80" is no number there.
using given_value = std::variant<untyped_text, std::string, int64_t, double, foreign_value>;

/// A value as an error message shows it. A file's says its type where that may be the mistake.
std::string described(const given_value& value);

// -- What a value may be, and where in Options it lives -------------------------------------------

struct whole_number_rule {
  int64_t (*get)(const Options&);
  void (*set)(Options&, int64_t);
  int64_t least, most;
};

/// A whole number, or text with a unit: "32KiB".
struct bytes_rule {
  whole_number_rule number;
};

struct seconds_rule {
  double (*get)(const Options&);
  void (*set)(Options&, double);
  double least, most;
};

/// One of some words: the names of an enumeration's values, in their order from 0.
struct choice_rule {
  size_t (*get)(const Options&);
  void (*set)(Options&, size_t);
  std::span<const std::string_view> words;
};

struct text_rule {
  const std::string& (*get)(const Options&);
  void (*set)(Options&, std::string);
  bool (*is_allowed)(std::string_view);
  std::string_view allowed; ///< Completes "must be …".
};

/// Of the command line, a flag without a value.
struct switch_rule {
  bool (*get)(const Options&);
  void (*set)(Options&, bool);
};

/// Some texts: in a file an array, elsewhere separated by commas, "none" for an empty one.
struct list_rule {
  const std::vector<std::string>& (*get)(const Options&);
  void (*set)(Options&, std::vector<std::string>);
  bool (*is_allowed)(std::string_view);
  std::string_view allowed; ///< Completes "must be up to 10 …".
  size_t most;
  bool is_secret = false; ///< Neither what is set nor what is wrong is ever shown.
};

using value_rule = std::variant<whole_number_rule, bytes_rule, seconds_rule, choice_rule, text_rule,
                                switch_rule, list_rule>;

// -- The setting ----------------------------------------------------------------------------------

struct setting {
  std::string_view key;        ///< In errand.toml, with the name of its table: "http.port".
  std::string_view flag;       ///< "--port"; empty: none, since others can read command lines.
  std::string_view value_name; ///< What stands for the value in help: "PORT".
  std::string_view help;       ///< One line, without full stop.
  value_rule rule;
};

/// "ERRAND_PORT" for "--port"; of one without flag by its key.
std::string variable_of(const setting& s);

bool is_secret(const setting& s);

/// Completes "must be …": "a whole number from 0 to 65535".
std::string allowed_values(const setting& s);

/// Puts the value into `options`. If it is not allowed, changes nothing and tells why, as in
/// `is "80a", but must be a whole number from 0 to 65535`; the caller knows the place.
status read_value(const setting& s, const given_value& value, Options& options);

/// What of the value that `options` have, filled by a program, is not allowed; as read_value().
status check_value(const setting& s, const Options& options);

/// The value that `options` have, as a flag would take it: 8002, 32KiB, info. Of secrets, how many.
/// An empty text is shown as none.
std::string shown_value(const setting& s, const Options& options);

/// The same as errand.toml would have it: 8002, "32KiB", "info".
std::string toml_value(const setting& s, const Options& options);

} // namespace errand
