#include "http/json_writer.hpp"

#include "task/utf8.hpp"

#include <charconv>

namespace errand {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

void append_escape(std::string& out, char c) {
  constexpr char hex_digits[] = "0123456789abcdef";
  switch (c) {
  case '"':
    out += "\\\"";
    return;
  case '\\':
    out += "\\\\";
    return;
  case '\b':
    out += "\\b";
    return;
  case '\f':
    out += "\\f";
    return;
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  default:
    out += "\\u00";
    out += hex_digits[static_cast<uint8_t>(c) >> 4];
    out += hex_digits[static_cast<uint8_t>(c) & 15];
  }
}

/// Printable ASCII that stands for itself: nearly everything that comes by.
bool is_plain(char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

} // namespace

// A value or key follows another one exactly if the text so far ends in neither an opening bracket
// nor a colon; no value ends in one of these.
void json_writer::separate() {
  if (out_.size() == begin_)
    return;
  const char last = out_.back();
  if (last != '{' && last != '[' && last != ':')
    out_ += ',';
}

void json_writer::append_string(std::string_view text) {
  out_ += '"';
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain]))
      ++plain;
    out_.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty())
      break;
    const auto first = static_cast<uint8_t>(text[0]);
    size_t length = 1;
    if (first < 0x20 || first == '"' || first == '\\')
      append_escape(out_, text[0]);
    else if (length = utf8_length(text); length > 0)
      out_.append(text.data(), length);
    else
      out_ += replacement, length = 1;
    text.remove_prefix(length);
  }
  out_ += '"';
}

void json_writer::append_integer(int64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out_.append(digits, end);
}

json_writer& json_writer::begin_object() {
  separate();
  out_ += '{';
  return *this;
}

json_writer& json_writer::end_object() {
  out_ += '}';
  return *this;
}

json_writer& json_writer::begin_array() {
  separate();
  out_ += '[';
  return *this;
}

json_writer& json_writer::end_array() {
  out_ += ']';
  return *this;
}

json_writer& json_writer::key(std::string_view name) {
  separate();
  append_string(name);
  out_ += ':';
  return *this;
}

json_writer& json_writer::string(std::string_view text) {
  separate();
  append_string(text);
  return *this;
}

json_writer& json_writer::integer(int64_t number) {
  separate();
  append_integer(number);
  return *this;
}

json_writer& json_writer::seconds(duration time) {
  separate();
  int64_t whole = time.count() / 1'000'000;
  int64_t micros = time.count() % 1'000'000;
  if (time.count() < 0) {
    out_ += '-';
    whole = -whole;
    micros = -micros;
  }
  append_integer(whole);
  if (micros == 0)
    return *this;
  char fraction[7] = ".";
  for (int i = 6; i > 0; --i, micros /= 10)
    fraction[i] = static_cast<char>('0' + micros % 10);
  const std::string_view all(fraction, 7);
  out_ += all.substr(0, all.find_last_not_of('0') + 1);
  return *this;
}

json_writer& json_writer::number(double number) {
  separate();
  char digits[32];
  out_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  return *this;
}

json_writer& json_writer::boolean(bool value) {
  return raw(value ? "true" : "false");
}

json_writer& json_writer::integer_if_any(const std::optional<int64_t>& number) {
  return number ? integer(*number) : null();
}

json_writer& json_writer::seconds_if_any(const std::optional<duration>& time) {
  return time ? seconds(*time) : null();
}

json_writer& json_writer::time(const std::optional<timestamp>& time) {
  return time ? string(to_rfc3339(*time)) : null();
}

json_writer& json_writer::string_if_any(std::string_view text) {
  return text.empty() ? null() : string(text);
}

json_writer& json_writer::null() {
  return raw("null");
}

json_writer& json_writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

} // namespace errand
