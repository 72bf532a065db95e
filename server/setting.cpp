#include "server/setting.hpp"

#include "server/printable.hpp"
#include "task/overloaded.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace errand {

namespace {

/// The number that all of `text` is; finite if it is a fraction.
template <class Number>
std::optional<Number> parse(std::string_view text) {
  Number number{};
  auto end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end)
    return {};
  return number;
}

constexpr std::array<std::pair<std::string_view, int64_t>, 3> units{
    {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}};

std::optional<int64_t> parse_bytes(std::string_view text) {
  int64_t factor = 1;
  for (auto [unit, bytes] : units)
    if (text.ends_with(unit)) {
      text.remove_suffix(unit.size());
      factor = bytes;
      break;
    }
  auto number = parse<int64_t>(text);
  if (!number || *number < 0 || *number > INT64_MAX / factor)
    return {};
  return *number * factor;
}

/// What an empty text is shown as.
constexpr std::string_view no_text = "none";

std::string show_bytes(int64_t number) {
  for (auto [unit, bytes] : units)
    if (number > 0 && number % bytes == 0)
      return std::to_string(number / bytes) + std::string(unit);
  return std::to_string(number);
}

/// The shortest decimal form that reads back as the same number; never with an exponent.
std::string show_number(double number) {
  std::array<char, 512> buffer;
  auto [end, error] = std::to_chars(buffer.begin(), buffer.end(), number, std::chars_format::fixed);
  return error == std::errc{} ? std::string(buffer.begin(), end) : std::to_string(number);
}

/// So that it does not look like a whole number.
std::string show_fraction(double number) {
  auto shown = show_number(number);
  const bool looks_whole = shown.find_first_not_of("-0123456789") == shown.npos;
  return looks_whole ? shown + ".0" : shown;
}

const std::string* as_text(const given_value& value) {
  if (auto* untyped = std::get_if<untyped_text>(&value))
    return &untyped->text;
  return std::get_if<std::string>(&value);
}

std::optional<int64_t> as_whole_number(const given_value& value) {
  if (auto* untyped = std::get_if<untyped_text>(&value))
    return parse<int64_t>(untyped->text);
  if (auto* number = std::get_if<int64_t>(&value))
    return *number;
  return {};
}

std::optional<double> as_number(const given_value& value) {
  if (auto* untyped = std::get_if<untyped_text>(&value))
    return parse<double>(untyped->text);
  if (auto* whole = std::get_if<int64_t>(&value))
    return static_cast<double>(*whole);
  if (auto* number = std::get_if<double>(&value))
    return *number;
  return {};
}

// Each reads a value into the options; false, and nothing changed, if the rule does not allow it.

bool set_number(const whole_number_rule& rule, std::optional<int64_t> number, Options& options) {
  if (!number || *number < rule.least || *number > rule.most)
    return false;
  rule.set(options, *number);
  return true;
}

bool read(const whole_number_rule& rule, const given_value& value, Options& options) {
  return set_number(rule, as_whole_number(value), options);
}

bool read(const bytes_rule& rule, const given_value& value, Options& options) {
  auto* text = as_text(value);
  return set_number(rule.number, text ? parse_bytes(*text) : as_whole_number(value), options);
}

bool read(const seconds_rule& rule, const given_value& value, Options& options) {
  auto number = as_number(value);
  if (!number || !(*number >= rule.least && *number <= rule.most)) // false for nan, too
    return false;
  rule.set(options, *number);
  return true;
}

bool read(const choice_rule& rule, const given_value& value, Options& options) {
  auto* text = as_text(value);
  if (!text)
    return false;
  auto word = std::find(rule.words.begin(), rule.words.end(), *text);
  if (word == rule.words.end())
    return false;
  rule.set(options, static_cast<size_t>(word - rule.words.begin()));
  return true;
}

bool read(const text_rule& rule, const given_value& value, Options& options) {
  auto* given = as_text(value);
  if (!given)
    return false;
  auto text = *given == no_text && rule.is_allowed("") ? std::string() : *given;
  if (!rule.is_allowed(text))
    return false;
  rule.set(options, std::move(text));
  return true;
}

bool read(const switch_rule& rule, const given_value& value, Options& options) {
  const auto* untyped = std::get_if<untyped_text>(&value);
  const auto* typed = std::get_if<foreign_value>(&value);
  if (const auto* is_on = typed ? typed->as<bool>() : nullptr)
    rule.set(options, *is_on);
  else if (untyped && (untyped->text == "true" || untyped->text == "false"))
    rule.set(options, untyped->text == "true");
  else
    return false;
  return true;
}

bool are_allowed(const list_rule& rule, const std::vector<std::string>& texts) {
  return texts.size() <= rule.most
         && std::all_of(texts.begin(), texts.end(),
                        [&](const auto& text) { return rule.is_allowed(text); });
}

constexpr std::string_view no_list = "none";

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  if (text == no_list)
    return parts;
  for (size_t at = 0; at <= text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    auto part = text.substr(at, comma - at);
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    parts.emplace_back(part.substr(0, part.find_last_not_of(' ') + 1));
    at = comma + 1;
  }
  return parts;
}

const std::vector<std::string>* as_array(const given_value& value) {
  const auto* other = std::get_if<foreign_value>(&value);
  return other ? std::get_if<std::vector<std::string>>(&other->content) : nullptr;
}

std::optional<std::vector<std::string>> as_list(const given_value& value) {
  if (auto* untyped = std::get_if<untyped_text>(&value))
    return split(untyped->text);
  if (const auto* array = as_array(value))
    return *array;
  return std::nullopt;
}

bool read(const list_rule& rule, const given_value& value, Options& options) {
  auto list = as_list(value);
  if (!list || !are_allowed(rule, *list))
    return false;
  rule.set(options, std::move(*list));
  return true;
}

std::string join(const std::vector<std::string>& texts) {
  std::string result;
  for (const auto& text : texts)
    result += (result.empty() ? "" : ",") + text;
  return result.empty() ? std::string(no_list) : result;
}

std::string show(const list_rule& rule, const Options& options) {
  const auto& list = rule.get(options);
  if (!rule.is_secret || list.empty())
    return join(list);
  return std::to_string(list.size()) + (list.size() == 1 ? " secret" : " secrets");
}

/// What is printed instead of secrets is allowed for none, so that nobody takes it for one.
std::string show_array(const list_rule& rule, const Options& options) {
  std::string result;
  for (const auto& text : rule.get(options))
    result += (result.empty() ? "" : ", ") + string_literal(rule.is_secret ? "(secret)" : text);
  return '[' + result + ']';
}

/// The value as the setting's error message shows it.
std::string described(const setting& s, const given_value& value) {
  if (is_secret(s))
    return "a secret, which is not shown";
  const auto* rule = std::get_if<list_rule>(&s.rule);
  if (const auto* array = as_array(value); rule && array && array->size() <= rule->most)
    for (const auto& text : *array)
      if (!rule->is_allowed(text))
        return "an array with " + string_literal(text);
  return described(value);
}

std::string join_words(std::span<const std::string_view> words) {
  std::string result;
  for (size_t i = 0; i < words.size(); ++i)
    result.append(i == 0 ? "" : i + 1 < words.size() ? ", " : " or ").append(words[i]);
  return result;
}

} // namespace

std::string described(const given_value& value) {
  return std::visit(overloaded{
                        [](const untyped_text& v) { return string_literal(v.text); },
                        [](const std::string& v) { return string_literal(v) + " (a string)"; },
                        [](int64_t v) { return std::to_string(v); },
                        [](double v) { return show_fraction(v); },
                        [](const foreign_value& v) { return v.description; },
                    },
                    value);
}

std::string variable_of(const setting& s) {
  std::string name = "ERRAND_";
  for (char c : s.flag.empty() ? s.key : s.flag.substr(2))
    name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : '_';
  return name;
}

bool is_secret(const setting& s) {
  const auto* rule = std::get_if<list_rule>(&s.rule);
  return rule && rule->is_secret;
}

std::string allowed_values(const setting& s) {
  return std::visit(
      overloaded{
          [](const whole_number_rule& r) {
            return "a whole number from " + std::to_string(r.least) + " to "
                   + std::to_string(r.most);
          },
          [](const bytes_rule& r) {
            return "bytes from " + show_bytes(r.number.least) + " to " + show_bytes(r.number.most)
                   + ", such as 5000 or \"64KiB\"";
          },
          [](const seconds_rule& r) {
            if (std::isinf(r.most))
              return "seconds from " + show_number(r.least) + ", or inf";
            return "seconds from " + show_number(r.least) + " to " + show_number(r.most);
          },
          [](const choice_rule& r) { return join_words(r.words); },
          [](const text_rule& r) { return std::string(r.allowed); },
          [](const switch_rule&) { return std::string("true or false"); },
          [](const list_rule& r) {
            return "none or up to " + std::to_string(r.most) + " " + std::string(r.allowed)
                   + "; in the file an array, else separated by commas";
          },
      },
      s.rule);
}

status read_value(const setting& s, const given_value& value, Options& options) {
  if (std::visit([&](const auto& rule) { return read(rule, value, options); }, s.rule))
    return {};
  return {ec::invalid, "is " + described(s, value) + ", but must be " + allowed_values(s)};
}

status check_value(const setting& s, const Options& options) {
  Options ignored;
  const auto* rule = std::get_if<list_rule>(&s.rule);
  return read_value(s,
                    rule ? given_value(foreign_value{"an array", rule->get(options)})
                         : given_value(untyped_text{shown_value(s, options)}),
                    ignored);
}

std::string shown_value(const setting& s, const Options& options) {
  return std::visit(
      overloaded{
          [&](const whole_number_rule& r) { return std::to_string(r.get(options)); },
          [&](const bytes_rule& r) { return show_bytes(r.number.get(options)); },
          [&](const seconds_rule& r) { return show_number(r.get(options)); },
          [&](const choice_rule& r) { return std::string(r.words[r.get(options)]); },
          [&](const text_rule& r) {
            const auto& text = r.get(options);
            return text.empty() ? std::string(no_text) : text;
          },
          [&](const switch_rule& r) { return std::string(r.get(options) ? "true" : "false"); },
          [&](const list_rule& r) { return show(r, options); },
      },
      s.rule);
}

std::string toml_value(const setting& s, const Options& options) {
  if (const auto* list = std::get_if<list_rule>(&s.rule))
    return show_array(*list, options);
  if (const auto* text = std::get_if<text_rule>(&s.rule))
    return string_literal(text->get(options));
  auto shown = shown_value(s, options);
  if (std::holds_alternative<switch_rule>(s.rule))
    return shown;
  bool is_number = std::holds_alternative<whole_number_rule>(s.rule)
                   || std::holds_alternative<seconds_rule>(s.rule)
                   || (std::holds_alternative<bytes_rule>(s.rule) && parse<int64_t>(shown));
  return is_number ? shown : string_literal(shown);
}

} // namespace errand
