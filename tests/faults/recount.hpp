// What the store counts as it goes, against a count of its tasks. While no server has the store.
#pragma once

#include "store/store.hpp"

#include <string>
#include <vector>

namespace errand::test {

std::vector<task> all_tasks(store_reader& reader);

/// How many tasks each queue has in each state.
void check_counts(const std::string& url);

} // namespace errand::test
