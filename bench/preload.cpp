// Fills a new store with queued noop tasks, faster than HTTP could. Usage: preload PATH COUNT
#include "store/store.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace {

/// Tasks per commit: so many that the commit itself does not count.
constexpr long batch_size = 10'000;

errand::status fill(errand::store& store, long count) {
  errand::task_spec spec;
  spec.kind = "noop";
  for (long done = 0; done < count; done += batch_size) {
    if (auto begun = store.begin(); !begun.ok())
      return begun;
    for (long i = 0; i < std::min(batch_size, count - done); ++i)
      if (!store.insert(spec, errand::system_now()))
        break; // commit() tells why
    if (auto committed = store.commit(); !committed.ok())
      return committed;
  }
  return {};
}

} // namespace

int main(int argc, char** argv) {
  const long count = argc == 3 ? std::atol(argv[2]) : 0;
  if (count <= 0) {
    std::cerr << "Usage: preload PATH COUNT\n";
    return 2;
  }
  auto store = errand::open_store({std::string{"sqlite:"} + argv[1], errand::durability::relaxed});
  const auto outcome = store.ok() ? fill(**store, count) : store.why();
  if (!outcome.ok()) {
    std::cerr << "preload: " << outcome.message() << '\n';
    return 1;
  }
}
