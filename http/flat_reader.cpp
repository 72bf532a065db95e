#include "http/flat_reader.hpp"

#include "http/json_guard.hpp"
#include "http/spec_reader.hpp"
#include "task/near_name.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace errand {

namespace {

constexpr size_t max_shown = 64;

/// The events are named as nlohmann::json_sax has them; an answer of false ends the reading.
class flat_reader {
public:
  flat_reader(std::string_view rule, std::string_view object, std::span<const flat_field> fields)
      : rule_(rule), object_(object), fields_(fields) {}

  bool null() { return take({flat_value::what::word, "null"}); }
  bool boolean(bool value) { return take({flat_value::what::word, value ? "true" : "false"}); }
  bool number_integer(int64_t number) { return take_integer(number); }
  bool number_unsigned(uint64_t number) { return take_integer(number); }
  bool number_float(double number, const std::string& text) {
    return take({flat_value::what::number, text, number});
  }
  bool string(std::string& text) { return take({flat_value::what::string, text}); }
  bool binary(nlohmann::json::binary_t&) { return false; } // Not in JSON text.

  bool start_object(size_t) {
    guard_.begin_value();
    if (guard_.depth() == 0)
      return guard_.open_object();
    if (field_ == nullptr || !has_parts(field_->path))
      return refuse_container("an object");
    parent_ = field_->path;
    take_here({flat_value::what::object, "an object"});
    return guard_.open_object();
  }

  bool start_array(size_t) {
    guard_.begin_value();
    return refuse_container("an array");
  }

  bool key(std::string& text) {
    guard_.key(std::move(text));
    begin_field(guard_.last_key());
    return !guard_.is_full();
  }

  bool end_object() {
    guard_.close();
    parent_ = {};
    return !guard_.is_full();
  }

  bool end_array() { return false; }

  bool parse_error(size_t byte, const std::string& last_token,
                   const nlohmann::json::exception& what) {
    if (what.id == number_out_of_range) {
      guard_.begin_value();
      guard_.fault_here(
          not_as_ruled({flat_value::what::number, last_token}, "a number that a double can hold"));
    } else {
      not_json_ = syntax_error(byte, last_token, what.what());
    }
    return false;
  }

  /// To be called once, at the end.
  std::optional<problem> why_not(const std::function<std::vector<field_error>()>& check) {
    if (!not_json_.empty())
      return problems::not_json(std::move(not_json_));
    if (!guard_.has_faults())
      for (auto& [pointer, detail] : check())
        guard_.fault(std::move(pointer), std::move(detail));
    if (!guard_.has_faults())
      return std::nullopt;
    return problems::invalid(guard_.take_faults());
  }

private:
  bool take_integer(auto number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return take({flat_value::what::number, {digits, end}, static_cast<double>(number)});
  }

  bool take(const flat_value& value) {
    guard_.begin_value();
    if (guard_.depth() == 0)
      guard_.fault_here(not_as_ruled(value, rule_));
    else if (field_ != nullptr)
      take_here(value);
    return !guard_.is_full();
  }

  void take_here(const flat_value& value) {
    if (auto fault = field_->take(value))
      guard_.fault_here(std::move(*fault));
  }

  /// Nothing inside of it could be told from what belongs there, so reading ends.
  bool refuse_container(std::string_view found) {
    const auto rule = guard_.depth() == 0 ? rule_ : field_ ? field_->rule : std::string_view();
    if (!rule.empty()) // Else it was refused by its name.
      guard_.fault_here("is " + std::string(found) + "; it must be " + std::string(rule));
    return false;
  }

  bool has_parts(std::string_view path) const {
    return std::any_of(fields_.begin(), fields_.end(), [&](const flat_field& each) {
      return each.path.size() > path.size() && each.path.starts_with(path)
             && each.path[path.size()] == '/';
    });
  }

  void begin_field(const std::string& name) {
    const auto prefix = parent_.empty() ? std::string() : std::string(parent_) + '/';
    std::vector<std::string_view> names;
    field_ = nullptr;
    for (const auto& each : fields_) {
      if (!each.path.starts_with(prefix))
        continue;
      const auto rest = each.path.substr(prefix.size());
      if (rest.find('/') != std::string_view::npos)
        continue;
      names.push_back(rest);
      if (rest == name)
        field_ = &each;
    }
    if (field_ != nullptr)
      return;
    std::string text = "is not a field of " + std::string(parent_.empty() ? object_ : parent_);
    if (const auto near = near_name(name, names))
      text += "; did you mean \"" + std::string(*near) + "\"?";
    else
      for (const auto known : names)
        text.append(known == names.front() ? "; there are " : ", ").append(known);
    guard_.fault_here(std::move(text));
  }

  std::string_view rule_;
  std::string_view object_;
  std::span<const flat_field> fields_;
  json_guard guard_;
  std::string_view parent_;           ///< Path of the object that is being read, if not the body.
  const flat_field* field_ = nullptr; ///< Null while there is none of that name.
  std::string not_json_;
};

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

std::string not_as_ruled(const flat_value& value, std::string_view rule) {
  return "is " + value.shown() + "; it must be " + std::string(rule);
}

std::optional<problem> read_flat_object(std::string_view body, std::string_view rule,
                                        std::string_view object, std::span<const flat_field> fields,
                                        const std::function<std::vector<field_error>()>& check) {
  if (auto why = why_no_text(body, rule))
    return why;
  flat_reader reader(rule, object, fields);
  nlohmann::json::sax_parse(body.data(), body.data() + body.size(), &reader);
  return reader.why_not(check);
}

} // namespace errand
