#include "actors/worker_table.hpp"

#include <algorithm>

namespace errand {

namespace {

template <class Workers, class Predicate>
size_t count(const Workers& workers, Predicate wanted) {
  return static_cast<size_t>(std::count_if(workers.begin(), workers.end(), wanted));
}

template <class Workers, class Predicate>
auto* find_in(Workers& workers, Predicate wanted) {
  const auto found = std::find_if(workers.begin(), workers.end(), wanted);
  return found == workers.end() ? nullptr : &*found;
}

} // namespace

worker_table::worker& worker_table::add(pool_number pool) {
  auto& made = workers_.emplace_back();
  made.number = ++last_;
  made.pool = pool;
  return made;
}

void worker_table::erase(const worker& gone) {
  workers_.remove_if([&](const worker& each) { return &each == &gone; });
}

worker_table::worker* worker_table::find(worker_number number) {
  return find_in(workers_, [&](const worker& each) { return each.number == number; });
}

worker_table::worker* worker_table::find(const caf::actor_addr& address) {
  return find_in(workers_, [&](const worker& each) { return each.actor.address() == address; });
}

size_t worker_table::busy() const {
  return count(workers_, [](const worker& each) { return each.busy(); });
}

size_t worker_table::usable(pool_number pool) const {
  return count(workers_, [=](const worker& each) { return each.pool == pool && !each.stuck; });
}

size_t worker_table::stuck() const {
  return count(workers_, [](const worker& each) { return each.stuck != nullptr; });
}

} // namespace errand
