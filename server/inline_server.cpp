#include "server/inline_server.hpp"

#include "actors/deferred.hpp"
#include "http/explain.hpp"
#include "http/task_values.hpp"
#include "server/printable.hpp"
#include "server/settings.hpp"
#include "server/spdlog_logger.hpp"
#include "server/store_setup.hpp"

#include <errand/server.hpp>

#include <algorithm>
#include <utility>

namespace errand {

namespace {

constexpr const char* worker_here = "inline";

/// How long a call waits for that of another thread.
constexpr std::chrono::seconds turn_patience{30};

/// Tasks that one transaction moves because of the time.
constexpr size_t step = 1000;

steady_time steady(timestamp time) {
  return steady_time{time.time_since_epoch()};
}

template <class T>
T or_throw(status_or<T> value) {
  if (!value.ok())
    throw StartError{value.why().message()};
  return std::move(*value);
}

const Options& checked(const Options& options) {
  if (const auto wrong = wrong_options(options); !wrong.empty())
    throw StartError{joined(wrong)};
  return options;
}

/// What a verb has done; else throws why not. That it was undone is thrown before.
template <class T>
T done(std::optional<status_or<T>> result) {
  if (!result->ok())
    throw to_outside(result->why());
  return std::move(**result);
}

work_filter_ptr all_of(const handler_registry& handlers) {
  return std::make_shared<const work_filter>(work_filter{{{}, handlers.kinds()}, {}});
}

attempt_report ignored_timeout() {
  attempt_report report;
  report.outcome = attempt_outcome::failed;
  report.error_type = timeout_error;
  report.error_message = "The attempt reached its timeout_s, and its handler went on beyond"
                         " timeout_grace_s.";
  return report;
}

} // namespace

// -- The store ------------------------------------------------------------------------------------

/// In a transaction of its own.
template <class Change>
status inline_server::try_change(Change change) {
  if (auto begun = db_->begin(); !begun.ok())
    return begun;
  change(*db_);
  return db_->commit();
}

/// The same; what `change` returns. Throws RequestError if nothing was changed.
template <class Change>
auto inline_server::change(Change change) {
  std::optional<decltype(change(*db_))> made;
  if (const auto changed = try_change([&](store& db) { made.emplace(change(db)); }); !changed.ok())
    throw to_outside(changed);
  return std::move(*made);
}

/// As change(), after and before everything that is due.
template <class Change>
auto inline_server::carry_out(Change wanted) {
  const auto turn = take_turn();
  if (in_handler())
    return change(wanted);
  run_due(inline_attempts_max);
  auto made = change(wanted);
  run_due(inline_attempts_max);
  return made;
}

// -- Life -----------------------------------------------------------------------------------------

inline_server::inline_server(const Options& options, std::shared_ptr<handler_registry> handlers,
                             Time start)
    : timeout_grace_(std::chrono::ceil<duration>(checked(options).timeout_grace)),
      keep_(to_store(options.retention)),
      handlers_(std::move(handlers)),
      clock_(start),
      reached_(wall()) {
  log_ = make_logger(options.log_level, options.log_format);
  db_ = or_throw(open_store({"sqlite::memory:"}));
  reader_ = or_throw(db_->open_reader());
  if (const auto preset = preset_queues(*db_, options.queues); !preset.ok())
    throw StartError{preset.message()};
  const auto note = [this](const attempt_note& said) {
    const auto kept = try_change([&](store& db) { return db.note(said); });
    if (!kept.ok())
      log_->error("what a handler said was not kept", {{"reason", kept.message()}});
  };
  runner_ = make_runner(
      handlers_, [this](const task_id& id) { return reader_->upstream_results(id); }, log_, note,
      *this);
  runs_ = all_of(*handlers_);
}

void inline_server::handle(std::string kind, Handler handler) {
  const auto turn = take_turn();
  if (in_handler())
    throw std::logic_error("A handler can't tell the server of handlers.");
  handlers_->add(std::move(kind), std::move(handler));
  runs_ = all_of(*handlers_);
}

std::unique_lock<std::recursive_timed_mutex> inline_server::take_turn() {
  if (is_stopped_)
    throw RequestError(RequestError::Fault::stopped, "the server is stopped");
  std::unique_lock turn{turn_, std::defer_lock};
  if (!turn.try_lock_for(turn_patience))
    throw RequestError(RequestError::Fault::timed_out,
                       "the call of another thread has not returned for 30 s. In inline mode calls"
                       " take turns; a handler must not wait for another thread's");
  return turn;
}

// -- Time -----------------------------------------------------------------------------------------

timestamp inline_server::wall() const {
  return std::chrono::floor<duration>(clock_.now());
}

steady_time inline_server::now() const {
  return steady(wall());
}

void inline_server::set_clock(timestamp time) {
  clock_.now_us_ = time.time_since_epoch().count();
}

bool inline_server::wait_cancelled(attempt_batch&, const attempt_batch::slot& mine,
                                   steady_time until) {
  const timestamp end{std::chrono::ceil<duration>(until.time_since_epoch())};
  for (;;) {
    while (change([&](store& db) { return move_due(db); })) {
    }
    if (mine.cancelled || wall() >= end)
      return mine.cancelled;
    const auto next = db_->next_due();
    set_clock(next && *next > wall() ? std::min(*next, end) : end);
  }
}

/// What the passing of time alone does. Whether it did anything.
bool inline_server::move_due(store& db) {
  const auto time = wall();
  bool moved = !db.promote_due(time, step).empty();
  moved |= !db.expire(time, step).empty();
  moved |= !db.end_pauses(time).empty();
  const auto fires = db.fire_due(time, step);
  tell(fires.to_cancel);
  return moved || fires.looked_at > 0;
}

void inline_server::tell(const std::vector<attempt_ref>& to_cancel) {
  for (const auto& ref : to_cancel)
    for (auto* batch : running_)
      batch->cancel(ref);
}

/// Until nothing is left that the options' retention gives away.
void inline_server::prune() {
  retention_pass pass{keep_};
  do {
    std::optional<int64_t> next;
    if (const auto request = pass.next_prune(wall()))
      next = change([&](store& db) { return db.prune(*request); }).next;
    pass.step_done(next);
  } while (!pass.is_over());
}

// -- Running --------------------------------------------------------------------------------------

/// Moves what is due now, and runs the first of what is ready. False if there is nothing to do.
bool inline_server::run_one() {
  bool moved = false;
  auto claimed = change([&](store& db) {
    moved = move_due(db);
    auto result = db.claim({{worker_here}, 0, runs_}, wall());
    moved |= !db.consequences().empty(); // may have made others ready
    return result;
  });
  more_at_ = claimed.more_at;
  if (claimed.attempts.empty())
    return moved;
  run(std::move(claimed.attempts.front()));
  return true;
}

void inline_server::run(attempt_spec spec) {
  const auto ref = spec.ref;
  if (ran_ == at_most_) {
    change([&](store& db) { return db.release(ref, wall()); });
    throw std::runtime_error(std::to_string(at_most_)
                             + " attempts have run in one call of a server in inline mode, and"
                               " more is due, first of all task "
                             + ref.id.to_string() + " of the kind '" + spec.kind
                             + "'. Does its handler submit it again without a delay? Give drain() "
                               "a larger number if not,"
                               " or move the clock in smaller steps.");
  }
  ++ran_;
  const auto give_up_at = wall() + spec.timeout + timeout_grace_;
  const auto started_at = wall();
  attempt_batch batch{{std::move(spec)}, 0};
  auto* slot = batch.take_next(1, now());
  running_.push_back(&batch);
  auto report = runner_(batch, *slot);
  running_.pop_back();
  if (wall() > give_up_at)
    report = ignored_timeout();
  report.ref = ref;
  report.worker = worker_here;
  report.started_at = started_at;
  report.finished_at = wall();
  if (report.outcome == attempt_outcome::failed)
    report.retry_in = wait_after_failure(ref.id);
  change([&](store& db) { return db.finish(report); });
}

/// As its task wishes, without jitter: what a test sees must not depend on chance.
duration inline_server::wait_after_failure(const task_id& id) {
  const auto row = reader_->get(id);
  constexpr double no_jitter = 0.5;
  return row.ok() ? backoff(row->spec.retry, row->failures + 1, no_jitter) : duration{0};
}

/// All that is due by where the clock stands, each at its own time.
void inline_server::run_due(size_t at_most) {
  struct returning {
    inline_server& self;
    const timestamp to;
    ~returning() {
      self.set_clock(std::max(self.wall(), to)); // handlers may have slept beyond it
      self.reached_ = self.wall();
    }
  };
  const auto until = wall();
  set_clock(reached_);
  const returning later{*this, until};
  ran_ = 0;
  at_most_ = at_most;
  for (;;) {
    while (run_one()) {
    }
    auto next = db_->next_due();
    if (more_at_)
      next = std::min(next.value_or(*more_at_), *more_at_);
    if (!next || *next <= wall() || *next > until)
      return;
    set_clock(*next);
  }
}

size_t inline_server::drain(size_t at_most) {
  const auto turn = take_turn();
  if (in_handler())
    throw std::logic_error("A handler can't call drain(): what is due runs once it has returned.");
  run_due(at_most);
  prune();
  return ran_;
}

// -- Tasks ----------------------------------------------------------------------------------------

task_id inline_server::submit(const task_spec& spec) {
  return done(carry_out([&](store& db) { return db.insert(spec, wall()); })).task.id;
}

std::vector<task_id> inline_server::submit_batch(const task_batch& batch) {
  std::vector<task_id> ids;
  for (const auto& added :
       done(carry_out([&](store& db) { return db.insert_batch(batch, wall()); })))
    ids.push_back(added.fact.id);
  return ids;
}

task inline_server::cancel(const task_id& id) {
  return done(carry_out([&](store& db) {
    auto result = db.cancel(id, wall());
    if (result && result->ok() && (*result)->state == task_state::running)
      tell({{id, (*result)->attempt}});
    return result;
  }));
}

void inline_server::schedule(const schedule_put& wanted) {
  done(carry_out([&](store& db) { return db.put_schedule(wanted, wall()); }));
}

task inline_server::get(const task_id& id) {
  const auto turn = take_turn();
  auto row = reader_->get(id);
  if (!row.ok())
    throw to_outside(row.why());
  return std::move(*row);
}

task inline_server::wait(const task_id& id, Seconds patience) {
  const auto turn = take_turn();
  if (!in_handler())
    run_due(inline_attempts_max);
  auto row = get(id);
  if (!in_handler() || !(patience > Seconds{0}))
    return row;
  while (!is_final(row.state)) {
    if (running_.size() >= size_t{inline_depth_max})
      throw RequestError(RequestError::Fault::wrong_state,
                         std::to_string(inline_depth_max)
                             + " handlers wait for each other's tasks, the last one for "
                             + id.to_string() + ". In inline mode that is as deep as it may be");
    if (!run_one())
      throw cannot_end(row);
    row = get(id);
  }
  return row;
}

/// While the handler that waits for it does.
RequestError inline_server::cannot_end(const task& row) {
  std::string text = "task " + row.id.to_string() + " is " + std::string(to_string(row.state))
                     + " and can't end while this handler waits for it: in inline mode it runs in"
                       " the handler's own thread, and only if it can do so now.";
  circumstances known;
  if (auto place = reader_->place(row.id); place.ok())
    known.place = std::move(*place);
  else
    return {RequestError::Fault::wrong_state, text};
  known.workers.push_back({worker_here, "default", runs_, worker_view::what::idle, {}, {}, {}, {}});
  for (const auto* batch : running_) {
    const auto& spec = batch->at(0).spec;
    known.workers.push_back({worker_here, "default", runs_, worker_view::what::running, spec.ref,
                             spec.kind, spec.queue, spec.started_at});
  }
  known.has_handler = handlers_->find(row.spec.kind) != nullptr;
  known.now = wall();
  for (const auto& reason : explain(known))
    text += ' ' + reason.detail;
  return {RequestError::Fault::wrong_state, text};
}

// -- Closures -------------------------------------------------------------------------------------

Deferred inline_server::defer(std::function<void()> closure) {
  if (is_stopped_)
    throw RequestError(RequestError::Fault::stopped, "the server is stopped");
  thread_local int depth = 0;
  struct level {
    level() { ++depth; }
    ~level() { --depth; }
  };
  const level mine;
  if (depth > inline_depth_max)
    throw RequestError(RequestError::Fault::full,
                       std::to_string(inline_depth_max)
                           + " deferred closures defer each other. In inline mode each runs within"
                             " the call that defers it, and that is as deep as it may be");
  auto job = std::make_shared<Deferred::Job>(std::move(closure));
  job->run(*log_);
  return Deferred(std::move(job));
}

} // namespace errand
