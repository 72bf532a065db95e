#include "tests/faults/recount.hpp"

#include "tests/support/catch.hpp"

namespace errand::test {

std::vector<task> all_tasks(store_reader& reader) {
  std::vector<task> all;
  list_request request;
  request.limit = 1000;
  do {
    const auto page = reader.list(request);
    REQUIRE(page.ok());
    all.insert(all.end(), page->tasks.begin(), page->tasks.end());
    request.after = page->next;
  } while (request.after);
  return all;
}

void check_counts(const std::string& url) {
  const auto db = open_store({url});
  REQUIRE(db.ok());
  const auto reader = (*db)->open_reader();
  REQUIRE(reader.ok());
  task_counts recount;
  for (const auto& each : all_tasks(**reader))
    ++recount[each.spec.queue][each.state];
  const auto counts = (*reader)->counts();
  REQUIRE(counts.ok());
  CHECK(*counts == recount);
}

} // namespace errand::test
