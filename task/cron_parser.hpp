// Reads the fields of a cron expression. For cron.cpp alone.
#pragma once

#include "task/cron.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace errand {

class cron_parser {
public:
  explicit cron_parser(std::string_view text) : text_(text) {}

  /// What was read, or `invalid`. That the days exist is not looked at.
  status_or<cron> read();

private:
  struct field_info;
  static const std::array<field_info, 6> fields;
  static constexpr size_t day_field = 3;
  static constexpr size_t weekday_field = 5;

  bool read_field(size_t which, std::string_view text);
  bool read_item(size_t which, std::string_view item);
  bool read_range(size_t which, std::string_view item);
  bool read_last_day(std::string_view item);
  bool read_nth_weekday(std::string_view item);
  std::optional<int> value_of(size_t which, std::string_view text) const;
  uint64_t& set_of(size_t which);
  bool fail(size_t which, std::string_view item, const std::string& why);

  std::string_view text_;
  cron read_;
  std::string fault_;
};

} // namespace errand
