// decode_spec(): a spec put together from the events of nlohmann's SAX parser. What fits no field
// is refused where it stands; `args` are written on as they come.
#include "http/json_codec.hpp"

#include "http/json_guard.hpp"
#include "http/json_text.hpp"
#include "http/json_writer.hpp"
#include "http/spec_fields.hpp"
#include "http/spec_reader.hpp"
#include "task/http_url.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace errand {

namespace {

constexpr std::string_view body_rule = "a JSON object such as {\"kind\": \"noop\"}";

/// A string, number, true, false or null.
struct scalar {
  enum { string, number, word } type;
  std::string_view text; ///< Of a string, its content; else as JSON writes it.
  double number_value = 0;

  /// Also 1e2. Beyond the exact integers of a double, any number is out of range anyway.
  bool is_integer() const {
    return type == number && std::trunc(number_value) == number_value
           && std::abs(number_value) <= 1e15;
  }
  int64_t as_integer() const { return static_cast<int64_t>(number_value); }
  int as_int() const { return static_cast<int>(std::clamp(number_value, -1e9, 1e9)); }

  std::string shown() const {
    constexpr size_t max_shown = 64;
    if (type == string)
      return quoted(text, max_shown);
    return text.size() <= max_shown ? std::string(text)
                                    : std::string(text.substr(0, max_shown)) + "…";
  }
};

/// The events are named as nlohmann::json_sax has them; an answer of false ends the reading.
class plain_spec_reader final : public spec_reader {
public:
  explicit plain_spec_reader(bool in_batch) : in_batch_(in_batch) {}

  bool null() override { return take({scalar::word, "null"}); }
  bool boolean(bool value) override { return take({scalar::word, value ? "true" : "false"}); }
  bool number_integer(int64_t number) override { return take_integer(number); }
  bool number_unsigned(uint64_t number) override { return take_integer(number); }

  /// Also integers that fit neither of the types above.
  bool number_float(double number, const std::string& text) override {
    const auto written = written_number(text);
    return take({scalar::number, written, number});
  }

  bool string(std::string& text) override { return take({scalar::string, text}); }
  bool binary(nlohmann::json::binary_t&) override { return false; } // Not in JSON text.

  bool start_object(size_t) override {
    begin_container(true);
    if (in(spec_field::args))
      args_writer_.begin_object();
    return guard_.open_object();
  }

  bool start_array(size_t) override {
    begin_container(false);
    if (in(spec_field::args))
      args_writer_.begin_array();
    return guard_.open_array();
  }

  bool key(std::string& text) override {
    guard_.key(std::move(text));
    const auto& name = guard_.last_key();
    if (guard_.depth() == 1)
      begin_field(name);
    else if (in(spec_field::args))
      args_writer_.key(name);
    else if (in(spec_field::tags) && guard_.depth() == 2 && ++tag_count_ <= max_tags)
      begin_tag(name);
    else if (in(spec_field::retry) && guard_.depth() == 2)
      begin_part(find_retry_field(name), retry_field_, [&] { return why_no_retry_field(name); });
    else if (in(spec_field::unique) && guard_.depth() == 2)
      begin_part(find_unique_field(name), unique_field_, [&] { return why_no_unique_field(name); });
    return !guard_.is_full();
  }

  bool end_object() override {
    guard_.close();
    if (guard_.depth() == 0)
      finish();
    else if (in(spec_field::args))
      args_writer_.end_object();
    else if (in(spec_field::tags) && guard_.depth() == 1)
      note(tag_count_fault(tag_count_));
    return !guard_.is_full();
  }

  bool end_array() override {
    guard_.close();
    if (in(spec_field::args))
      args_writer_.end_array();
    else if (in(spec_field::after) && guard_.depth() == 1)
      note(after_count_fault(after_count_));
    return !guard_.is_full();
  }

  bool parse_error(size_t byte, const std::string& last_token,
                   const nlohmann::json::exception& what) override {
    if (what.id == number_out_of_range) {
      guard_.begin_value();
      refuse(scalar{scalar::number, last_token}.shown(), "a number that a double can hold");
    } else {
      not_json_ = syntax_error(byte, last_token, what.what());
    }
    return false;
  }

  std::vector<field_error> take_faults() override {
    return guard_.has_faults() ? guard_.take_faults() : std::vector<field_error>();
  }

  batch_entry take_entry() override {
    return {std::move(spec_), std::move(siblings_), std::move(ref_)};
  }

  /// To be called once, at the end.
  decoded_spec result() {
    if (!not_json_.empty())
      return problems::not_json(std::move(not_json_));
    if (guard_.has_faults())
      return problems::invalid(guard_.take_faults());
    return std::move(spec_);
  }

private:
  /// Whether the outermost object's field that is being read is that one.
  bool in(spec_field id) const { return field_ != nullptr && field_->id == id; }

  void note(std::optional<std::string> fault) {
    if (fault)
      guard_.fault_here(std::move(*fault));
  }

  void refuse(std::string_view found, std::string_view rule) {
    guard_.fault_here("is " + std::string(found) + "; it must be " + std::string(rule));
  }

  void begin_field(std::string_view name) {
    field_ = in_batch_ && name == ref_field.name ? &ref_field : find_spec_field(name);
    if (field_ == nullptr)
      return guard_.fault_here(why_no_spec_field(name));
    has_args_ |= in(spec_field::args);
    has_delay_ |= in(spec_field::delay_s);
    has_expires_at_ |= in(spec_field::expires_at);
    has_expires_in_ |= in(spec_field::expires_in_s);
    has_kind_ |= in(spec_field::kind);
    has_run_at_ |= in(spec_field::run_at);
  }

  /// A field of a field that is an object.
  template <class Entry, class Why>
  void begin_part(const Entry* found, const Entry*& part, Why why_none) {
    part = found;
    if (part == nullptr)
      guard_.fault_here(why_none());
  }

  void begin_tag(std::string_view name) {
    if (auto fault = tag_key_fault(name))
      guard_.fault("/tags", std::move(*fault));
  }

  bool take_integer(auto number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return take({scalar::number, {digits, end}, static_cast<double>(number)});
  }

  bool take(const scalar& value) {
    guard_.begin_value();
    if (guard_.depth() == 0)
      refuse(value.shown(), body_rule);
    else if (in(spec_field::args) && value.type == scalar::string)
      args_writer_.string(value.text);
    else if (in(spec_field::args))
      args_writer_.raw(value.text);
    else if (field_ != nullptr && guard_.depth() == 1)
      take_field(value);
    else if (in(spec_field::after) && guard_.depth() == 2)
      take_upstream(value);
    else if (in(spec_field::tags) && guard_.depth() == 2)
      take_tag(value);
    else if (in(spec_field::retry) && guard_.depth() == 2)
      take_retry_field(value);
    else if (in(spec_field::unique) && guard_.depth() == 2)
      take_unique_field(value);
    // What stands elsewhere is inside of something that was refused.
    return !guard_.is_full();
  }

  void begin_container(bool is_object) {
    const auto found = is_object ? "an object" : "an array";
    guard_.begin_value();
    if (guard_.depth() == 0 && !is_object)
      refuse(found, body_rule);
    if (in(spec_field::after) && guard_.depth() == 2)
      refuse(found, after_id_rule);
    if (in(spec_field::tags) && guard_.depth() == 2)
      refuse(found, tag_value_rule);
    if (in(spec_field::retry) && guard_.depth() == 2 && retry_field_ != nullptr)
      refuse(found, retry_field_->rule);
    if (in(spec_field::unique) && guard_.depth() == 2 && unique_field_ != nullptr)
      refuse(found, unique_field_->rule);
    if (field_ == nullptr || guard_.depth() != 1)
      return;
    if (in(spec_field::after) && !is_object)
      return;
    if (in(spec_field::unique) && is_object)
      spec_.unique.emplace();
    const bool may_be_object =
        in(spec_field::tags) || in(spec_field::retry) || in(spec_field::unique);
    if (in(spec_field::args) || (may_be_object && is_object))
      return;
    refuse(found, field_->rule);
    field_ = nullptr;
  }

  void take_field(const scalar& value) {
    const bool is_string = value.type == scalar::string;
    const bool is_number = value.type == scalar::number;
    switch (field_->id) {
    case spec_field::kind:
    case spec_field::queue:
      if (!is_string)
        break;
      (in(spec_field::kind) ? spec_.kind : spec_.queue) = value.text;
      return note(in(spec_field::kind) ? kind_fault(value.text) : name_fault(value.text));
    case spec_field::callback_url:
      if (!is_string)
        break;
      spec_.callback_url = value.text;
      return note(http_url_fault(value.text));
    case spec_field::ref:
      if (!is_string)
        break;
      ref_ = value.text;
      return note(name_fault(value.text));
    case spec_field::on_dependency_failure:
      if (const auto policy = is_string ? parse_dependency_policy(value.text) : std::nullopt) {
        spec_.on_dependency_failure = *policy;
        return;
      }
      break;
    case spec_field::priority:
      if (!value.is_integer())
        break;
      spec_.priority = value.as_int();
      return note(priority_fault(value.as_integer()));
    case spec_field::max_attempts:
      if (!value.is_integer())
        break;
      spec_.max_attempts = value.as_int();
      return note(max_attempts_fault(value.as_integer()));
    case spec_field::max_crashes:
      if (!value.is_integer())
        break;
      spec_.max_crashes = value.as_int();
      return note(max_crashes_fault(value.as_integer()));
    case spec_field::delay_s:
      if (!is_number)
        break;
      if (auto fault = delay_fault(value.number_value))
        return guard_.fault_here(std::move(*fault));
      spec_.delay = duration_of(value.number_value);
      return;
    case spec_field::timeout_s:
      if (!is_number)
        break;
      if (auto fault = timeout_fault(value.number_value))
        return guard_.fault_here(std::move(*fault));
      spec_.timeout = duration_of(value.number_value);
      return;
    case spec_field::expires_in_s:
      if (!is_number)
        break;
      if (auto fault = expires_in_fault(value.number_value))
        return guard_.fault_here(std::move(*fault));
      spec_.expires_in = duration_of(value.number_value);
      return;
    case spec_field::run_at:
    case spec_field::expires_at: {
      const auto time = is_string ? parse_rfc3339(value.text) : std::nullopt;
      if (!time)
        break;
      (in(spec_field::run_at) ? spec_.run_at : spec_.expires_at) = time;
      return;
    }
    case spec_field::group:
      if (!is_string)
        break;
      spec_.group = value.text;
      return note(group_fault(value.text));
    case spec_field::after:
    case spec_field::args:
    case spec_field::retry:
    case spec_field::tags:
    case spec_field::unique:
      break;
    }
    refuse(value.shown(), field_->rule);
  }

  void take_retry_field(const scalar& value) {
    if (retry_field_ == nullptr)
      return; // Refused by its name.
    if (value.type != scalar::number)
      return refuse(value.shown(), retry_field_->rule);
    const auto number = value.number_value;
    switch (retry_field_->id) {
    case retry_field::factor:
      spec_.retry.factor = number;
      return note(factor_fault(number));
    case retry_field::jitter:
      spec_.retry.jitter = number;
      return note(jitter_fault(number));
    case retry_field::max_backoff_s:
      return take_backoff(number, spec_.retry.max_backoff);
    case retry_field::min_backoff_s:
      return take_backoff(number, spec_.retry.min_backoff);
    }
  }

  void take_backoff(double seconds, duration& backoff) {
    if (auto fault = backoff_fault(seconds))
      return guard_.fault_here(std::move(*fault));
    backoff = duration_of(seconds);
  }

  void take_unique_field(const scalar& value) {
    if (unique_field_ == nullptr)
      return; // Refused by its name.
    auto& rule = *spec_.unique;
    const bool is_string = value.type == scalar::string;
    switch (unique_field_->id) {
    case unique_field::key:
      if (!is_string)
        break;
      rule.key = value.text;
      has_unique_key_ = true;
      return note(unique_key_fault(value.text));
    case unique_field::until:
      if (const auto until = is_string ? parse_unique_until(value.text) : std::nullopt) {
        rule.until = *until;
        return;
      }
      break;
    case unique_field::on_conflict:
      if (const auto how = is_string ? parse_unique_conflict(value.text) : std::nullopt) {
        rule.on_conflict = *how;
        return;
      }
      break;
    case unique_field::window_s:
      if (value.type != scalar::number)
        break;
      if (auto fault = window_fault(value.number_value))
        return guard_.fault_here(std::move(*fault));
      rule.window = duration_of(value.number_value);
      return;
    }
    refuse(value.shown(), unique_field_->rule);
  }

  void take_upstream(const scalar& value) {
    const auto place = after_count_++;
    if (place >= max_after)
      return; // Their number is refused at the end.
    const bool is_string = value.type == scalar::string;
    if (is_string && in_batch_ && value.text.starts_with('#'))
      siblings_.push_back({place, std::string(value.text.substr(1))});
    else if (const auto id = is_string ? task_id::parse(value.text) : std::nullopt)
      spec_.after.push_back(*id);
    else
      refuse(value.shown(), in_batch_ ? after_in_batch_rule : after_id_rule);
  }

  void take_tag(const scalar& value) {
    if (tag_count_ > max_tags)
      return; // Their number is refused at the end.
    if (value.type != scalar::string)
      return refuse(value.shown(), tag_value_rule);
    note(tag_value_fault(value.text));
    spec_.tags.insert_or_assign(guard_.last_key(), std::string(value.text));
  }

  /// What only the whole object can get wrong.
  void finish() {
    if (!has_kind_)
      guard_.fault("/kind", "is missing; it names the handler that runs the task, and must be "
                                + std::string(name_rule));
    if (has_delay_ && has_run_at_)
      guard_.fault("/run_at", "is given together with delay_s; keep one of the two");
    if (has_expires_at_ && has_expires_in_)
      guard_.fault("/expires_at", "is given together with expires_in_s; keep one of the two");
    if (auto fault = expiry_fault(spec_))
      guard_.fault(has_expires_at_ ? "/expires_at" : "/expires_in_s", std::move(*fault));
    if (spec_.unique && !has_unique_key_)
      guard_.fault("/unique/key", "is missing; it must be " + std::string(unique_key_rule));
    if (auto fault = spec_.unique ? unique_fault(*spec_.unique) : std::nullopt)
      guard_.fault("/unique/window_s", std::move(*fault));
    if (auto fault = backoffs_fault(spec_.retry))
      guard_.fault("/retry/min_backoff_s", std::move(*fault));
    if (has_args_)
      spec_.args_json = std::move(args_);
  }

  const bool in_batch_; ///< May have a ref, and come after others' refs.
  json_guard guard_;
  task_spec spec_;
  std::string ref_;
  std::vector<batch_entry::sibling> siblings_;
  size_t after_count_ = 0;
  std::string args_;
  json_writer args_writer_{args_};
  const spec_field_entry* field_ = nullptr;
  const retry_field_entry* retry_field_ = nullptr;
  const unique_field_entry* unique_field_ = nullptr;
  size_t tag_count_ = 0;
  bool has_args_ = false;
  bool has_delay_ = false;
  bool has_expires_at_ = false;
  bool has_expires_in_ = false;
  bool has_kind_ = false;
  bool has_run_at_ = false;
  bool has_unique_key_ = false;
  std::string not_json_;
};

} // namespace

std::unique_ptr<spec_reader> make_spec_reader() {
  return std::make_unique<plain_spec_reader>(false);
}

std::unique_ptr<spec_reader> make_spec_reader_in_batch() {
  return std::make_unique<plain_spec_reader>(true);
}

decoded_spec decode_spec(std::string_view body) {
  if (auto why = why_no_text(body, body_rule))
    return std::move(*why);
  plain_spec_reader reader(false);
  nlohmann::json::sax_parse(body.data(), body.data() + body.size(), &reader);
  return reader.result();
}

} // namespace errand
