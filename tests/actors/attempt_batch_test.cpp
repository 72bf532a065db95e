#include "actors/attempt_batch.hpp"
#include "tests/support/catch.hpp"

#include <set>
#include <thread>

using namespace errand;

namespace {

std::vector<attempt_spec> specs(int count) {
  std::vector<attempt_spec> result(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i)
    result[static_cast<size_t>(i)].ref = {task_id::from_parts(i + 1, 7), 1};
  return result;
}

const steady_time now = steady_time{} + std::chrono::hours{1};

} // namespace

TEST_CASE("a pinned slot is for its worker and is never taken as the next one") {
  attempt_batch batch{specs(3), 2};
  auto* next = batch.take_next(9, now);
  REQUIRE(next == &batch.at(2));
  CHECK(batch.exhausted());
  CHECK(batch.take_next(9, now) == nullptr);
  CHECK(batch.take_pinned(1, 4, now) == &batch.at(1));
  CHECK(batch.take_pinned(1, 5, now) == nullptr);
}

TEST_CASE("a withdrawn slot is taken by nobody, a taken one is not withdrawn") {
  attempt_batch batch{specs(4), 1};
  batch.take_next(2, now);
  const auto refs = batch.withdraw();
  REQUIRE(refs.size() == 3);
  CHECK(refs[0].id == batch.at(0).spec.ref.id);
  CHECK(refs[1].id == batch.at(2).spec.ref.id);
  CHECK(batch.exhausted());
  CHECK(batch.take_pinned(0, 1, now) == nullptr);
  CHECK(batch.take_next(1, now) == nullptr);
  CHECK(batch.withdraw().empty());
}

TEST_CASE("what a worker took and did not report is known, and nobody else's") {
  attempt_batch batch{specs(3), 0};
  auto* first = batch.take_next(1, now);
  batch.take_next(2, now);
  batch.take_next(1, now);
  first->reported = true;
  const auto refs = batch.unreported_by(1);
  REQUIRE(refs.size() == 1);
  CHECK(refs[0].id == batch.at(2).spec.ref.id);
}

TEST_CASE("cancel wakes the handlers of that worker alone") {
  attempt_batch batch{specs(2), 0};
  auto* mine = batch.take_next(1, now);
  auto* other = batch.take_next(2, now);
  std::thread canceller{[&] { batch.cancel(1); }};
  CHECK(batch.wait_cancelled(*mine, std::chrono::steady_clock::now() + std::chrono::minutes{1}));
  canceller.join();
  CHECK_FALSE(batch.wait_cancelled(*other, std::chrono::steady_clock::now()));
}

TEST_CASE("threads that take and withdraw at once share every slot out once") {
  constexpr int count = 20'000;
  attempt_batch batch{specs(count), 0};
  std::vector<std::vector<int64_t>> taken(4);
  std::vector<std::thread> threads;
  for (worker_number who = 1; who <= 3; ++who)
    threads.emplace_back([&, who] {
      while (auto* slot = batch.take_next(who, now))
        taken[who].push_back(slot->spec.ref.id.sequence());
    });
  for (const auto& ref : batch.withdraw())
    taken[0].push_back(ref.id.sequence());
  for (auto& thread : threads)
    thread.join();
  std::set<int64_t> all;
  size_t sum = 0;
  for (const auto& part : taken) {
    all.insert(part.begin(), part.end());
    sum += part.size();
  }
  CHECK(all.size() == count);
  CHECK(sum == count);
}

TEST_CASE("cancelling one attempt tells its handler, or keeps it from ever beginning") {
  attempt_batch batch{specs(3), 1};
  auto* running = batch.take_next(2, now);
  REQUIRE(running == &batch.at(1));
  CHECK(batch.cancel(running->spec.ref) == attempt_batch::found::running);
  CHECK(running->cancelled);
  CHECK(batch.cancel(batch.at(0).spec.ref) == attempt_batch::found::unclaimed);
  CHECK(batch.take_pinned(0, 1, now) == nullptr);
  CHECK(batch.cancel(batch.at(0).spec.ref) == attempt_batch::found::nothing);

  running->reported = true;
  CHECK(batch.cancel(running->spec.ref) == attempt_batch::found::nothing);
  auto other_attempt = batch.at(2).spec.ref;
  ++other_attempt.attempt;
  CHECK(batch.cancel(other_attempt) == attempt_batch::found::nothing);
  CHECK(batch.take_next(1, now) == &batch.at(2));
  CHECK_FALSE(batch.at(2).cancelled);
}

TEST_CASE("what a worker is at is known from when it begins until it is reported") {
  attempt_batch batch{specs(2), 1};
  CHECK(batch.running_of(1) == nullptr);
  auto* mine = batch.take_pinned(0, 1, now);
  CHECK(batch.running_of(1) == mine);
  CHECK(batch.running_of(2) == nullptr);
  mine->reported = true;
  CHECK(batch.running_of(1) == nullptr);
}

TEST_CASE("a deadline counts from the begin of the attempt") {
  auto one = specs(1);
  one[0].timeout = std::chrono::seconds{3};
  attempt_batch batch{std::move(one), 0};
  CHECK(batch.take_next(1, now)->deadline() == now + std::chrono::seconds{3});
}
