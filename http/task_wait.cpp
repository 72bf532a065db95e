#include "http/task_wait.hpp"

namespace errand {

void task_wait::start(const task_id& id, std::chrono::milliseconds patience, exchange_link& link) {
  id_ = id;
  started_ = true;
  is_watching_ = true;
  link.set_patience(patience);
  link.watch(watch_, id_);
  fetch(link);
}

void task_wait::fetch(exchange_link& link) {
  fetching_ = true;
  is_stale_ = false;
  link.fetch(fetch_, id_);
}

task_wait::outcome task_wait::end(outcome how, exchange_link& link) {
  if (is_watching_)
    link.unwatch(watch_, id_);
  is_watching_ = false;
  return how;
}

task_wait::outcome task_wait::answered(question name, const answer& what, exchange_link& link) {
  if (name == watch_) {
    is_watching_ = false;
    if (fetching_)
      is_stale_ = true;
    else
      fetch(link);
    return outcome::goes_on;
  }
  if (name != fetch_)
    return outcome::goes_on;
  fetching_ = false;
  if (const auto* failure = std::get_if<status>(&what.content)) {
    why_ = *failure;
    return end(outcome::failed, link);
  }
  last_ = std::get<task_ptr>(what.content);
  if (is_final(last_->state) || (is_over_ && !is_stale_))
    return end(outcome::ended, link);
  if (is_stale_)
    fetch(link);
  return outcome::goes_on;
}

task_wait::outcome task_wait::overdue(exchange_link& link) {
  if (is_over_) {
    why_ = {ec::timed_out, "The server was too busy to look at the task. Try again."};
    return end(outcome::failed, link);
  }
  is_over_ = true;
  link.set_patience(default_patience);
  if (fetching_)
    is_stale_ = true; // asked too early to tell how it stands now
  else
    fetch(link);
  return outcome::goes_on;
}

void task_wait::abandoned(exchange_link& link) {
  end(outcome::ended, link);
}

} // namespace errand
