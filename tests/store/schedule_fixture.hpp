// A store with the verbs of schedules as one-line transactions.
#pragma once

#include "tests/store/conformance.hpp"

#include <set>

namespace errand::test {

inline schedule_spec every(duration period) {
  schedule_spec spec;
  spec.every = period;
  spec.task.kind = "noop";
  return spec;
}

inline schedule_spec at_times(const std::string& cron, const std::string& zone = "UTC") {
  schedule_spec spec;
  spec.cron = cron;
  spec.time_zone = zone;
  spec.task.kind = "noop";
  return spec;
}

struct schedule_fixture : store_fixture {
  using store_fixture::store_fixture;

  schedule_change put(const std::string& name, const schedule_spec& spec, timestamp now = noon) {
    const auto done = committed([&] { return db().put_schedule({name, spec}, now); });
    REQUIRE(done);
    if (!done->ok())
      FAIL(done->why().message());
    return **done;
  }

  status_or<schedule_change> order(const std::string& name, schedule_order what,
                                   timestamp now = noon) {
    const auto done = committed([&] { return db().order_schedule({name, what}, now); });
    REQUIRE(done);
    return *done;
  }

  schedule_fires fire(timestamp now, size_t max = 100'000) {
    return committed([&] { return db().fire_due(now, max); });
  }

  schedule look(const std::string& name) {
    const auto found = reader().schedule(name);
    if (!found.ok())
      FAIL(found.why().message());
    return found->row;
  }

  /// Of the schedule's tasks, the oldest first; each once, or the test fails.
  std::vector<timestamp> nominal_times(const std::string& name) {
    list_request request;
    request.filter.schedule = name;
    request.ascending = true;
    std::vector<timestamp> times;
    std::set<timestamp> seen;
    for (const auto& row : list(request)) {
      CHECK(row.schedule == name);
      REQUIRE(row.nominal_at);
      CHECK(seen.insert(*row.nominal_at).second);
      times.push_back(*row.nominal_at);
    }
    return times;
  }

  /// The one task that the schedule has.
  task only_task(const std::string& name) {
    list_request request;
    request.filter.schedule = name;
    const auto all = list(request);
    REQUIRE(all.size() == 1);
    return all[0];
  }
};

inline std::string text_of(const schedule_spec& spec) {
  task row;
  row.spec = spec.task;
  return spec.cron + '|' + std::to_string(spec.every.count()) + '|' + spec.time_zone + '|'
         + std::string(to_string(spec.missed)) + '|' + std::string(to_string(spec.overlap)) + '|'
         + (spec.paused ? "paused" : "") + '|' + describe(row) + '|'
         + (spec.task.expires_in ? std::to_string(spec.task.expires_in->count()) : "-");
}

inline std::vector<schedule_fact::what> whats(const std::vector<schedule_fact>& facts) {
  std::vector<schedule_fact::what> all;
  for (const auto& fact : facts)
    all.push_back(fact.happened);
  return all;
}

using what = schedule_fact::what;

#define FOR_EVERY_SCHEDULE_STORE(fixture)                                                          \
  ::errand::test::schedule_fixture fixture(GENERATE(from_range(::errand::test::every_store())));   \
  INFO("store: " << fixture.place().name())

} // namespace errand::test
