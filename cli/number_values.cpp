#include "cli/number_values.hpp"

#include "server/printable.hpp"

#include <charconv>
#include <cmath>
#include <optional>

namespace errand {

namespace {

template <class T>
std::optional<T> read(const std::string& text) {
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
