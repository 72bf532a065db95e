#include "http/task_wait.hpp"
#include "tests/http/recording_link.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using namespace errand::test;
using outcome = task_wait::outcome;
using strings = std::vector<std::string>;

namespace {

answer shown(task_state state) {
  task row;
  row.state = state;
  return {0, std::make_shared<const task>(row)};
}

const answer told{0, status{}};
constexpr question fetch = 0;
constexpr question watch = 1;

struct waiting {
  waiting() {
    wait.start({}, std::chrono::milliseconds{1000}, link);
    link.take();
  }
  recording_link link;
  task_wait wait{0};
};

} // namespace

TEST_CASE("a wait watches before it looks, so that no end is missed", "[task_wait]") {
  recording_link link;
  task_wait wait{0};
  wait.start({}, std::chrono::milliseconds{1500}, link);
  CHECK(link.take() == strings{"patience 1500", "watch 1", "fetch 0"});
}

TEST_CASE("a task that is final already ends the wait", "[task_wait]") {
  waiting on;
  CHECK(on.wait.answered(fetch, shown(task_state::failed), on.link) == outcome::ended);
  CHECK(on.link.take() == strings{"unwatch 1"});
  CHECK(on.wait.last().state == task_state::failed);
}

TEST_CASE("a wait looks again when it is told of the end", "[task_wait]") {
  waiting on;
  CHECK(on.wait.answered(fetch, shown(task_state::running), on.link) == outcome::goes_on);
  CHECK(on.link.take().empty());
  CHECK(on.wait.answered(watch, told, on.link) == outcome::goes_on);
  CHECK(on.link.take() == strings{"fetch 0"});
  CHECK(on.wait.answered(fetch, shown(task_state::succeeded), on.link) == outcome::ended);
  CHECK(on.link.take().empty());
}

TEST_CASE("an answer made before the end is not the last word", "[task_wait]") {
  waiting on;
  CHECK(on.wait.answered(watch, told, on.link) == outcome::goes_on);
  CHECK(on.link.take().empty());
  CHECK(on.wait.answered(fetch, shown(task_state::running), on.link) == outcome::goes_on);
  CHECK(on.link.take() == strings{"fetch 0"});
  CHECK(on.wait.answered(fetch, shown(task_state::succeeded), on.link) == outcome::ended);
}

TEST_CASE("at the end of its time a wait tells how the task stands then", "[task_wait]") {
  waiting on;
  on.wait.answered(fetch, shown(task_state::queued), on.link);
  CHECK(on.wait.overdue(on.link) == outcome::goes_on);
  CHECK(on.link.take() == strings{"patience 30000", "fetch 0"});
  CHECK(on.wait.answered(fetch, shown(task_state::running), on.link) == outcome::ended);
  CHECK(on.link.take() == strings{"unwatch 1"});
  CHECK(on.wait.last().state == task_state::running);
}

TEST_CASE("a look that was under way when time ran out is taken again", "[task_wait]") {
  waiting on;
  CHECK(on.wait.overdue(on.link) == outcome::goes_on);
  on.link.take();
  CHECK(on.wait.answered(fetch, shown(task_state::queued), on.link) == outcome::goes_on);
  CHECK(on.link.take() == strings{"fetch 0"});
  CHECK(on.wait.answered(fetch, shown(task_state::running), on.link) == outcome::ended);
}

TEST_CASE("a reader that stays silent fails the wait", "[task_wait]") {
  waiting on;
  on.wait.overdue(on.link);
  on.link.take();
  CHECK(on.wait.overdue(on.link) == outcome::failed);
  CHECK(on.wait.why().code() == ec::timed_out);
  CHECK(on.link.take() == strings{"unwatch 1"});
}

TEST_CASE("a task that does not exist fails the wait at once", "[task_wait]") {
  waiting on;
  CHECK(on.wait.answered(fetch, {0, status{ec::not_found, "no"}}, on.link) == outcome::failed);
  CHECK(on.wait.why().code() == ec::not_found);
  CHECK(on.link.take() == strings{"unwatch 1"});
}

TEST_CASE("a client that goes away takes its watch along, once", "[task_wait]") {
  waiting on;
  on.wait.abandoned(on.link);
  CHECK(on.link.take() == strings{"unwatch 1"});
  on.wait.abandoned(on.link);
  CHECK(on.link.take().empty());
}
