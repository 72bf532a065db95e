#include "actors/deferred.hpp"

namespace errand {

// -- The handle -----------------------------------------------------------------------------------

Deferred::State Deferred::state() const {
  return job_->state();
}

bool Deferred::cancel() {
  return job_->cancel();
}

Deferred::State Deferred::wait() const {
  return job_->wait();
}

// -- The closure ----------------------------------------------------------------------------------

Deferred::State Deferred::Job::state() const {
  const std::lock_guard lock{mutex_};
  return state_;
}

bool Deferred::Job::move_on(State from, State to) {
  const std::lock_guard lock{mutex_};
  if (state_ != from)
    return false;
  state_ = to;
  return true;
}

bool Deferred::Job::cancel() {
  if (!move_on(State::waiting, State::cancelled))
    return false;
  closure_ = nullptr; // Nobody else looks at it any more.
  ended_.notify_all();
  return true;
}

Deferred::State Deferred::Job::wait() const {
  std::unique_lock lock{mutex_};
  ended_.wait(lock, [this] { return state_ != State::waiting && state_ != State::running; });
  if (thrown_)
    std::rethrow_exception(thrown_);
  return state_;
}

void Deferred::Job::run(logger& log) {
  if (!move_on(State::waiting, State::running))
    return;
  std::exception_ptr thrown;
  try {
    closure_();
  } catch (const std::exception& error) {
    thrown = std::current_exception();
    log.error("a deferred closure threw", {{"what", error.what()}});
  } catch (...) {
    thrown = std::current_exception();
    log.error("a deferred closure threw", {{"what", "something that is not a std::exception"}});
  }
  closure_ = nullptr;
  {
    const std::lock_guard lock{mutex_};
    thrown_ = thrown;
    state_ = thrown ? State::failed : State::done;
  }
  ended_.notify_all();
}

// -- The queue ------------------------------------------------------------------------------------

deferred_queue::outcome deferred_queue::add(deferred_job job) {
  {
    const std::lock_guard lock{mutex_};
    if (is_closed_)
      return outcome::closed;
    if (waiting_.size() >= max_)
      return outcome::full;
    waiting_.push_back(std::move(job));
  }
  added_.notify_one();
  return outcome::taken;
}

deferred_job deferred_queue::next() {
  std::unique_lock lock{mutex_};
  added_.wait(lock, [this] { return is_closed_ || !waiting_.empty(); });
  if (waiting_.empty())
    return nullptr;
  auto job = std::move(waiting_.front());
  waiting_.pop_front();
  ++running_;
  return job;
}

void deferred_queue::ended() {
  const std::lock_guard lock{mutex_};
  if (--running_ == 0)
    idle_.notify_all();
}

size_t deferred_queue::close() {
  std::deque<deferred_job> dropped;
  {
    const std::lock_guard lock{mutex_};
    is_closed_ = true;
    dropped.swap(waiting_);
  }
  added_.notify_all();
  size_t cancelled = 0;
  for (const auto& job : dropped)
    cancelled += job->cancel();
  return cancelled;
}

size_t deferred_queue::wait_for_running(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock{mutex_};
  idle_.wait_until(lock, until, [this] { return running_ == 0; });
  return running_;
}

} // namespace errand
