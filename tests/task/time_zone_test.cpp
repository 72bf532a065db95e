#include "task/time_zone.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using namespace std::chrono_literals;

namespace {

time_zone zone(std::string_view name) {
  const auto found = time_zone::find(name);
  if (!found.ok())
    FAIL(found.why().message());
  return *found;
}

std::string refusal_of(std::string_view name) {
  const auto found = time_zone::find(name);
  REQUIRE(!found.ok());
  CHECK(found.why().code() == ec::invalid);
  return found.why().message();
}

constexpr std::chrono::sys_days year(int n) {
  return std::chrono::sys_days{std::chrono::year{n} / 1 / 1};
}

} // namespace

TEST_CASE("UTC is known under both its names and never shifts") {
  for (const auto* name : {"UTC", "Etc/UTC"})
    CHECK(zone(name).at(year(2026)).offset == 0s);
}

TEST_CASE("zones come from the system's database") {
  CHECK(zone("Europe/Berlin").at(year(2026)).offset == 1h);
  CHECK(zone("Asia/Kolkata").at(year(2026)).offset == 5h + 30min);
  CHECK(zone("Australia/Lord_Howe").at(year(2026)).offset == 11h);
}

TEST_CASE("the database knows daylight saving of years to come") {
  // Debian writes all changes up to 2037 into its files. The library does not read the rule that
  // would go on from there, and with files that have nothing but the rule it would know no changes
  // at all.
  CHECK(zone("Europe/Berlin").at(year(2036) + std::chrono::months{6}).offset == 2h);
}

TEST_CASE("a zone that is not known is refused, with the one that was meant") {
  CHECK(refusal_of("Europe/Berlni").find("did you mean \"Europe/Berlin\"?") != std::string::npos);
  CHECK(refusal_of("europe/berlin").find("did you mean \"Europe/Berlin\"?") != std::string::npos);
  CHECK(refusal_of("Kolkata").find("did you mean \"Asia/Kolkata\"?") != std::string::npos);
  CHECK(refusal_of("Mars/Olympus_Mons").find("a name such as \"Europe/Berlin\"")
        != std::string::npos);
}

TEST_CASE("what is no name of a zone does not reach the file system") {
  for (const auto* name : {"", "../../../etc/passwd", "/etc/localtime", "Europe", "posixrules",
                           "Europe/Berlin ", "+01:00"}) {
    INFO(name);
    CHECK(!time_zone::find(name).ok());
  }
  CHECK(!time_zone::find(std::string(100'000, 'a')).ok());
}
