// The writer of an SQLite store: its connection, the statements that its verbs run, and what it
// knows in memory (newest id, counters), which is right again after a rollback. Belongs to the
// thread of whoever calls the verbs.
#pragma once

#include "store/checkpointer.hpp"
#include "store/fair_share.hpp"
#include "store/group_counters.hpp"
#include "store/lease_statements.hpp"
#include "store/lock_file.hpp"
#include "store/queue_ages.hpp"
#include "store/queue_counters.hpp"
#include "store/queue_rules.hpp"
#include "store/rate_buckets.hpp"
#include "store/running_time.hpp"
#include "store/schedule_statements.hpp"
#include "store/sqlite_connection.hpp"
#include "store/sqlite_error.hpp"
#include "store/sqlite_statement.hpp"
#include "store/store.hpp"
#include "task/secret_numbers.hpp"

#include <cassert>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace errand {

class sqlite_store final : public store {
public:
  /// `lock` is kept as long as the store is open; none for one in memory. The connection's schema
  /// must be the newest. Throws sqlite_error.
  sqlite_store(sqlite_location location, std::optional<lock_file> lock,
               sqlite_connection connection);
  ~sqlite_store() override;

  status begin() override;
  status commit() override;
  void clock_was_set(duration by) override;
  std::optional<status_or<insertion>> insert(const task_spec& spec, timestamp now) override;
  std::optional<status_or<std::vector<batch_insertion>>> insert_batch(const task_batch& batch,
                                                                      timestamp now) override;
  claim_result claim(const claim_request& request, timestamp now) override;
  std::optional<task_fact> finish(const attempt_report& report) override;
  std::optional<task_fact> note(const attempt_note& note) override;
  std::optional<task_fact> lose(const attempt_ref& ref, timestamp now) override;
  std::optional<task_fact> release(const attempt_ref& ref, timestamp now) override;
  std::optional<status_or<task>> cancel(const task_id& id, timestamp now) override;
  std::optional<status_or<task>> renew(const task_id& id, timestamp now) override;
  std::optional<status_or<task>> remove(const task_id& id, timestamp now) override;
  std::optional<status_or<task>> purge(const task_id& id, timestamp now) override;
  prune_result prune(const prune_request& request) override;
  bool shrink() override;
  std::vector<task_fact> promote_due(timestamp now, size_t max) override;
  std::vector<task_fact> expire(timestamp now, size_t max) override;
  std::vector<task_fact> consequences() override;
  std::optional<kept_reply> find_reply(const std::string& key, timestamp since) override;
  bool keep_reply(const kept_reply& reply, timestamp now) override;
  bool write_probe(timestamp now) override;
  size_t forget_replies(timestamp until, size_t max) override;
  recount_step recount(int64_t from, size_t max, timestamp now) override;
  std::optional<status_or<queue_change>> configure_queue(const queue_order& order,
                                                         timestamp now) override;
  bool preset_queues(const std::map<std::string, queue_settings>& presets) override;
  std::vector<resumed_queue> end_pauses(timestamp now) override;
  std::optional<status_or<schedule_change>> put_schedule(const schedule_put& wanted,
                                                         timestamp now) override;
  std::optional<status_or<schedule_change>> order_schedule(const schedule_command& command,
                                                           timestamp now) override;
  schedule_fires fire_due(timestamp now, size_t max) override;
  std::optional<lease> grant_lease(const attempt_spec& attempt, const lease_wish& to,
                                   timestamp now) override;
  std::optional<lease_change> keep_lease(const lease_sign& sign, timestamp now) override;
  std::optional<task_fact> end_lease(const lease_end& end, timestamp now) override;
  expired_leases end_expired_leases(timestamp now, size_t max) override;
  std::vector<task_fact> release_leases(const std::string& worker, timestamp now,
                                        size_t max) override;
  std::optional<timestamp> next_due() override;
  std::vector<task_fact> recover(timestamp now) override;
  status_or<std::unique_ptr<store_reader>> open_reader() override;

private:
  /// Runs the body of a verb. A failure dooms the transaction; after that no verb does anything.
  template <class Body>
  auto verb(Body body) -> decltype(body()) {
    assert(open_);
    if (!failure_) {
      try {
        return body();
      } catch (const sqlite_error& error) {
        failure_ = error.why();
      } catch (const std::exception& error) {
        failure_ = status(ec::store_failed, std::string("The store failed: ") + error.what());
      }
    }
    return {};
  }

  /// A task that a new one comes after, as it stands.
  struct upstream_task {
    task_id id;
    task_state state;
    bool awaited; ///< Its row says so.
    auto operator<=>(const upstream_task&) const = default;
  };
  std::vector<upstream_task> find_upstream(const std::vector<task_id>& after,
                                           const std::function<std::string(size_t)>& pointer_of,
                                           std::vector<field_error>& faults);
  std::optional<status> why_not(const task_batch& batch, timestamp now);
  task add(const task_id& id, const task_spec& spec, std::vector<upstream_task> upstream,
           bool awaited, timestamp now);
  void come_after(task& row, std::vector<upstream_task>& upstream, timestamp now);
  void write(const task& row, bool awaited);
  void link(const task& row, const std::vector<upstream_task>& upstream);

  /// Every end of a task passes here, also its deletion: tells those that come after it, and those
  /// whom that cancels, and so on.
  void settle(int64_t sequence, task_state ended, timestamp now);
  std::vector<int64_t> release_dependents(int64_t upstream);
  bool settle_one(int64_t downstream, task_state ended, timestamp now);
  struct waiting_task;
  std::optional<waiting_task> find_waiting(int64_t sequence);
  void cancel_waiting(waiting_task waiting, timestamp now);
  void unblock(waiting_task waiting, timestamp now);
  size_t recount_one(int64_t sequence, timestamp now, std::vector<task_id>& repaired);

  // Who starts next; see sqlite_claim.cpp.
  struct source { ///< A queue that may start something.
    std::string_view queue;
    const queue_settings* rules;
    std::vector<queue_counters::ready_kind> kinds; ///< Those that are wanted.
    size_t most;                                   ///< It may start no more.
  };
  std::vector<source> sources_of(const work_filter* filter,
                                 const std::set<std::string_view>& except, timestamp now,
                                 std::optional<timestamp>& more_at);
  struct ready_row {
    attempt_spec attempt;
    timestamp due_at;
    std::optional<timestamp> expires_at;
    bool drops_key = false;          ///< When it starts.
    bool stays_until_wanted = false; ///< Not to be claimed ahead.
  };
  ready_row read_ready(int64_t sequence);
  attempt_spec start(ready_row row, std::string_view group, std::optional<std::string_view> worker,
                     timestamp now);
  void cancel_expired(const task_id& id, timestamp now);

  // The lines in which groups wait for their turns; see sqlite_lines.cpp.
  struct ready_task {
    int64_t sequence;
    std::string group; ///< Or empty.
    std::string_view kind;
    int64_t rank;         ///< Minus its priority.
    bool is_last = false; ///< Of its line.
  };
  class picker;
  void load_lines();
  /// The first `max` tasks that are next in that queue. Changes nothing about them.
  std::vector<ready_task> pick(const source& from, size_t max);
  /// Such a task has become ready, having fallen due then.
  void line_up(std::string_view queue, std::string_view group, std::string_view kind,
               int64_t priority, timestamp due);
  /// Ends that line if there is nothing ready in it.
  void leave_line(std::string_view queue, std::string_view group, std::string_view kind,
                  int64_t rank);
  /// A task of that group does not run any more, so another one may.
  void rejoin(std::string_view queue, std::string_view group);
  void limits_change(std::string_view queue, const queue_settings& from, const queue_settings& to);

  struct running_attempt {
    std::string kind;
    std::string queue;
    int crashes;
    int max_crashes;
    int failures;
    int max_attempts;
    std::optional<std::string> retry; ///< As the row holds it.
    bool cancel_requested;
    std::optional<unique_until> unique;
    bool holds_key;
    std::optional<timestamp> expires_at;
    bool awaited; ///< Others may wait for its task's end.
    std::string group;
    int64_t priority;
    timestamp run_at;
    bool calls_back; ///< Its task has a callback_url.
    duration timeout;
  };
  std::optional<running_attempt> find_running(const attempt_ref& ref);
  /// Write how the attempt ended, and tell where its task stands then.
  task_fact ended_as_reported(const attempt_report& report, running_attempt attempt);
  task_fact succeeded(const attempt_report& report, running_attempt attempt);
  task_fact failed(const attempt_report& report, running_attempt attempt);
  task_fact failed_last(const attempt_report& report, running_attempt attempt);
  task_fact stopped(const attempt_report& report, running_attempt attempt);
  task_fact called_off(const attempt_report& report, running_attempt attempt);
  task_fact postponed(const attempt_report& report, running_attempt attempt);
  void record(const attempt_report& report, std::string_view outcome, timestamp next_run_at);
  void forget_attempts(int64_t sequence, int64_t last);
  task_fact ended(const attempt_report& report, running_attempt attempt, task_state to);
  task_fact ended(const attempt_ref& ref, running_attempt attempt, task_state to, timestamp now,
                  duration ran);
  duration ran_unmeasured(int64_t task, duration timeout, timestamp now) const;

  void keep_lines(const attempt_note& note);

  // Unique keys; see sqlite_unique.cpp.
  std::optional<task> key_holder(std::string_view key, timestamp now);
  std::optional<status> why_not_unique(const unique_rule& rule, timestamp now);
  std::optional<task> make_room(const unique_rule& rule, timestamp now);
  bool take_key(const task& row, timestamp now);

  /// Every end of a task that has a callback_url passes here, once its row tells of the end: adds
  /// the task that calls it. See sqlite_callbacks.cpp.
  void call_back(const task_id& ended, timestamp now);

  std::optional<task> find(const task_id& id);
  /// Precondition: the state table lets it be cancelled.
  void cancel_row(task& row, cancel_reason why, timestamp now);
  task delete_row(task row, timestamp now);
  void forget_age(const task& row);
  void keep_last_attempt(const task& row);
  void erase(int64_t sequence, std::string_view queue, std::string_view kind, task_state state,
             const tag_map& tags);

  // Leases; see sqlite_leases.cpp.
  struct leased;
  std::optional<std::vector<upstream_result>> upstream_of(const task_id& id);
  std::optional<leased> find_lease(int64_t sequence);
  std::optional<leased> find_lease(const lease_token& token, timestamp now);
  attempt_report report_of(const leased& held, attempt_outcome outcome, timestamp now);
  template <class End>
  std::vector<task_fact> end_leases(const std::vector<int64_t>& sequences, End end);

  // Settings of queues; see sqlite_queues.cpp.
  void load_queues();
  void write_queue(const std::string& queue, const queue_settings& settings);
  void put_queue(const std::string& queue, const queue_settings& settings, bool is_preset);
  void drop_queue(const std::string& queue);

  // Schedules; see sqlite_schedules.cpp and sqlite_fires.cpp.
  std::optional<schedule> find_schedule(const std::string& name);
  void write_schedule(schedule& row);
  status_or<schedule_change> pause_schedule(schedule row, bool paused, timestamp now);
  std::optional<status_or<schedule_change>> run_schedule(schedule row, timestamp now);
  void fire_schedule(int64_t number, timestamp now, size_t max, schedule_fires& fires);
  void fire(schedule& row, timestamp nominal, timestamp now, schedule_fires& fires);
  void take_task(schedule& row, task& made, std::optional<timestamp> nominal, timestamp at);
  void skip_fire(schedule& row, timestamp nominal, std::string why, schedule_fires& fires);
  void stall(schedule& row, const status& why, timestamp now, schedule_fires& fires);
  void note_fire(const schedule& row, std::optional<timestamp> look_at);
  std::optional<task> unfinished_task(const schedule& row);
  void cancel_unfinished(const schedule& row, timestamp now, std::vector<attempt_ref>& to_cancel);
  std::optional<status_or<insertion>> add_for(const schedule& row, timestamp now,
                                              std::vector<attempt_ref>& to_cancel);

  void note_clock_lag(const task& row);
  void write_counters();
  void roll_back();

  struct statements {
    explicit statements(sqlite_connection& connection);

    sqlite_statement begin, commit, rollback;
    sqlite_statement insert, insert_unique, insert_long_args, insert_tag;
    sqlite_statement upstream_task, put_awaited, link, put_waiting, after;
    sqlite_statement dependents, settle, waiting_count, stop_waiting, waiting_task;
    sqlite_statement unblock, waiting_tasks, pending_edges, settle_edge, delete_dependencies;
    sqlite_statement ready, ready_task, claim;
    sqlite_statement running_attempt, succeed, fail, call_off, record, forget, fail_again, postpone;
    sqlite_statement progress, log_end, log_line, delete_log;
    sqlite_statement record_lost, lose, lose_last, release, running;
    sqlite_statement whole_task, cancel, request_cancel, renew, kept_attempt;
    sqlite_statement delete_tag, delete_attempts, delete_long_args, delete_task, put_newest_deleted;
    sqlite_statement key_holder, take_key, drop_key;
    sqlite_statement ended, free_pages, pages, give_back;
    sqlite_statement due, promote, next_due, expired, next_expiry;
    sqlite_statement first_rank, lines, line, line_up, leave_line, stand_aside, aside, rejoin,
        put_turn;
    sqlite_statement find_reply, keep_reply, oldest_replies, forget_reply;
    sqlite_statement put_queue, drop_queue, queue_origin, queue_origins;
    sqlite_statement put_callback_url, put_callback_of;
    sqlite_statement put_counter, drop_counter, put_age, drop_age, put_tokens, put_clock_lag;
  };

  const sqlite_location location_;
  std::optional<lock_file> lock_;
  sqlite_connection connection_;
  checkpointer checkpointer_;
  statements sql_;
  schedule_statements schedule_sql_;
  lease_statements lease_sql_;
  queue_counters counters_;
  queue_ages ages_;
  queue_rules queues_;
  rate_buckets buckets_;
  group_counters groups_;
  running_time running_time_;
  fair_share shares_;
  int64_t turn_ = 0; ///< The newest turn of a line.
  /// Of the tasks without a group, by queue and rank, where groups are beside them.
  std::map<std::pair<std::string, int64_t>, int64_t> plain_turns_;
  id_source ids_;
  std::minstd_rand random_{std::random_device{}()}; ///< For jitter.
  secret_numbers secrets_;                          ///< For tokens.
  int64_t clock_lag_ms_ = 0;                        ///< As in the table; see migrations/.
  bool open_ = false;                               ///< Between begin() and commit().
  std::vector<task_fact> consequences_;             ///< Of the open transaction.
  std::optional<status> failure_;                   ///< The first of the open transaction.
};

} // namespace errand
