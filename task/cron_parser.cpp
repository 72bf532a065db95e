#include "task/cron_parser.hpp"

#include "task/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace errand {

namespace {

constexpr std::array<std::string_view, 12> month_names = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekday_names = {"sun", "mon", "tue", "wed",
                                                           "thu", "fri", "sat"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> nicknames = {{
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
}};

constexpr std::string_view shape =
    "it must have five fields (minute hour day-of-month month day-of-week), or six with the second"
    " first, such as \"0 3 * * mon-fri\", or be one of @yearly, @annually, @monthly, @weekly,"
    " @daily, @midnight, @hourly";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || text.front() == '-')
    return std::nullopt;
  return value;
}

std::vector<std::string_view> words(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  std::vector<std::string_view> found;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    if (text.empty())
      return found;
    const auto word = text.substr(0, text.find_first_of(blanks));
    found.push_back(word);
    text.remove_prefix(word.size());
  }
}

bool is_last(std::string_view text) {
  return text == "L" || text == "l";
}

} // namespace

struct cron_parser::field_info {
  std::string_view name;
  int min;
  int max;
  std::span<const std::string_view> names; ///< Of min and what follows.
  std::string_view rule;
};

const std::array<cron_parser::field_info, 6> cron_parser::fields = {{
    {"second", 0, 59, {}, "0 to 59"},
    {"minute", 0, 59, {}, "0 to 59"},
    {"hour", 0, 23, {}, "0 to 23"},
    {"day-of-month", 1, 31, {}, "1 to 31, L, or L-1 to L-30"},
    {"month", 1, 12, month_names, "1 to 12, or JAN to DEC"},
    {"day-of-week", 0, 7, weekday_names,
     "0 to 7 (0 and 7 are Sunday), SUN to SAT, 5L (the last Friday) or 5#2 (the second)"},
}};

status_or<cron> cron_parser::read() {
  const auto fault = [this](std::string_view why) {
    return status(ec::invalid, "is " + quoted(text_, 80) + "; " + std::string(why));
  };
  if (text_.size() > max_cron_size)
    return fault("it must be at most 512 bytes long");
  auto parts = words(text_);
  if (parts.size() == 1 && parts[0].front() == '@') {
    const auto known = std::find_if(nicknames.begin(), nicknames.end(),
                                    [&](const auto& each) { return same(each.first, parts[0]); });
    if (known == nicknames.end())
      return fault(same(parts[0], "@reboot")
                       ? "@reboot is no time; submit a task when your program starts"
                       : shape);
    parts = words(known->second);
  }
  if (!parts.empty() && same(parts[0], "@every"))
    return fault("write every_s in place of cron");
  if (parts.size() != 5 && parts.size() != 6)
    return fault("it has " + std::to_string(parts.size())
                 + (parts.size() == 1 ? " field; " : " fields; ") + std::string(shape));
  if (parts.size() == 5)
    parts.insert(parts.begin(), "0");
  for (size_t which = 0; which < parts.size(); ++which)
    if (!read_field(which, parts[which]))
      return fault(fault_);
  return read_;
}

bool cron_parser::read_field(size_t which, std::string_view text) {
  const bool is_day = which == day_field || which == weekday_field;
  if (is_day)
    (which == day_field ? read_.days_restrict_ : read_.weekdays_restrict_) =
        text.front() != '*' && text != "?";
  if (text == "?" && is_day)
    text = "*";
  while (true) {
    const auto comma = text.find(',');
    const auto item = text.substr(0, comma);
    if (item.empty())
      return fail(which, text, "has a comma that separates nothing");
    if (!read_item(which, item))
      return false;
    if (comma == std::string_view::npos)
      return true;
    text.remove_prefix(comma + 1);
    if (text.empty())
      return fail(which, ",", "has a comma that separates nothing");
  }
}

bool cron_parser::read_item(size_t which, std::string_view item) {
  if (which == day_field && is_last(item.substr(0, 1)))
    return read_last_day(item);
  if (which == weekday_field
      && (item.find('#') != std::string_view::npos || is_last(item.substr(item.size() - 1))))
    return read_nth_weekday(item);
  return read_range(which, item);
}

bool cron_parser::read_last_day(std::string_view item) {
  int before = 0;
  if (item.size() > 1) {
    const auto n = item[1] == '-' && item.size() > 2 ? number(item.substr(2)) : std::nullopt;
    if (!n || *n < 1 || *n > 30)
      return fail(day_field, item, {});
    before = *n;
  }
  read_.days_from_last_ |= uint64_t{1} << before;
  return true;
}

bool cron_parser::read_nth_weekday(std::string_view item) {
  const auto hash = item.find('#');
  const bool last = hash == std::string_view::npos;
  const auto day = last ? item.substr(0, item.size() - 1) : item.substr(0, hash);
  if (day.empty())
    return fail(weekday_field, item, last ? "needs its weekday, such as 5L or FRIL" : "");
  const auto weekday = value_of(weekday_field, day);
  const auto nth = last ? std::optional(0) : number(item.substr(hash + 1));
  if (!weekday || !nth)
    return fail(weekday_field, item, {});
  if (!last && (*nth < 1 || *nth > 5))
    return fail(weekday_field, item, "must have 1 to 5 after its #");
  read_.nth_[static_cast<size_t>(*weekday % 7)] |= static_cast<uint8_t>(1U << *nth);
  return true;
}

bool cron_parser::read_range(size_t which, std::string_view item) {
  const auto& [name, min, max, names, rule] = fields[which];
  const auto slash = item.find('/');
  const auto base = item.substr(0, slash);
  const auto dash = base.find('-');
  const int end = which == weekday_field ? 6 : max;
  int from = min;
  int to = end;
  if (base != "*") {
    const auto first = value_of(which, base.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : value_of(which, base.substr(dash + 1));
    if (!first || !last)
      return fail(which, item, {});
    from = *first;
    if (dash != std::string_view::npos || slash == std::string_view::npos)
      to = *last;
    if (which == weekday_field && to == 0 && from > 0)
      to = 7; // sat-sun
  }
  if (from > to)
    return fail(which, item, "goes backwards; write two ranges, with a comma between them");
  int step = 1;
  if (slash != std::string_view::npos) {
    const auto n = number(item.substr(slash + 1));
    if (!n || *n < 1)
      return fail(which, item, "must have a whole number from 1 on after its /");
    if (*n > end - min)
      return fail(which, item,
                  "has a step beyond the field's " + std::to_string(end - min + 1)
                      + " values, which would begin anew with each of them; for other intervals"
                        " there is every_s");
    step = *n;
  }
  for (int value = from; value <= to; value += step)
    set_of(which) |= uint64_t{1} << (which == weekday_field ? value % 7 : value);
  return true;
}

std::optional<int> cron_parser::value_of(size_t which, std::string_view text) const {
  const auto& field = fields[which];
  for (size_t i = 0; i < field.names.size(); ++i)
    if (same(field.names[i], text))
      return field.min + static_cast<int>(i);
  if (text.empty())
    return std::nullopt;
  const auto value = number(text);
  if (!value || *value < field.min || *value > field.max)
    return std::nullopt;
  return value;
}

uint64_t& cron_parser::set_of(size_t which) {
  const std::array sets = {&read_.seconds_, &read_.minutes_, &read_.hours_,
                           &read_.days_,    &read_.months_,  &read_.weekdays_};
  return *sets[which];
}

bool cron_parser::fail(size_t which, std::string_view item, const std::string& why) {
  const auto& field = fields[which];
  fault_ = "its " + std::string(field.name) + ' ' + quoted(item, 40) + ' ';
  fault_ += why.empty() ? "is not " + std::string(field.rule) : why;
  return false;
}

} // namespace errand
