#include "cli/number_values.hpp"

#include "server/printable.hpp"

#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

namespace errand {

namespace {

/// A leading zero is none of it: the parser takes "010" for eight.
template <class T>
std::optional<T> read(const std::string& text) {
  const auto digits = text.find_first_of("0123456789");
  if (digits != text.npos && digits + 1 < text.size() && text[digits] == '0'
      && std::isdigit(static_cast<unsigned char>(text[digits + 1])))
    return {};
  T value{};
  const auto* end = text.data() + text.size();
  const auto [rest, fault] = std::from_chars(text.data(), end, value);
  if (fault != std::errc{} || rest != end)
    return {};
  return value;
}

/// The check's description stays empty, since help would show it.
template <class Rule>
CLI::Validator check_for(const char* what, Rule is_good) {
  return {[what, is_good](std::string& text) {
            return is_good(text) ? std::string()
                                 : "is " + string_literal(text) + ", but must be " + what;
          },
          ""};
}

} // namespace

CLI::Validator number() {
  return check_for("a number", [](const std::string& text) {
    const auto value = read<double>(text);
    return value && std::isfinite(*value);
  });
}

CLI::Validator whole_number() {
  return check_for("a whole number",
                   [](const std::string& text) { return read<long>(text).has_value(); });
}

CLI::Validator count_number() {
  return check_for("a whole number above 0",
                   [](const std::string& text) { return read<long>(text).value_or(0) > 0; });
}

} // namespace errand
