// The writer's SQL, all of it. {queued} and its kin stand for the numbers of states.
#include "store/sqlite_store.hpp"
#include "store/task_row.hpp"

namespace errand {

// What a row held is always read by a SELECT before its UPDATE: RETURNING, which would spare that,
// was measured to cost 3 us more per task, since SQLite copies what it returns to a table first.
sqlite_store::statements::statements(sqlite_connection& c)
    : begin(c, "BEGIN IMMEDIATE"),
      commit(c, "COMMIT"),
      rollback(c, "ROLLBACK"),
      insert(c,
             "INSERT INTO tasks(seq, tail, state, queue, priority, kind, args, tags, traceparent,"
             " timeout_us, delay_us, asked_run_at_us, created_at_us, run_at_us, attempt, crashes,"
             " max_attempts, max_crashes, retry, expires_at_us, group_name, on_dependency_failure,"
             " awaited, finished_at_us, cancel_reason)"
             " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      insert_unique(c, "UPDATE tasks SET unique_key = ?, unique_until = ?, unique_window_us = ?,"
                       " unique_conflict = ?, holds_key = ? WHERE seq = ?"),
      insert_long_args(c, "INSERT INTO long_args(seq, args) VALUES (?, ?)"),
      insert_tag(c, "INSERT INTO task_tags(name, value, seq) VALUES (?, ?, ?)"),
      upstream_task(c, "SELECT tail, state, awaited FROM tasks WHERE seq = ?"),
      put_awaited(c, "UPDATE tasks SET awaited = 1 WHERE seq = ? AND awaited = 0"),
      link(c, "INSERT INTO dependencies(upstream, downstream, tail, pending) VALUES (?, ?, ?, ?)"),
      put_waiting(c, "INSERT INTO waiting(seq, n) VALUES (?, ?)"
                     " ON CONFLICT DO UPDATE SET n = excluded.n"),
      after(c, select_after),
      dependents(c, "SELECT downstream FROM dependencies WHERE upstream = ? AND pending = 1"),
      settle(c, "UPDATE dependencies SET pending = 0 WHERE upstream = ? AND pending = 1"),
      waiting_count(c, "SELECT n FROM waiting WHERE seq = ?"),
      stop_waiting(c, "DELETE FROM waiting WHERE seq = ?"),
      waiting_task(c, "SELECT tail, kind, queue, run_at_us, on_dependency_failure, attempt,"
                      " group_name, priority, callback_url IS NOT NULL FROM tasks"
                      " WHERE seq = ? AND state = {waiting}"),
      unblock(c, "UPDATE tasks SET state = ?, run_at_us = ? WHERE seq = ?"),
      waiting_tasks(c, "SELECT seq FROM tasks INDEXED BY tasks_by_state"
                       " WHERE state = {waiting} AND seq >= ? ORDER BY seq LIMIT ?"),
      pending_edges(c, "SELECT d.upstream, t.state FROM dependencies AS d"
                       " INDEXED BY dependencies_by_downstream LEFT JOIN tasks AS t"
                       " ON t.seq = d.upstream WHERE d.downstream = ? AND d.pending = 1"),
      settle_edge(c, "UPDATE dependencies SET pending = 0 WHERE upstream = ? AND downstream = ?"),
      delete_dependencies(c, "DELETE FROM dependencies WHERE downstream = ?"),
      ready(c, "SELECT seq, priority FROM tasks INDEXED BY tasks_ready"
               " WHERE state = {queued} AND queue = ? AND kind = ? AND group_name IS NULL"
               " ORDER BY priority DESC, seq LIMIT ? OFFSET ?"),
      ready_task(c, "SELECT tail, attempt, kind, queue,"
                    " coalesce(args, (SELECT args FROM long_args WHERE long_args.seq = tasks.seq)),"
                    " timeout_us, crashes, traceparent, unique_until, expires_at_us, run_at_us"
                    " FROM tasks WHERE seq = ? AND state = {queued}"),
      claim(c, "UPDATE tasks SET state = ?, attempt = ?, started_at_us = ?, worker = ?,"
               " progress = NULL, progress_message = NULL WHERE seq = ?"),
      running_attempt(c, "SELECT kind, queue, crashes, max_crashes, failures, max_attempts, retry,"
                         " cancel_requested, unique_until, holds_key, expires_at_us, awaited,"
                         " group_name, priority, run_at_us, callback_url IS NOT NULL, timeout_us"
                         " FROM tasks"
                         " WHERE seq = ? AND tail = ? AND state = {running} AND attempt = ?"),
      succeed(c, "UPDATE tasks SET state = ?, finished_at_us = ?, started_at_us = ?, worker = ?,"
                 " result = ? WHERE seq = ?"),
      fail(c, "UPDATE tasks SET state = ?, finished_at_us = ?, started_at_us = ?, worker = ?,"
              " failures = failures + 1, error_type = ?, error_message = ?,"
              " error_attempt = attempt WHERE seq = ?"),
      // A client that asked first is who cancelled it.
      call_off(c, "UPDATE tasks SET state = ?, finished_at_us = ?, started_at_us = ?, worker = ?,"
                  " cancel_reason = iif(cancel_requested, cancel_reason, ?),"
                  " error_type = ?, error_message = ?, error_attempt = attempt WHERE seq = ?"),
      record(c, "INSERT INTO attempts(seq, number, started_at_us, finished_at_us, worker,"
                " outcome, error_type, error_message, next_run_at_us)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      forget(c, "DELETE FROM attempts WHERE seq = ? AND number <= ?"),
      fail_again(c, "UPDATE tasks SET state = ?, run_at_us = ?, started_at_us = ?, worker = ?,"
                    " failures = failures + 1, error_type = ?, error_message = ?,"
                    " error_attempt = attempt WHERE seq = ?"),
      postpone(c, "UPDATE tasks SET state = ?, run_at_us = ?, started_at_us = ?, worker = ?"
                  " WHERE seq = ?"),
      progress(c, "UPDATE tasks SET progress = ?, progress_message = ? WHERE seq = ?"),
      log_end(c, "SELECT n, bytes FROM task_log WHERE seq = ? ORDER BY n DESC LIMIT 1"),
      log_line(c, "INSERT INTO task_log(seq, n, at_us, attempt, line, bytes)"
                  " VALUES (?, ?, ?, ?, ?, ?)"),
      delete_log(c, "DELETE FROM task_log WHERE seq = ?"),
      record_lost(c, "INSERT INTO attempts(seq, number, started_at_us, finished_at_us, worker,"
                     " outcome, error_type, error_message)"
                     " SELECT seq, attempt, started_at_us, ?, worker, 'lost', ?, ?"
                     " FROM tasks WHERE seq = ?"),
      lose(c, "UPDATE tasks SET state = ?, finished_at_us = ?, crashes = crashes + 1"
              " WHERE seq = ?"),
      lose_last(c, "UPDATE tasks SET state = ?, crashes = crashes + 1, finished_at_us = ?,"
                   " error_type = ?, error_message = ?, error_attempt = attempt WHERE seq = ?"),
      release(c, "UPDATE tasks SET state = ?, finished_at_us = ?, attempt = attempt - 1,"
                 " progress = NULL, progress_message = NULL,"
                 " (started_at_us, worker) = (SELECT a.started_at_us, a.worker FROM attempts AS a"
                 " WHERE a.seq = tasks.seq AND a.number = tasks.attempt - 1) WHERE seq = ?"),
      running(c, "SELECT seq, tail, attempt FROM tasks INDEXED BY tasks_by_state"
                 " WHERE state = {running} AND seq NOT IN (SELECT seq FROM leases) ORDER BY seq"),
      whole_task(c, std::string("SELECT ") + task_columns + " FROM tasks WHERE seq = ?"),
      cancel(c, "UPDATE tasks SET state = ?, finished_at_us = ?, cancel_reason = ?,"
                " cancel_requested = ?, holds_key = iif(unique_until = 3, holds_key, NULL)"
                " WHERE seq = ?"), // 3: a window, which goes on

      // Why it is cancelled once its attempt has ended, unless that succeeds.
      request_cancel(c, "UPDATE tasks SET cancel_requested = 1, cancel_reason = ? WHERE seq = ?"),
      renew(c, "UPDATE tasks SET state = ?, run_at_us = ?, failures = 0, crashes = 0,"
               " cancel_requested = 0, cancel_reason = NULL, finished_at_us = NULL, result = NULL,"
               " progress = NULL, progress_message = NULL, error_type = NULL, error_message = NULL,"
               " error_attempt = NULL,"
               " expires_at_us = iif(expires_at_us > ?, expires_at_us, NULL) WHERE seq = ?"),
      kept_attempt(c, "SELECT 1 FROM attempts WHERE seq = ? AND number = ?"),
      delete_tag(c, "DELETE FROM task_tags WHERE name = ? AND value = ? AND seq = ?"),
      delete_attempts(c, "DELETE FROM attempts WHERE seq = ?"),
      delete_long_args(c, "DELETE FROM long_args WHERE seq = ?"),
      delete_task(c, "DELETE FROM tasks WHERE seq = ?"),
      put_newest_deleted(c, "UPDATE newest_deleted SET seq = max(seq, ?)"),
      key_holder(c, std::string("SELECT ") + task_columns
                        + " FROM tasks INDEXED BY tasks_unique"
                          " WHERE unique_key = ? AND holds_key = 1"),
      take_key(c, "UPDATE tasks SET holds_key = 1 WHERE seq = ?"),
      drop_key(c, "UPDATE tasks SET holds_key = NULL WHERE seq = ?"),
      // What somebody still needs is left out here: a key that is held for a window, what a task
      // that has not ended comes after, and what a callback has still to tell of.
      ended(c, "SELECT seq, finished_at_us, queue, tags, kind FROM tasks INDEXED BY tasks_by_state"
               " WHERE state = ? AND seq > ? AND seq < ?"
               " AND (holds_key IS NULL OR created_at_us + unique_window_us <= ?)"
               " AND NOT (awaited AND EXISTS (SELECT 1 FROM dependencies AS d"
               " JOIN tasks AS t ON t.seq = d.downstream WHERE d.upstream = tasks.seq"
               " AND t.state NOT IN ({succeeded}, {failed}, {cancelled})))"
               " AND NOT (callback_url IS NOT NULL AND EXISTS (SELECT 1 FROM tasks AS c"
               " INDEXED BY tasks_callbacks WHERE c.callback_of = tasks.seq"
               " AND c.state NOT IN ({succeeded}, {failed}, {cancelled})))"
               " ORDER BY seq LIMIT ?"),
      free_pages(c, "PRAGMA freelist_count"),
      pages(c, "PRAGMA page_count"),
      give_back(c, "PRAGMA incremental_vacuum(32)"),
      due(c, "SELECT seq, tail, state, attempt, kind, queue, group_name, priority,"
             " run_at_us FROM tasks INDEXED BY tasks_due"
             " WHERE state IN ({scheduled}, {retrying}) AND run_at_us <= ?"
             " ORDER BY run_at_us, seq LIMIT ?"),
      promote(c, "UPDATE tasks SET state = ? WHERE seq = ?"),
      next_due(c, "SELECT run_at_us FROM tasks INDEXED BY tasks_due"
                  " WHERE state IN ({scheduled}, {retrying}) ORDER BY run_at_us LIMIT 1"),
      expired(c, std::string("SELECT ") + task_columns
                     + " FROM tasks INDEXED BY tasks_expiring"
                       " WHERE expires_at_us IS NOT NULL AND expires_at_us <= ?"
                       " AND state IN ({scheduled}, {waiting}, {queued}, {retrying})"
                       " ORDER BY expires_at_us LIMIT ?"),
      next_expiry(c, "SELECT expires_at_us FROM tasks INDEXED BY tasks_expiring"
                     " WHERE expires_at_us IS NOT NULL"
                     " AND state IN ({scheduled}, {waiting}, {queued}, {retrying})"
                     " ORDER BY expires_at_us LIMIT 1"),
      first_rank(c, "SELECT rank FROM lines INDEXED BY lines_in_turn"
                    " WHERE queue = ? AND kind = ? AND rank >= ? AND turn IS NOT NULL"
                    " ORDER BY rank LIMIT 1"),
      lines(c, "SELECT turn, group_name FROM lines INDEXED BY lines_in_turn"
               " WHERE queue = ? AND kind = ? AND rank = ? AND turn > ? AND turn IS NOT NULL"
               " ORDER BY turn LIMIT ?"),
      line(c, "SELECT seq FROM tasks INDEXED BY tasks_ready"
              " WHERE state = {queued} AND queue = ? AND kind = ? AND group_name = ?"
              " AND priority = ? AND seq > ? ORDER BY seq LIMIT ?"),
      line_up(c, "INSERT INTO lines(queue, group_name, kind, rank, turn) VALUES (?, ?, ?, ?, ?)"
                 " ON CONFLICT DO NOTHING"),
      leave_line(c, "DELETE FROM lines"
                    " WHERE queue = ?1 AND group_name = ?2 AND kind = ?3 AND rank = ?4"
                    " AND NOT EXISTS (SELECT 1 FROM tasks INDEXED BY tasks_ready"
                    " WHERE state = {queued} AND queue = ?1 AND kind = ?3 AND group_name = ?2"
                    " AND priority = -?4)"),
      stand_aside(c, "UPDATE lines SET turn = NULL WHERE queue = ? AND group_name = ?"),
      aside(c, "SELECT DISTINCT group_name FROM lines WHERE queue = ? AND turn IS NULL"),
      rejoin(c, "UPDATE lines SET turn = ? WHERE queue = ? AND group_name = ? AND turn IS NULL"),
      put_turn(c, "UPDATE lines SET turn = ? WHERE queue = ? AND group_name = ? AND rank = ?"
                  " AND turn IS NOT NULL"),
      find_reply(c, "SELECT fingerprint, status, content_type, headers, body FROM kept_replies"
                    " WHERE key = ? AND kept_at_us > ?"),
      keep_reply(c, "INSERT OR REPLACE INTO kept_replies(kept_at_us, key, fingerprint, status,"
                    " content_type, headers, body) VALUES (?, ?, ?, ?, ?, ?, ?)"),
      oldest_replies(c, "SELECT seq, kept_at_us FROM kept_replies ORDER BY seq LIMIT ?"),
      forget_reply(c, "DELETE FROM kept_replies WHERE seq = ?"),
      // Another rate begins with a full bucket.
      put_queue(c,
                "INSERT INTO queues(name, concurrency, group_concurrency, rate_limit, rate_per_us,"
                " weight, paused, paused_until_us, preset) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET concurrency = excluded.concurrency,"
                " group_concurrency = excluded.group_concurrency,"
                " tokens = iif(rate_limit IS excluded.rate_limit"
                " AND rate_per_us IS excluded.rate_per_us, tokens, NULL),"
                " rate_limit = excluded.rate_limit, rate_per_us = excluded.rate_per_us,"
                " weight = excluded.weight, paused = excluded.paused,"
                " paused_until_us = excluded.paused_until_us, preset = excluded.preset"),
      drop_queue(c, "DELETE FROM queues WHERE name = ?"),
      queue_origin(c, "SELECT preset FROM queues WHERE name = ?"),
      queue_origins(c, "SELECT name, preset FROM queues"),
      put_callback_url(c, "UPDATE tasks SET callback_url = ? WHERE seq = ?"),
      put_callback_of(c, "UPDATE tasks SET callback_of = ? WHERE seq = ?"),
      put_counter(c, "INSERT INTO counters(queue, kind, state, n) VALUES (?, ?, ?, ?)"
                     " ON CONFLICT DO UPDATE SET n = excluded.n"),
      drop_counter(c, "DELETE FROM counters WHERE queue = ? AND kind = ? AND state = ?"),
      put_age(c, "INSERT INTO queue_ages(queue, tenth, n) VALUES (?, ?, ?)"
                 " ON CONFLICT DO UPDATE SET n = n + excluded.n"),
      drop_age(c, "DELETE FROM queue_ages WHERE queue = ? AND tenth = ? AND n = 0"),
      put_tokens(c, "UPDATE queues SET tokens = ?, tokens_at_us = ? WHERE name = ?"),
      put_clock_lag(c, "UPDATE clock_lag SET ms = ?") {}

} // namespace errand
