#include "task/time_zone.hpp"

#include "task/near_name.hpp"
#include "task/utf8.hpp"

#include <date/tz.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <vector>

namespace errand {

namespace {

using std::chrono::local_seconds;
using std::chrono::sys_seconds;

constexpr size_t longest_name = 64;

/// Who writes "Berlin" means "Europe/Berlin".
std::optional<std::string_view> with_that_ending(std::string_view word,
                                                 const std::vector<std::string_view>& names) {
  const std::string ending = '/' + std::string(word);
  for (const auto name : names)
    if (name.ends_with(ending))
      return name;
  return std::nullopt;
}

std::string not_known(std::string_view name, const date::tzdb& database) {
  std::vector<std::string_view> names;
  for (const auto& zone : database.zones)
    names.push_back(zone.name());
  auto near = near_name(name, names);
  if (!near)
    near = with_that_ending(name, names);
  auto text = "is " + quoted(name) + ", which the time zone database does not know";
  if (near)
    return text + "; did you mean \"" + std::string(*near) + "\"?";
  return text + "; it must be a name such as \"Europe/Berlin\" or \"UTC\"";
}

} // namespace

status_or<time_zone> time_zone::find(std::string_view name) {
  time_zone found;
  if (name == "UTC" || name == "Etc/UTC")
    return found;
  try {
    const auto& database = date::get_tzdb();
    const auto zone =
        std::find_if(database.zones.begin(), database.zones.end(),
                     [&](const date::time_zone& each) { return each.name() == name; });
    if (name.empty() || name.size() > longest_name || zone == database.zones.end())
      return status(ec::invalid, not_known(name, database));
    zone->get_info(sys_seconds{}); // reads its file, which may be missing or damaged
    found.zone_ = &*zone;
    return found;
  } catch (const std::exception& error) {
    return status(ec::invalid,
                  "is " + quoted(name)
                      + ", which can't be looked up: the server's machine has no usable time zone"
                        " database ("
                      + mended(error.what(), 200)
                      + "); install the package tzdata there, or use \"UTC\"");
  }
}

time_zone::stretch time_zone::at(sys_seconds time) const {
  if (zone_ == nullptr)
    return {sys_seconds::max(), std::chrono::seconds{0}};
  const auto info = zone_->get_info(time);
  return {info.end, info.offset};
}

time_zone::reading time_zone::read(local_seconds civil) const {
  const auto since_1970 = civil.time_since_epoch();
  if (zone_ == nullptr)
    return {sys_seconds(since_1970), civil};
  const auto info = zone_->get_info(date::local_seconds(since_1970));
  switch (info.result) {
  case date::local_info::nonexistent:
    return {info.first.end, civil};
  case date::local_info::ambiguous: {
    const auto end = info.first.end.time_since_epoch() + info.first.offset;
    return {sys_seconds(since_1970 - info.first.offset), local_seconds(end)};
  }
  default:
    return {sys_seconds(since_1970 - info.first.offset), civil};
  }
}

} // namespace errand
