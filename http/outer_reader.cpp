#include "http/outer_reader.hpp"

#include "http/json_text.hpp"
#include "task/utf8.hpp"

#include <charconv>
#include <cmath>
#include <utility>

namespace errand {

namespace {

constexpr size_t max_shown = 64;

} // namespace

std::optional<bool> flat_value::boolean() const {
  if (type != what::word || text == "null")
    return std::nullopt;
  return text == "true";
}

std::optional<int64_t> flat_value::integer() const {
  constexpr double exact = 1e15;
  if (type != what::number || std::trunc(number) != number || std::abs(number) > exact)
    return std::nullopt;
  return static_cast<int64_t>(number);
}

std::string flat_value::shown() const {
  if (type == what::string)
    return quoted(text, max_shown);
  return text.size() <= max_shown ? std::string(text)
                                  : std::string(text.substr(0, max_shown)) + "…";
}

std::string_view flat_value::shown_type() const {
  return type == what::string ? "a string" : type == what::number ? "a number" : text;
}

bool outer_reader::null() {
  return spec_ ? spec_->null() : value({flat_value::what::word, "null"});
}

bool outer_reader::boolean(bool found) {
  return spec_ ? spec_->boolean(found) : value({flat_value::what::word, found ? "true" : "false"});
}

bool outer_reader::number_integer(int64_t number) {
  return spec_ ? spec_->number_integer(number) : integer(number);
}

bool outer_reader::number_unsigned(uint64_t number) {
  return spec_ ? spec_->number_unsigned(number) : integer(number);
}

bool outer_reader::number_float(double number, const std::string& text) {
  return spec_ ? spec_->number_float(number, text)
               : value({flat_value::what::number, text, number});
}

bool outer_reader::string(std::string& text) {
  return spec_ ? spec_->string(text) : value({flat_value::what::string, text});
}

bool outer_reader::start_object(size_t size) {
  if (!spec_) {
    guard_.begin_value();
    if (!object_begins())
      return false;
    if (!spec_)
      return true;
  }
  ++spec_depth_;
  return spec_->start_object(size);
}

bool outer_reader::start_array(size_t size) {
  if (spec_) {
    ++spec_depth_;
    return spec_->start_array(size);
  }
  guard_.begin_value();
  return array_begins();
}

bool outer_reader::key(std::string& name) {
  if (spec_)
    return spec_->key(name);
  guard_.key(std::move(name));
  key_read(guard_.last_key());
  return !guard_.is_full();
}

bool outer_reader::end_object() {
  if (!spec_) {
    guard_.close();
    object_ended();
    return !guard_.is_full();
  }
  const bool goes_on = spec_->end_object();
  if (--spec_depth_ == 0)
    end_spec();
  return goes_on && !guard_.is_full();
}

bool outer_reader::end_array() {
  if (!spec_) {
    guard_.close();
    return true;
  }
  --spec_depth_;
  return spec_->end_array();
}

bool outer_reader::parse_error(size_t byte, const std::string& last_token,
                               const nlohmann::json::exception& what) {
  if (what.id != number_out_of_range)
    not_json_ = syntax_error(byte, last_token, what.what());
  else if (spec_)
    spec_->parse_error(byte, last_token, what);
  else
    value({flat_value::what::huge_number, "a number that no double can hold"});
  return false;
}

bool outer_reader::value(const flat_value& found) {
  guard_.begin_value();
  take(found);
  return !guard_.is_full();
}

bool outer_reader::integer(auto number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return value({flat_value::what::number, {digits, end}, static_cast<double>(number)});
}

bool outer_reader::begin_spec(std::unique_ptr<spec_reader> reader) {
  spec_ = std::move(reader);
  return true;
}

void outer_reader::end_spec() {
  spec_ended(*spec_);
  spec_.reset();
  spec_depth_ = 0;
}

std::optional<problem> outer_reader::why_not() {
  if (!not_json_.empty())
    return problems::not_json(std::move(not_json_));
  if (spec_)
    end_spec();
  if (guard_.has_faults())
    return problems::invalid(guard_.take_faults());
  return std::nullopt;
}

} // namespace errand
