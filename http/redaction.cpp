#include "http/redaction.hpp"

#include "http/field_rules.hpp"
#include "http/json_text.hpp"
#include "http/json_writer.hpp"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace errand {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// Writes what it reads, save for the hidden values; every digit of numbers stays.
class redacting_reader final : public nlohmann::json_sax<nlohmann::json> {
public:
  redacting_reader(const redaction& hidden, std::string& out) : hidden_(hidden), writer_(out) {}

  bool null() override { return value("null"); }
  bool boolean(bool found) override { return value(found ? "true" : "false"); }
  bool number_integer(int64_t number) override { return value(std::to_string(number)); }
  bool number_unsigned(uint64_t number) override { return value(std::to_string(number)); }

  bool number_float(double, const std::string& text) override {
    return value(written_number(text));
  }

  bool string(std::string& text) override {
    if (shows())
      writer_.string(text);
    return true;
  }
  bool binary(nlohmann::json::binary_t&) override { return false; } // Not in JSON text.

  bool start_object(size_t) override {
    if (opens())
      writer_.begin_object();
    return true;
  }
  bool start_array(size_t) override {
    if (opens())
      writer_.begin_array();
    return true;
  }
  bool key(std::string& name) override {
    if (hidden_depth_ > 0)
      return true;
    writer_.key(name);
    hides_next_ = hidden_.hides(name);
    return true;
  }
  bool end_object() override {
    if (closes())
      writer_.end_object();
    return true;
  }
  bool end_array() override {
    if (closes())
      writer_.end_array();
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

private:
  /// Whether the value that comes is to be written; writes what stands for it if not.
  bool shows() {
    if (hidden_depth_ > 0)
      return false;
    if (!std::exchange(hides_next_, false))
      return true;
    writer_.raw(redacted_json);
    return false;
  }

  bool value(std::string_view json) {
    if (shows())
      writer_.raw(json);
    return true;
  }

  bool opens() {
    const bool is_shown = shows();
    hidden_depth_ += is_shown ? 0 : 1;
    return is_shown;
  }

  bool closes() {
    if (hidden_depth_ == 0)
      return true;
    --hidden_depth_;
    return false;
  }

  const redaction& hidden_;
  json_writer writer_;
  bool hides_next_ = false;
  size_t hidden_depth_ = 0; ///< Open containers that are not shown.
};

} // namespace

redaction::redaction(std::vector<std::string> names) : names_(std::move(names)) {
  for (auto& name : names_)
    std::transform(name.begin(), name.end(), name.begin(), lower);
}

bool redaction::hides(std::string_view name) const {
  return std::any_of(names_.begin(), names_.end(),
                     [name](const auto& each) { return equals_ignoring_case(each, name); });
}

bool redaction::may_concern(std::string_view args_json) const {
  if (names_.empty())
    return false;
  if (args_json.find('\\') != args_json.npos)
    return true; // A name may be written with escapes.
  return std::any_of(names_.begin(), names_.end(), [args_json](const std::string& name) {
    return std::search(args_json.begin(), args_json.end(), name.begin(), name.end(),
                       [](char in_text, char in_name) { return lower(in_text) == in_name; })
           != args_json.end();
  });
}

std::string redaction::shown(std::string_view args_json) const {
  if (!may_concern(args_json))
    return std::string(args_json);
  std::string out;
  out.reserve(args_json.size());
  redacting_reader reader(*this, out);
  if (!nlohmann::json::sax_parse(args_json.begin(), args_json.end(), &reader))
    return std::string(redacted_json); // Damaged: who knows what that shows.
  return out;
}

} // namespace errand
