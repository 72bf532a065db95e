// The verbs of persistence. A store has one writer and any number of readers, each with a
// connection of its own; each object serves one thread at a time. Everything here blocks on a disk.
//
// Every verb that moves a task names the state it expects (see task/state.hpp): when somebody else
// was first it changes nothing and says so by returning nothing. So each race has one winner.
#pragma once

#include "store/queues.hpp"
#include "store/schedules.hpp"
#include "task/batch.hpp"
#include "task/lease.hpp"
#include "task/status.hpp"
#include "task/task.hpp"
#include "task/task_fact.hpp"
#include "task/work_filter.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace errand {

enum class durability : uint8_t {
  commit,  ///< A commit is on the disk (fsync) when it returns: survives a power cut.
  relaxed, ///< A commit is with the operating system: survives a killed process, not a power cut.
};

struct store_options {
  /// "sqlite:PATH" (the file is made if missing, its folder must exist) or "sqlite::memory:".
  std::string url;
  errand::durability durability = errand::durability::commit;
};

/// How many attempts to hand out, and to whom.
struct claim_request {
  /// Workers that are idle now, by name; the first rows claimed are theirs, in this order.
  std::vector<std::string> idle_workers;

  /// So many rows may be claimed beyond those, to be run within milliseconds. A task that was ever
  /// lost with a worker is not claimed ahead: should it kill the server again, no bystander that
  /// had not even started may be counted as crashed with it.
  size_t ahead = 0;

  work_filter_ptr filter; ///< Null: takes all.

  /// A claim ends with the attempt whose arguments reach so many bytes together with those before.
  size_t args_max = SIZE_MAX;
};

struct claim_result {
  /// In the order in which they are to run.
  std::vector<attempt_spec> attempts;

  /// If there are less than were asked for: when more may start by the passing of time alone.
  std::optional<timestamp> more_at = {};
};

/// What became of a spec.
struct insertion {
  errand::task task;
  bool duplicate = false; ///< Nothing was added: `task` was there before and stands for it.
};

/// The same for one task of a batch.
struct batch_insertion {
  task_fact fact; ///< What it is now.
  bool duplicate = false;
};

struct list_filter {
  std::vector<task_state> states; ///< Any of these; empty means all.
  std::optional<std::string> queue;
  std::optional<std::string> kind;
  std::optional<std::string> group;
  std::optional<std::string> schedule;
  tag_map tags;                            ///< All of these.
  std::optional<timestamp> created_after;  ///< Exclusive.
  std::optional<timestamp> created_before; ///< Exclusive.
};

struct list_request {
  list_filter filter;
  bool ascending = false;       ///< Default: newest first.
  size_t limit = 100;           ///< 1..1000.
  std::optional<int64_t> after; ///< task_id::sequence() of the last row of the page before.
};

struct task_page {
  std::vector<task> tasks;     ///< Without `attempts`.
  std::optional<int64_t> next; ///< For `after`, if there is more.
};

/// A request that its client may send twice: the key by which it is known, and what tells it from
/// any other (32 bytes; equal requests have equal ones).
struct request_mark {
  std::string key;
  std::string fingerprint;
};

/// What was answered to such a request, as HTTP has it. To the store these are mere values.
struct kept_reply {
  request_mark mark;
  int status = 0;
  std::string content_type;
  std::string headers;
  std::string body;
};

/// A bounded look for tasks, newest first.
struct search_request {
  list_filter filter;
  std::optional<int64_t> before = {}; ///< Only older ones: found_tasks::next of the call before.
  size_t max = 100;                   ///< So many are found at most,
  size_t look_at_max = 1000;          ///< among so many candidates.
};

struct found_tasks {
  std::vector<task_id> ids;
  std::optional<int64_t> next = {}; ///< For `before`, if there may be more.
};

/// How far tasks before another are counted.
inline constexpr int64_t place_counted_max = 10'000;

/// What a waiting task waits for.
struct pending_upstream {
  struct row {
    task_id id;
    task_state state = task_state::queued;
  };
  size_t count = 0;
  std::vector<row> first; ///< The oldest ten of them.
};

/// Attempts that run in a queue, and so use up its limits.
struct running_beside {
  int64_t in_queue = 0;
  int64_t in_group = 0;                ///< Of the task's own group; 0 if it has none.
  std::vector<task_id> first_in_queue; ///< The oldest ten of them.
  std::vector<task_id> first_in_group; ///< Likewise.
};

/// What is in the bucket of a queue's rate.
struct bucket_level {
  double tokens = 0;
  timestamp at{}; ///< Then it was so; it fills since.
};

/// Of each task; one that is postponed again and again must not grow for ever.
inline constexpr size_t attempts_kept = 1000;

/// A task and what stands between it and a worker.
struct task_place {
  task row; ///< With `attempts`.

  /// Ready tasks of its queue and group that come before it; more than place_counted_max if there
  /// are more. Nothing unless it is ready itself.
  std::optional<int64_t> ready_before;

  pending_upstream waits_for; ///< None unless it is waiting.

  queue_settings queue = {};  ///< What its queue is told; the defaults if it has ended.
  running_beside beside = {}; ///< Nobody unless it is ready.
  std::optional<bucket_level> bucket = {}; ///< Of its queue, if it is known and the task ready.
};

/// Which tasks are to be deleted because their time is over.
struct prune_request {
  task_state state = task_state::succeeded; ///< A final one.
  timestamp ended_before{};                 ///< Exclusive.
  int64_t after = 0; ///< task_id::sequence() at which the call before stopped; 0 for the first.
  size_t max = 100;  ///< So many tasks are looked at.
};

struct prune_result {
  size_t pruned = 0;
  std::optional<int64_t> next = {}; ///< For `after`, if there may be more.
};

struct log_request {
  task_id id;
  int64_t after = 0;           ///< log_record::number of the last line of the page before.
  size_t max_bytes = SIZE_MAX; ///< The page ends with the line that reaches so many.
};

struct log_record {
  int64_t number = 0; ///< 1 for the task's first line.
  timestamp at{};
  int attempt = 0;
  std::string text;
};

struct log_page {
  task_state state = task_state::queued; ///< The task's, at the moment of the page.
  std::vector<log_record> lines;         ///< By number.
  bool more = false;
};

/// What a worker's sign of life did.
struct lease_change {
  lease_state state;
  std::optional<task_fact> fact = {}; ///< If the attempt told how far it is.
};

/// Leases whose time was over.
struct expired_leases {
  std::vector<task_fact> facts;
  std::set<std::string> unheard; ///< Workers that let one pass; not those of time limits.
};

/// How many tasks each queue has in each state. Maintained with the rows, never counted anew.
using task_counts = std::map<std::string, std::map<task_state, int64_t>>;

/// What a step of recount() found.
struct recount_step {
  std::optional<int64_t> next;   ///< Where the next step begins; nothing: this was the last.
  size_t seen = 0;               ///< Waiting tasks.
  std::vector<task_id> repaired; ///< Waiting tasks whose count was not right.
};

/// Reads what is committed, and nothing else. Does not hold up the writer.
class store_reader {
public:
  virtual ~store_reader() = default;

  /// The row with its newest attempts, attempts_kept at most. not_found if the id was never issued
  /// or is deleted.
  virtual status_or<task> get(const task_id& id) = 0;

  /// One page in the order of acceptance. Rows that come and go between pages neither repeat nor
  /// hide others.
  virtual status_or<task_page> list(const list_request& request) = 0;

  /// Repeated with `next` until there is none, it has found every task that was there at the first
  /// call, matched all the time and was not deleted; none twice, and none that came later.
  virtual status_or<found_tasks> search(const search_request& request) = 0;

  /// not_found as get().
  virtual status_or<task_place> place(const task_id& id) = 0;

  /// What the task's handlers wrote. not_found as get().
  virtual status_or<log_page> log(const log_request& request) = 0;

  virtual status_or<task_counts> counts() = 0;

  /// Of all queues together.
  virtual status_or<store_totals> totals() = 0;

  /// A page of the queues that are used or have settings.
  virtual status_or<queue_page> queues(const queue_list_request& request) = 0;

  /// not_found if the queue has neither tasks nor settings.
  virtual status_or<queue_view> queue(const std::string& name) = 0;

  /// What came of the tasks that this one comes after, the oldest first. Empty if there are none,
  /// or no such task.
  virtual status_or<std::vector<upstream_result>> upstream_results(const task_id& id) = 0;

  virtual status_or<schedule_page> schedules(const schedule_list_request& request) = 0;

  /// not_found if there is none of that name.
  virtual status_or<schedule_view> schedule(const std::string& name) = 0;

  /// What workers outside have at the moment, the oldest tasks first.
  virtual status_or<std::vector<lease_view>> leases(size_t max) = 0;

  /// Whether the store can be read at all.
  virtual status ping() = 0;
};

/// The one writer. Verbs run between begin() and commit(). A verb that the disk fails returns
/// nothing and dooms the transaction: commit() then undoes all of it and tells the first failure.
class store {
public:
  virtual ~store() = default;

  /// Opens a transaction. Precondition: none is open.
  virtual status begin() = 0;

  /// Makes everything since begin() durable and visible, or undoes all of it and says why. Either
  /// way no transaction is open afterwards, and the next begin() may succeed again (a disk that was
  /// full may have room).
  virtual status commit() = 0;

  /// The clock that `now` is read from was put forward by so much, or back: what runs has not run
  /// for longer or shorter by that. Precondition: no transaction is open.
  virtual void clock_was_set(duration by) = 0;

  /// Adds a task and gives it its id: `waiting` if a task that it comes after has not ended,
  /// `cancelled` if one has ended so that it may not run, `scheduled` if it is due later than
  /// `now`, else `queued`. Nothing means that the store failed; a status, that the spec does not
  /// fit what is there: invalid with the pointers of ids in `after` that are not there; not_unique,
  /// if another task holds its unique key, and the rule does not let that one stand for it or give
  /// way.
  virtual std::optional<status_or<insertion>> insert(const task_spec& spec, timestamp now) = 0;

  /// The same for tasks that may come after each other, all of them or none; `duration` fields
  /// count from the same moment. What each has become, in the order of batch.tasks. Each unique key
  /// may be there once.
  virtual std::optional<status_or<std::vector<batch_insertion>>>
  insert_batch(const task_batch& batch, timestamp now) = 0;

  /// queued -> running. Queues share the workers' time by their weights, as far as their settings
  /// let them start anything. Within a queue it is priority, then the groups take turns, all tasks
  /// without a group being one, and within a group age. What has expired is cancelled when its turn
  /// comes.
  virtual claim_result claim(const claim_request& request, timestamp now) = 0;

  /// running -> succeeded, retrying, failed or cancelled, as the report says, if the attempt is the
  /// running one. A failed attempt is followed by another after backoff() unless it is number
  /// max_attempts of the failed ones. Of a task's attempts the newest 1,000 are kept. With
  /// `cancel_requested` only success counts; all else, also lose() and release(), leads to
  /// cancelled.
  virtual std::optional<task_fact> finish(const attempt_report& report) = 0;

  /// Keeps what the attempt says, if it is the running one. Of a task's log log_lines_max lines and
  /// log_bytes_max bytes are kept; the last one says so then. Progress stays until the task's next
  /// attempt begins, also when this one has ended. The fact has `progress` if the note has.
  virtual std::optional<task_fact> note(const attempt_note& note) = 0;

  /// The attempt went down with its worker: running -> queued, or -> failed (error type
  /// "worker_lost") with the crash that reaches its max_crashes.
  virtual std::optional<task_fact> lose(const attempt_ref& ref, timestamp now) = 0;

  /// The attempt did not begin, or was told to stop by a shutdown: running -> queued, not counted.
  virtual std::optional<task_fact> release(const attempt_ref& ref, timestamp now) = 0;

  // Whenever a task ends, by whatever verb, those that come after it are settled with it: waiting
  // -> queued or scheduled once the last one that they waited for has ended, or -> cancelled, and
  // so on down the line. consequences() tells of them.

  // The next three are a client's orders. Nothing means that the store failed; else they tell
  // not_found, wrong_state and what state it is in, or the task as it is afterwards (without
  // `attempts`; after remove(), as it was).

  /// scheduled, waiting, queued, retrying -> cancelled. A running task stays so and gets
  /// `cancel_requested`: it will be cancelled when its attempt ends, unless that succeeds.
  virtual std::optional<status_or<task>> cancel(const task_id& id, timestamp now) = 0;

  /// succeeded, failed, cancelled -> queued, with its failures and crashes counted anew, and
  /// without an expires_at that has passed. Refused while another task holds its unique key.
  virtual std::optional<status_or<task>> renew(const task_id& id, timestamp now) = 0;

  /// Deletes the task and all that belongs to it, unless it is running. Its id is never given
  /// again. To tasks that come after it, it was cancelled if it had not ended.
  virtual std::optional<status_or<task>> remove(const task_id& id, timestamp now) = 0;

  /// The same for a task that has not started: wrong_state unless it is scheduled, waiting or
  /// queued.
  virtual std::optional<status_or<task>> purge(const task_id& id, timestamp now) = 0;

  /// Deletes tasks that ended in that state before that time, and all that belongs to them, the
  /// oldest accepted first. Their ids are never given again. A call is bounded by `max`; repeated
  /// with `next` until there is none, it has seen every task that was there at the first call.
  virtual prune_result prune(const prune_request& request) = 0;

  /// Gives some space that is free within the store back to the system, if there is more of it than
  /// new tasks will soon need. Whether there is more to give.
  virtual bool shrink() = 0;

  /// scheduled, retrying -> queued, the longest overdue first, at most `max` of them.
  virtual std::vector<task_fact> promote_due(timestamp now, size_t max) = 0;

  /// What the verbs since begin() did to other tasks than those that they tell of, in order. To be
  /// asked before commit(); told once.
  virtual std::vector<task_fact> consequences() = 0;

  /// scheduled, waiting, queued, retrying -> cancelled, if their expires_at has come; at most
  /// `max`.
  virtual std::vector<task_fact> expire(timestamp now, size_t max) = 0;

  /// The reply that was kept under that key, if that was later than `since`.
  virtual std::optional<kept_reply> find_reply(const std::string& key, timestamp since) = 0;

  /// Keeps the reply, in place of an earlier one with the same key. False if the store failed.
  virtual bool keep_reply(const kept_reply& reply, timestamp now) = 0;

  /// Looks at the `max` replies kept longest ago and forgets those of them that are not later than
  /// `until`. Returns how many.
  virtual size_t forget_replies(timestamp until, size_t max) = 0;

  /// Writes some pages in place of those that the call before wrote, so that the commit shows
  /// whether the disk takes anything: one that changes nothing succeeds on a full disk, too. False
  /// if the store failed.
  virtual bool write_probe(timestamp now) = 0;

  /// Checks that waiting tasks wait for what has not ended and for nothing else, and puts right
  /// what is not so; consequences() tells if that ends a wait. A step looks at tasks from `from`
  /// on, until it has seen `max` tasks, or as many tasks that they wait for. They are expected to
  /// be right: this is a net below the counting.
  virtual recount_step recount(int64_t from, size_t max, timestamp now) = 0;

  /// Gives a queue settings, pauses or resumes it. Nothing means that the store failed; a status
  /// (invalid), that the pause would be over already, or that max_configured_queues is reached.
  /// Settings that are all at their defaults are none, unless the configuration presets others.
  virtual std::optional<status_or<queue_change>> configure_queue(const queue_order& order,
                                                                 timestamp now) = 0;

  /// At start: what the configuration says of queues. A queue that configure_queue() has told
  /// something else keeps that; one that is not preset any more and was told nothing else loses its
  /// settings. False if the store failed.
  virtual bool preset_queues(const std::map<std::string, queue_settings>& presets) = 0;

  /// Resumes the queues whose paused_until has come; these.
  virtual std::vector<resumed_queue> end_pauses(timestamp now) = 0;

  /// Makes a schedule, or gives one other settings; what it is already told changes nothing, and
  /// only other times move its next fire. Nothing means that the store failed; a status (invalid),
  /// that its times are none.
  virtual std::optional<status_or<schedule_change>> put_schedule(const schedule_put& wanted,
                                                                 timestamp now) = 0;

  /// A client's order. `run` adds a task as a fire does, save that it counts for no nominal time.
  /// A status tells not_found, invalid (its time zone is not known any more), or why `run` added
  /// nothing: wrong_state (its last task has not ended), and what insert() says. What a schedule
  /// has made stays when it is removed.
  virtual std::optional<status_or<schedule_change>> order_schedule(const schedule_command& command,
                                                                   timestamp now) = 0;

  /// Makes the tasks of schedules whose next_run_at has come, by their policies, each nominal time
  /// once; looks at `max` nominal times at most, those of the longest overdue schedules first.
  virtual schedule_fires fire_due(timestamp now, size_t max) = 0;

  /// Gives away an attempt that claim() has begun in this transaction, for as long as its worker
  /// wishes but not beyond the attempt's time limit. Nothing if it does not run. From now on only
  /// the verbs below end it.
  virtual std::optional<lease> grant_lease(const attempt_spec& attempt, const lease_wish& to,
                                           timestamp now) = 0;

  /// Puts the end of a lease off and notes what its attempt says. `lost` if it is no lease, or its
  /// time is over, and then nothing changes. Nothing means that the store failed.
  virtual std::optional<lease_change> keep_lease(const lease_sign& sign, timestamp now) = 0;

  /// The leased attempt has ended, as finish() or release() tell. Nothing if it is no lease, or its
  /// time is over.
  virtual std::optional<task_fact> end_lease(const lease_end& end, timestamp now) = 0;

  /// Ends leases whose time is over, at most `max`: lose() if the worker let it pass, or a failure
  /// (error type "timeout") if it is the attempt's time limit.
  virtual expired_leases end_expired_leases(timestamp now, size_t max) = 0;

  /// release() for what that worker has leased, at most `max` of it.
  virtual std::vector<task_fact> release_leases(const std::string& worker, timestamp now,
                                                size_t max) = 0;

  /// When the next scheduled or retrying task falls due, another expires, the pause of a queue
  /// ends, a schedule fires, or a lease ends. Needs no transaction.
  virtual std::optional<timestamp> next_due() = 0;

  /// lose() for everything that is running and not leased: at start nothing runs, so its worker is
  /// gone.
  virtual std::vector<task_fact> recover(timestamp now) = 0;

  /// A reader of this store. It may outlive the writer, and then reads on what there is.
  virtual status_or<std::unique_ptr<store_reader>> open_reader() = 0;
};

/// Opens the store, makes or migrates its schema. Fails with store_locked if another server has it
/// open, store_newer if its schema is newer than this program, invalid for a URL that is not as
/// above, else store_failed.
status_or<std::unique_ptr<store>> open_store(const store_options& options);

} // namespace errand
