-- Version 1. States are the numbers of task_state (task/state.hpp): scheduled 1, waiting 2,
-- queued 3, running 4, retrying 5, succeeded 6, failed 7, cancelled 8. Times are microseconds
-- since 1970, UTC.

CREATE TABLE tasks(
  seq             INTEGER PRIMARY KEY, -- task_id::sequence(): order of acceptance
  tail            INTEGER NOT NULL,    -- task_id::tail(): the rest of the id
  state           INTEGER NOT NULL,
  queue           TEXT NOT NULL,
  priority        INTEGER NOT NULL,
  kind            TEXT NOT NULL,
  args            TEXT,                -- JSON; NULL: long, and so in long_args
  tags            TEXT,                -- JSON object; NULL: none
  traceparent     TEXT,
  timeout_us      INTEGER NOT NULL,
  delay_us        INTEGER NOT NULL,    -- as asked for
  asked_run_at_us INTEGER,             -- as asked for
  created_at_us   INTEGER NOT NULL,
  run_at_us       INTEGER NOT NULL,
  attempt         INTEGER NOT NULL,
  crashes         INTEGER NOT NULL,
  started_at_us   INTEGER,             -- of the last attempt, like worker
  worker          TEXT,
  finished_at_us  INTEGER,
  result          TEXT,                -- JSON
  error_type      TEXT,
  error_message   TEXT,
  error_attempt   INTEGER
) STRICT;

-- Every change of state writes the whole row; long arguments stay out of that.
CREATE TABLE long_args(
  seq  INTEGER PRIMARY KEY,
  args TEXT NOT NULL
) STRICT;

-- Every index on tasks ends in seq, its row id, by nature.
CREATE INDEX tasks_ready ON tasks(queue, priority DESC) WHERE state = 3;
CREATE INDEX tasks_due ON tasks(run_at_us) WHERE state IN (1, 5);

-- For lists, and for what is running when the store is opened.
CREATE INDEX tasks_by_state ON tasks(state);
CREATE INDEX tasks_by_queue ON tasks(queue);
CREATE INDEX tasks_by_kind ON tasks(kind);

CREATE TABLE task_tags(
  name  TEXT NOT NULL,
  value TEXT NOT NULL,
  seq   INTEGER NOT NULL,
  PRIMARY KEY (name, value, seq)
) STRICT, WITHOUT ROWID;

-- Attempts that ended while their task goes on. The last one is in the task's own row.
CREATE TABLE attempts(
  seq            INTEGER NOT NULL,
  number         INTEGER NOT NULL,
  started_at_us  INTEGER NOT NULL,
  finished_at_us INTEGER NOT NULL,
  worker         TEXT,
  outcome        TEXT NOT NULL,
  error_type     TEXT,
  error_message  TEXT,
  PRIMARY KEY (seq, number)
) STRICT, WITHOUT ROWID;

-- How many tasks each queue has in each state; written with them. No row means none.
CREATE TABLE counters(
  queue TEXT NOT NULL,
  state INTEGER NOT NULL,
  n     INTEGER NOT NULL,
  PRIMARY KEY (queue, state)
) STRICT, WITHOUT ROWID;

-- The one row: how far a task's seq was ever ahead of its created_at, because the clock was put
-- back. With it, created_at bounds seq on both sides.
CREATE TABLE clock_lag(ms INTEGER NOT NULL) STRICT;
INSERT INTO clock_lag VALUES (0);
