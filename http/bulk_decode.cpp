// decode_filter(): the filter's members are turned into the parameters that a list would have, so
// that both are read by the same rules.
#include "http/bulk_decode.hpp"

#include "http/json_guard.hpp"
#include "http/task_query.hpp"
#include "task/utf8.hpp"

#include <nlohmann/json.hpp>
#include <set>

namespace errand {

namespace {

constexpr std::string_view body_rule =
    "a JSON object such as {\"filter\": {\"state\": \"failed\"}}";

/// The events are named as nlohmann::json_sax has them; an answer of false ends the reading.
class filter_reader {
public:
  bool null() { return take("null"); }
  bool boolean(bool value) {
    guard_.begin_value();
    if (in_all())
      all_ = value;
    else
      refuse(value ? "true" : "false");
    return !guard_.is_full();
  }
  bool number_integer(int64_t number) { return take(std::to_string(number)); }
  bool number_unsigned(uint64_t number) { return take(std::to_string(number)); }
  bool number_float(double, const std::string& text) { return take(text); }
  bool binary(nlohmann::json::binary_t&) { return false; } // Not in JSON text.

  bool string(std::string& text) {
    guard_.begin_value();
    if (guard_.depth() > 1 && top_ == "filter") {
      empty_states_ = false;
      if (!is_known_)
        return !guard_.is_full();
      parameters_.push_back({name_, std::move(text)});
    } else {
      refuse(quoted(text, max_shown));
    }
    return !guard_.is_full();
  }

  bool start_object(size_t) {
    guard_.begin_value();
    if (guard_.depth() > 1 || (guard_.depth() == 1 && top_ != "filter"))
      return refuse_container("an object");
    return guard_.open_object();
  }

  bool start_array(size_t) {
    guard_.begin_value();
    if (guard_.depth() != 2 || name_ != "state")
      return refuse_container("an array");
    empty_states_ = true;
    return guard_.open_array();
  }

  bool key(std::string& text) {
    guard_.key(std::move(text));
    const auto& name = guard_.last_key();
    if (guard_.depth() == 1) {
      top_ = name;
      if (top_ != "filter" && top_ != "all")
        guard_.fault_here("is not a field here; there are all, filter");
    } else {
      name_ = name;
      auto why = filter_name_fault(name);
      is_known_ = !why;
      if (why && unknown_.insert(name).second)
        guard_.fault("/filter" + pointer_step(pointer_to(name).substr(1)), std::move(*why));
    }
    return !guard_.is_full();
  }

  bool end_object() {
    guard_.close();
    return !guard_.is_full();
  }

  bool end_array() {
    if (empty_states_)
      guard_.fault("/filter/state",
                   "is empty, so nothing could match; name a state or leave it out");
    guard_.close();
    return !guard_.is_full();
  }

  bool parse_error(size_t byte, const std::string&, const nlohmann::json::exception&) {
    not_json_ = "At byte " + std::to_string(byte) + ": not JSON from here on.";
    return false;
  }

  /// To be called once, at the end.
  decoded_filter result() {
    if (!not_json_.empty())
      return problems::not_json(std::move(not_json_));
    auto parsed = parse_filter(parameters_);
    if (const auto* faults = std::get_if<std::vector<field_error>>(&parsed))
      for (const auto& fault : *faults)
        guard_.fault("/filter" + pointer_step(fault.pointer.substr(1)), fault.detail); // ?name
    if (!guard_.has_faults() && all_ != parameters_.empty())
      guard_.fault(all_ ? "/all" : "/filter",
                   all_ ? "is given together with conditions; keep one of the two"
                        : "is empty, and every task would match; name a condition, or send "
                          "\"all\": true if you mean that");
    if (guard_.has_faults())
      return problems::invalid(guard_.take_faults());
    return std::move(std::get<list_filter>(parsed));
  }

private:
  static constexpr size_t max_shown = 64;

  bool in_all() const { return guard_.depth() == 1 && top_ == "all"; }

  bool take(const std::string& shown) {
    guard_.begin_value();
    refuse(shown);
    return !guard_.is_full();
  }

  /// What stands there is of the wrong type.
  void refuse(const std::string& found) {
    const auto rule = guard_.depth() == 0  ? body_rule
                      : guard_.depth() > 1 ? std::string_view(is_known_ ? "a string" : "")
                      : top_ == "all"      ? std::string_view("true or false")
                      : top_ == "filter"   ? std::string_view("an object")
                                           : std::string_view();
    if (!rule.empty()) // Else it was refused by its name.
      guard_.fault_here("is " + found.substr(0, 2 * max_shown) + "; it must be "
                        + std::string(rule));
  }

  /// Nothing inside of it could be told from what belongs there, so reading ends.
  bool refuse_container(const std::string& found) {
    refuse(found);
    return false;
  }

  json_guard guard_;
  std::string top_;               ///< Which field of the body is being read,
  std::string name_;              ///< and which of the filter.
  bool is_known_ = false;         ///< Whether filters have such a field.
  std::set<std::string> unknown_; ///< Names that were refused, each once.
  query_parameters parameters_;
  bool empty_states_ = false;
  bool all_ = false;
  std::string not_json_;
};

} // namespace

decoded_filter decode_filter(std::string_view body) {
  if (body.empty())
    return problems::not_json("The body is empty. Send " + std::string(body_rule) + '.');
  // nlohmann takes a NUL byte for the end of the text, and would not look at what follows.
  if (const auto nul = body.find('\0'); nul != std::string_view::npos)
    return problems::not_json("At byte " + std::to_string(nul + 1)
                              + ": a NUL byte, which has no place in JSON.");
  filter_reader reader;
  nlohmann::json::sax_parse(body.data(), body.data() + body.size(), &reader);
  return reader.result();
}

} // namespace errand
