// JSON written straight into a string: what answers are made of. Commas come by themselves; that
// keys and brackets match is up to the caller.
#pragma once

#include "task/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// Appends one JSON value to `out`, which must outlive it and is not to be touched meanwhile. Every
/// call returns the writer, so that a field is one line: w.key("kind").string(kind).
class json_writer {
public:
  explicit json_writer(std::string& out) : out_(out), begin_(out.size()) {}

  json_writer& begin_object();
  json_writer& end_object();
  json_writer& begin_array();
  json_writer& end_array();
  json_writer& key(std::string_view name);

  /// Any bytes: what is not UTF-8 becomes U+FFFD.
  json_writer& string(std::string_view text);
  json_writer& integer(int64_t number);

  /// Seconds in their shortest form: 3600, 0.25.
  json_writer& seconds(duration time);
  json_writer& number(double number); ///< Finite; in its shortest form.
  json_writer& boolean(bool value);
  json_writer& null();

  // null if there is none.
  json_writer& integer_if_any(const std::optional<int64_t>& number);
  json_writer& seconds_if_any(const std::optional<duration>& time);
  json_writer& time(const std::optional<timestamp>& time); ///< As RFC 3339.
  json_writer& string_if_any(std::string_view text);       ///< null if it is empty.

  /// A value that is JSON already; taken as it is.
  json_writer& raw(std::string_view json);

private:
  void separate();
  void append_string(std::string_view text);
  void append_integer(int64_t number);

  std::string& out_;
  const size_t begin_;
};

} // namespace errand
