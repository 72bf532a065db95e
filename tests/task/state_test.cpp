#include "task/state.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace errand;

namespace {

std::vector<std::string> lifecycle_lines() {
  std::ifstream file(std::string(ERRAND_SOURCE_DIR) + "/docs/lifecycle.md");
  REQUIRE(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    lines.push_back(line);
  return lines;
}

/// "| a | b |" -> {"a", "b"}.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  std::string cell;
  std::getline(in, cell, '|');
  while (std::getline(in, cell, '|')) {
    cell.erase(
        std::remove_if(cell.begin(), cell.end(), [](char c) { return c == ' ' || c == '`'; }),
        cell.end());
    cells.push_back(cell);
  }
  return cells;
}

using state_table = std::map<std::pair<std::string, std::string>, std::string>;

/// The table whose head begins with "state".
state_table documented_table() {
  state_table table;
  std::vector<std::string> head;
  for (const auto& line : lifecycle_lines()) {
    const auto cells = cells_of(line);
    if (cells.empty())
      head.clear();
    else if (cells[0] == "state")
      head = cells;
    else if (!head.empty() && cells[0].find("---") == std::string::npos)
      for (size_t i = 1; i < cells.size() && i < head.size(); ++i)
        table[{cells[0], head[i]}] = cells[i];
  }
  return table;
}

/// The diagram's arrows between states, as (from, event, to).
std::set<std::vector<std::string>> documented_arrows() {
  std::set<std::vector<std::string>> arrows;
  for (const auto& line : lifecycle_lines()) {
    std::istringstream in(line);
    std::string from, arrow, to, colon, event;
    if (in >> from >> arrow >> to >> colon >> event && arrow == "-->" && colon == ":")
      arrows.insert({from, event, to});
  }
  return arrows;
}

} // namespace

TEST_CASE("docs/lifecycle.md tells the outcome of every event in every state") {
  const auto table = documented_table();
  CHECK(table.size() == all_task_states.size() * all_task_events.size());
  for (const auto state : all_task_states) {
    for (const auto event : all_task_events) {
      CAPTURE(to_string(state), to_string(event));
      const auto cell = table.find({std::string(to_string(state)), std::string(to_string(event))});
      REQUIRE(cell != table.end());
      const auto next = next_state(state, event);
      CHECK(cell->second == (next ? to_string(*next) : "-"));
    }
  }
}

TEST_CASE("docs/lifecycle.md draws exactly the arrows that there are") {
  std::set<std::vector<std::string>> arrows;
  for (const auto state : all_task_states)
    for (const auto event : all_task_events)
      if (const auto next = next_state(state, event))
        arrows.insert({std::string(to_string(state)), std::string(to_string(event)),
                       std::string(to_string(*next))});
  CHECK(documented_arrows() == arrows);
}

TEST_CASE("every (state, event) pair that may happen leads to one state, every other is refused") {
  using s = task_state;
  using e = task_event;
  const std::map<std::pair<s, e>, s> allowed = {
      {{s::scheduled, e::due}, s::queued},       {{s::retrying, e::due}, s::queued},
      {{s::queued, e::claim}, s::running},       {{s::running, e::succeed}, s::succeeded},
      {{s::running, e::fail}, s::retrying},      {{s::running, e::fail_last}, s::failed},
      {{s::running, e::postpone}, s::retrying},  {{s::running, e::lose}, s::queued},
      {{s::scheduled, e::cancel}, s::cancelled}, {{s::waiting, e::cancel}, s::cancelled},
      {{s::queued, e::cancel}, s::cancelled},    {{s::retrying, e::cancel}, s::cancelled},
      {{s::running, e::stop}, s::cancelled},     {{s::succeeded, e::renew}, s::queued},
      {{s::failed, e::renew}, s::queued},        {{s::cancelled, e::renew}, s::queued},
      {{s::running, e::lose_last}, s::failed},   {{s::running, e::release}, s::queued},
      {{s::waiting, e::unblock}, s::queued},     {{s::waiting, e::unblock_early}, s::scheduled},
  };
  for (const auto state : all_task_states) {
    for (const auto event : all_task_events) {
      CAPTURE(to_string(state), to_string(event));
      const auto found = allowed.find({state, event});
      const auto next = next_state(state, event);
      REQUIRE(next.has_value() == (found != allowed.end()));
      if (next)
        CHECK(*next == found->second);
    }
  }
}

TEST_CASE("only a renewal leaves a final state") {
  for (const auto state : all_task_states)
    for (const auto event : all_task_events)
      if (is_final(state))
        CHECK(next_state(state, event).has_value() == (event == task_event::renew));
  CHECK(std::count_if(all_task_states.begin(), all_task_states.end(), is_final) == 3);
}

TEST_CASE("states keep the numbers that rows hold") {
  const std::vector<std::pair<task_state, int>> numbers = {
      {task_state::scheduled, 1}, {task_state::waiting, 2},   {task_state::queued, 3},
      {task_state::running, 4},   {task_state::retrying, 5},  {task_state::succeeded, 6},
      {task_state::failed, 7},    {task_state::cancelled, 8},
  };
  CHECK(numbers.size() == all_task_states.size());
  for (const auto& [state, number] : numbers)
    CHECK(static_cast<int>(state) == number);
}

TEST_CASE("reasons of a cancel keep the numbers that rows hold, and the words of the API") {
  const std::vector<std::tuple<cancel_reason, int, std::string>> reasons = {
      {cancel_reason::requested, 1, "requested"}, {cancel_reason::expired, 2, "expired"},
      {cancel_reason::replaced, 3, "replaced"},   {cancel_reason::dependency, 4, "dependency"},
      {cancel_reason::handler, 5, "handler"},
  };
  for (const auto& [reason, number, word] : reasons) {
    CHECK(static_cast<int>(reason) == number);
    CHECK(to_string(reason) == word);
  }
}

TEST_CASE("a state's word is read back as that state, and no other word is one") {
  for (const auto state : all_task_states)
    CHECK(parse_task_state(to_string(state)) == state);
  for (const auto* word : {"", "Queued", "queued ", "queue", "done", "due"})
    CHECK_FALSE(parse_task_state(word));
}

TEST_CASE("a task has not started as long as it is scheduled, waiting or queued") {
  for (const auto state : all_task_states)
    CHECK(has_not_started(state)
          == (state == task_state::scheduled || state == task_state::waiting
              || state == task_state::queued));
}
