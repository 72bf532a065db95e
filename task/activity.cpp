#include "task/activity.hpp"

namespace errand {

namespace {

template <class Window>
tallies sum(const Window& window, steady_time now) {
  tallies all;
  window.visit(now, [&](const auto& slice) {
    for (size_t i = 0; i < all.n.size(); ++i)
      all.n[i] += slice.n[i];
  });
  return all;
}

} // namespace

std::string_view to_string(tally what) {
  switch (what) {
  case tally::submitted:
    return "submitted";
  case tally::started:
    return "started";
  case tally::succeeded:
    return "succeeded";
  case tally::failed:
    return "failed";
  case tally::cancelled:
    return "cancelled";
  case tally::retried:
    return "retried";
  }
  return {};
}

std::optional<tally> tally_of(const task_fact& fact) {
  switch (fact.state) {
  case task_state::running:
    return tally::started;
  case task_state::retrying:
    return tally::retried;
  case task_state::succeeded:
    return tally::succeeded;
  case task_state::failed:
    return tally::failed;
  case task_state::cancelled:
    return tally::cancelled;
  case task_state::scheduled:
  case task_state::waiting:
  case task_state::queued:
    break;
  }
  return std::nullopt;
}

duration_summary recent_durations::summary(steady_time now) const {
  duration_histogram all;
  slices_.visit(now, [&](const auto& slice) { all.merge(slice); });
  return {all.count(), all.quantile(0.5), all.quantile(0.95), all.quantile(0.99)};
}

void activity_log::count(steady_time now, tally what) {
  ++seconds_.at(now).n[static_cast<size_t>(what)];
  ++minutes_.at(now).n[static_cast<size_t>(what)];
}

activity activity_log::view(steady_time now) const {
  return {sum(seconds_, now), sum(minutes_, now), waited_.summary(now), ran_.summary(now)};
}

} // namespace errand
