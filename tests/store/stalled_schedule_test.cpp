// A time zone that an update of the system's database has taken away. No verb makes such a
// schedule, so the file is edited.
#include "tests/store/schedule_fixture.hpp"
#include "tests/store/sqlite_places.hpp"

#include <sqlite3.h>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

void edit(const std::string& file, const std::string& sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  const auto done = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
  sqlite3_close(db);
  REQUIRE(done == SQLITE_OK);
}

/// Whether the schedule's zone is known; the store is opened anew.
void set_zone(schedule_fixture& store, const std::string& zone) {
  edit(dynamic_cast<file_place&>(store.place()).file(),
       "UPDATE schedules SET time_zone = '" + zone + "'");
  store.reopen();
}

} // namespace

TEST_CASE("a schedule whose zone is not known any more stalls, and goes on when it is back") {
  schedule_fixture store([] { return std::make_unique<file_place>(); });
  auto spec = at_times("0 * * * *", "Europe/Berlin");
  spec.missed = missed_policy::run_all;
  store.put("s", spec);
  set_zone(store, "Nowhere/Now");

  const auto fires = store.fire(noon + 1h);
  CHECK(whats(fires.facts) == std::vector{what::stalled});
  auto row = store.look("s");
  CHECK(row.next_run_at == noon + 1h);
  REQUIRE(row.last_outcome);
  CHECK(row.last_outcome->outcome == fire_outcome::what::stalled);
  CHECK(row.last_outcome->detail.starts_with("its time_zone is \"Nowhere/Now\""));
  CHECK(store.db().next_due() == noon + 1h + 60s);
  CHECK(store.fire(noon + 1h + 59s).looked_at == 0);
  CHECK(store.fire(noon + 1h + 60s).looked_at == 1);
  CHECK(store.list().empty());
  const auto paused = store.order("s", schedule_order::pause, noon + 1h);
  CHECK(paused.ok());
  const auto resumed = store.order("s", schedule_order::resume, noon + 1h);
  REQUIRE(!resumed.ok());
  CHECK(resumed.why().fields().at(0).pointer == "/time_zone");
}

TEST_CASE("what fell due while a schedule was stalled is made up for") {
  schedule_fixture store([] { return std::make_unique<file_place>(); });
  auto spec = at_times("0 * * * *", "Europe/Berlin");
  spec.missed = missed_policy::run_all;
  store.put("s", spec);
  set_zone(store, "Nowhere/Now");
  store.fire(noon + 1h);
  set_zone(store, "Europe/Berlin");
  store.fire(noon + 2h);
  CHECK(store.nominal_times("s") == std::vector{noon + 1h, noon + 2h});
}
