// Keeps the books while a JSON text is read event by event: where in the text we are, how deep,
// which keys came, and what was found wrong. Grammar is the parser's business; this is about the
// rest.
#pragma once

#include "task/spec_rules.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace errand {

class json_guard {
public:
  /// A value begins (of any type, containers too).
  void begin_value();

  /// The value that just began is a container. False if that is deeper than max_json_depth; this is
  /// noted, and reading must end.
  bool open_object() { return open(false); }
  bool open_array() { return open(true); }

  void key(std::string name) { keys_.push_back(std::move(name)); }

  /// The innermost container ends; a key that it had twice is noted.
  void close();

  /// How many containers are open.
  size_t depth() const { return frames_.size(); }

  /// The last key of the innermost object.
  const std::string& last_key() const { return keys_.back(); }

  /// Where the value is that began last, or whose key was read last.
  std::string pointer() const { return pointer(frames_.size()); }

  /// Notes a fault, unless that is_full().
  void fault(std::string pointer, std::string detail);
  void fault_here(std::string detail) { fault(pointer(), std::move(detail)); }

  bool has_faults() const { return !faults_.empty(); }

  /// So many faults are noted that reading must end: neither the work nor the answer may outgrow
  /// what a request is worth.
  bool is_full() const;

  /// All faults, and if that is_full(), in the last place that there may be more. Ends the use of
  /// this object.
  std::vector<field_error> take_faults();

private:
  struct frame {
    bool is_array;
    size_t first_key;    ///< Where this object's keys begin in keys_.
    size_t elements = 0; ///< Of an array, so far.
  };

  bool open(bool is_array);
  void find_twins(size_t first_key);
  std::string pointer(size_t levels) const;

  std::vector<frame> frames_;
  std::vector<std::string> keys_; ///< Of all open objects, the outermost first.
  std::vector<std::pair<size_t, std::string_view>> by_hash_; ///< Room for find_twins().
  std::vector<field_error> faults_;
};

} // namespace errand
