#include "task/batch.hpp"

#include "task/utf8.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace errand {

namespace {

/// Tasks of a circle that are named; people see from so many where it is.
constexpr size_t max_named = 8;

class arranging {
public:
  explicit arranging(std::vector<batch_entry> written) : written_(std::move(written)) {
    batch_.tasks.resize(written_.size());
  }

  status_or<task_batch> result(bool has_then) {
    batch_.has_then = has_then;
    name_all();
    for (size_t i = 0; i < written_.size(); ++i)
      link(i);
    if (has_then)
      link_then();
    if (faults_.empty())
      sort();
    if (!faults_.empty())
      return status(std::move(faults_));
    return std::move(batch_);
  }

private:
  void fault(std::string pointer, std::string detail) {
    if (faults_.size() < max_faults)
      faults_.push_back({std::move(pointer), std::move(detail)});
  }

  std::string sibling_pointer(size_t place, size_t written_at) const {
    return batch_.pointer(place) + "/after/" + std::to_string(written_at);
  }

  void name_all() {
    for (size_t i = 0; i < written_.size(); ++i) {
      const auto& ref = written_[i].ref;
      if (ref.empty())
        continue;
      const auto [first, is_new] = by_ref_.emplace(ref, i);
      if (!is_new)
        fault(batch_.pointer(i) + "/ref", "is " + quoted(ref) + ", as that of "
                                              + batch_.pointer(first->second)
                                              + "; give each its own");
    }
  }

  void link(size_t place) {
    auto& from = written_[place];
    auto& to = batch_.tasks[place];
    for (const auto& sibling : from.siblings) {
      const auto found = by_ref_.find(sibling.ref);
      if (found == by_ref_.end()) {
        fault(sibling_pointer(place, sibling.place),
              "is " + quoted('#' + sibling.ref)
                  + ", and no task of the batch has that ref; check its spelling");
        continue;
      }
      to.siblings.push_back(found->second);
      batch_.tasks[found->second].awaited = true;
    }
    if (!from.siblings.empty())
      note_places(place);
    to.spec = std::move(from.spec);
  }

  /// Ids and refs stood in one array.
  void note_places(size_t place) {
    const auto& from = written_[place];
    auto& places = batch_.tasks[place].places;
    auto next = from.siblings.begin();
    for (size_t at = 0; places.size() < from.spec.after.size(); ++at)
      if (next != from.siblings.end() && next->place == at)
        ++next;
      else
        places.push_back(at);
  }

  void link_then() {
    auto& then = batch_.tasks.back();
    then.siblings.clear(); // whichever it named, it comes after all of them
    for (size_t i = 0; i + 1 < batch_.tasks.size(); ++i) {
      then.siblings.push_back(i);
      batch_.tasks[i].awaited = true;
    }
  }

  /// Of those whose siblings are placed, always the first one.
  void sort() {
    const auto& tasks = batch_.tasks;
    std::vector<std::vector<size_t>> downstream(tasks.size());
    std::vector<size_t> missing(tasks.size());
    std::priority_queue<size_t, std::vector<size_t>, std::greater<>> free;
    for (size_t i = 0; i < tasks.size(); ++i) {
      missing[i] = tasks[i].siblings.size();
      if (missing[i] == 0)
        free.push(i);
      for (const auto sibling : tasks[i].siblings)
        downstream[sibling].push_back(i);
    }
    batch_.order.reserve(tasks.size());
    while (!free.empty()) {
      const auto next = free.top();
      free.pop();
      batch_.order.push_back(next);
      for (const auto each : downstream[next])
        if (--missing[each] == 0)
          free.push(each);
    }
    if (batch_.order.size() < tasks.size())
      tell_circle(missing);
  }

  /// Every task with something missing waits for another such one; so going from each to one that
  /// it waits for comes back to where it was before.
  void tell_circle(const std::vector<size_t>& missing) {
    const auto is_stuck = [&](size_t place) { return missing[place] > 0; };
    const auto next = [&](size_t place) {
      const auto& siblings = batch_.tasks[place].siblings;
      return *std::find_if(siblings.begin(), siblings.end(), is_stuck);
    };
    size_t start = 0;
    while (!is_stuck(start))
      ++start;
    std::vector<bool> seen(missing.size());
    for (; !seen[start]; start = next(start))
      seen[start] = true;
    std::string circle = batch_.pointer(start);
    size_t length = 1;
    for (size_t at = next(start); at != start; at = next(at))
      if (++length <= max_named)
        circle += " after " + batch_.pointer(at);
    if (length > max_named)
      circle += " after " + std::to_string(length - max_named) + " more";
    const auto& siblings = batch_.tasks[start].siblings;
    const auto link = std::find(siblings.begin(), siblings.end(), next(start)) - siblings.begin();
    fault(sibling_pointer(start, written_[start].siblings[static_cast<size_t>(link)].place),
          "makes tasks wait for each other: " + circle + " after " + batch_.pointer(start)
              + "; take one of these links out");
  }

  std::vector<batch_entry> written_;
  task_batch batch_;
  std::unordered_map<std::string_view, size_t> by_ref_; ///< Views into written_.
  std::vector<field_error> faults_;
};

} // namespace

std::string task_batch::pointer(size_t place) const {
  return has_then && place + 1 == tasks.size() ? "/then" : "/tasks/" + std::to_string(place);
}

std::string task_batch::after_pointer(size_t place, size_t i) const {
  const auto& places = tasks[place].places;
  return pointer(place) + "/after/" + std::to_string(places.empty() ? i : places[i]);
}

status_or<task_batch> arrange(std::vector<batch_entry> tasks, std::optional<batch_entry> then) {
  const bool has_then = then.has_value();
  if (then)
    tasks.push_back(std::move(*then));
  return arranging(std::move(tasks)).result(has_then);
}

} // namespace errand
